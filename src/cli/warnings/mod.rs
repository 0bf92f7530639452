//! Warnings: what worked and is probably wrong.

use std::time::Duration;

use crate::url::{percent, signing_parameters};
use crate::{
    Conditions, HashAlgorithm, IpRange, KeyPairId, KeyType, Policy, Resource, SignCommand,
    SignedUrl, Timestamp, UnsignedUrl, quoted,
};

use super::global::GlobalFlags;
use super::report::{StrictWarnings, Terminal};
use super::source::Source;

mod cookies;
mod playlist;

/// What the names of S3's hosts end in, and those of other services that CloudFront fetches files from.
const ORIGINS: &[u8] = b".amazonaws.com";

const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// Something that worked and is probably wrong.
pub struct Warning {
    /// What it is about, the same for all warnings of its kind.
    pub kind: &'static str,
    pub text: String,
}

/// The warnings of a run, each once, held back until everything has been made.
#[derive(Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Says the warnings, unless `--quiet`; under `--strict` they end the run instead.
    pub fn settle(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        if global.strict && !self.0.is_empty() {
            return Err(
                StrictWarnings(self.0.into_iter().map(|warning| warning.text).collect()).into(),
            );
        }
        if !global.quiet {
            self.0
                .iter()
                .for_each(|warning| terminal.warn(&warning.text));
        }
        Ok(())
    }

    /// Adds those of `other`.
    pub fn extend(&mut self, other: &Warnings) {
        for Warning { kind, text } in &other.0 {
            self.add(kind, text.clone());
        }
    }

    fn add(&mut self, kind: &'static str, text: String) {
        if !self.0.iter().any(|known| known.text == text) {
            self.0.push(Warning { kind, text });
        }
    }

    pub fn look_at_policy(&mut self, policy: &Policy, now: Timestamp) {
        self.look_at_conditions(&policy.conditions(), now);
        self.look_at_resource(policy.resource());
    }

    pub fn look_at_conditions(&mut self, conditions: &Conditions, now: Timestamp) {
        let expires = conditions.expires;
        if expires <= now {
            self.add(
                "end",
                format!(
                    "the end {expires} has passed ({}), so CloudFront will answer 403",
                    expires.relative_to(now)
                ),
            );
        } else if now.plus(YEAR).is_ok_and(|in_a_year| expires > in_a_year) {
            self.add(
                "lifetime",
                format!(
                    "the end {expires} is over a year away ({}), and a signature cannot be taken back",
                    expires.relative_to(now)
                ),
            );
        }
        if let Some(ip) = conditions.ip.filter(IpRange::is_private) {
            self.add(
                "address",
                format!("{ip} is a range of a private network, and CloudFront sees the public address of a client"),
            );
        }
    }

    pub fn look_at_resource(&mut self, resource: Option<&Resource>) {
        match resource.map(Resource::as_str) {
            None => self.add(
                "resource",
                "the policy has no resource, so it opens every file of every distribution that trusts the key".into(),
            ),
            Some(pattern) if ["*", "**", "*://*", "http*://*"].contains(&pattern) => {
                self.add(
                    "resource",
                    format!("the resource {pattern} opens every file of every distribution that trusts the key"),
                );
            }
            Some(_) => {}
        }
    }

    pub fn look_at_url(&mut self, url: &UnsignedUrl) {
        let insecure = url
            .as_str()
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("http://"));
        if insecure {
            self.add(
                "http",
                format!(
                    "{} is http, so the signature can be read on its way and used by others",
                    signing_parameters::shown(url.as_str())
                ),
            );
        }
        self.look_at_file(url);
    }

    /// What is odd about the URL of a file, before it is signed.
    fn look_at_file(&mut self, url: &UnsignedUrl) {
        let shown = || signing_parameters::shown(url.as_str());
        if percent::has_bare_percent(url.as_str()) {
            self.add(
                "percent",
                format!(
                    "{} has a % that begins no %XX; --encode writes it as %25",
                    shown()
                ),
            );
        }
        let is_origin = |host: &&str| {
            host.len()
                .checked_sub(ORIGINS.len())
                .is_some_and(|end| host.as_bytes()[end..].eq_ignore_ascii_case(ORIGINS))
        };
        if let Some(host) = url.host().filter(is_origin) {
            self.add(
                "origin",
                format!(
                    "{} is a host of S3 or another AWS service, where CloudFront's signatures open nothing",
                    quoted(host)
                ),
            );
        }
    }

    /// A path that is to be encoded is mostly the name of a file.
    pub fn look_at_path(&mut self, path: &str) {
        if path.contains('?') {
            self.add(
                "query",
                format!(
                    "{} has a ?, which begins a query; in a file's name it is written %3F",
                    signing_parameters::shown(path)
                ),
            );
        }
    }

    pub fn look_at_length(&mut self, signed_url: &SignedUrl) {
        let length = signed_url.as_str().len();
        if length > SignedUrl::LONGEST {
            let shown = signing_parameters::shown(signed_url.as_str());
            self.add(
                "length",
                format!(
                    "{shown} has {length} bytes, and CloudFront takes {}",
                    SignedUrl::LONGEST
                ),
            );
        }
    }

    pub fn look_at_signed_url(&mut self, url: &UnsignedUrl, signed_url: &SignedUrl) {
        let shown = || signing_parameters::shown(signed_url.as_str());
        self.look_at_length(signed_url);
        if let Some(change) = url.changed_by_clients() {
            self.add(
                "changed by clients",
                format!(
                    "most clients change {} before they ask for it: {change}",
                    shown()
                ),
            );
        }
        if url.as_str().contains('*') {
            self.add(
                "pattern",
                format!(
                    "{} holds *, so what was signed is a pattern; --resource is the place for one",
                    shown()
                ),
            );
        }
    }

    /// `--escape` leaves `%` as it is, so that the escapes of the URL itself are taken for its own.
    pub fn look_at_escaped(&mut self, url: &UnsignedUrl) {
        let shown = signing_parameters::shown(url.as_str());
        let reason = "decoded once, it is another URL than the one signed";
        self.add(
            "escape",
            format!("{shown} has a %XX of its own, which --escape leaves: {reason}"),
        );
    }

    pub fn look_at_key_pair_id(&mut self, id: &KeyPairId) {
        if let Some(oddity) = id.oddity() {
            self.add(
                "key pair ID",
                format!("the key pair ID {} {oddity}", quoted(id.as_str())),
            );
        }
    }

    pub fn look_at_key_type(&mut self, source: &Source, key_type: KeyType) {
        if !key_type.accepted_by_cloudfront() {
            self.add(
                "key type",
                format!("{source} holds an {key_type} key, and CloudFront takes RSA 2048 and ECDSA P-256 only"),
            );
        }
    }

    /// Without a public key to check with, the text of the command is all there is to go by.
    pub fn look_at_sign_command(&mut self, command: &SignCommand, hash: HashAlgorithm) {
        if let Some(named) = command.named_hash().filter(|named| *named != hash) {
            self.add("sign command", format!(
                "the sign command names {named}, and its signatures are taken for {hash}; --hash {} takes them for what they are",
                named.to_string().to_lowercase()
            ));
        }
    }

    pub fn look_at_key_file(&mut self, source: &Source) {
        if source.others_may_read() {
            self.add(
                "key file",
                format!("{source} can be read by other users of this machine; chmod 600 keeps it to its owner"),
            );
        }
    }
}

impl IntoIterator for Warnings {
    type Item = Warning;
    type IntoIter = std::vec::IntoIter<Warning>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Warnings about rows: the first of each kind with its line, and how many more there were.
#[derive(Default)]
pub struct Repeated(Vec<(u64, Warning, u64)>);

impl Repeated {
    pub fn add(&mut self, line: u64, warning: Warning) {
        self.merge(Repeated(vec![(line, warning, 0)]));
    }

    /// Adds those of later rows.
    pub fn merge(&mut self, later: Repeated) {
        for (line, warning, more) in later.0 {
            match self
                .0
                .iter_mut()
                .find(|(_, known, _)| known.kind == warning.kind)
            {
                Some((_, _, count)) => *count += more + 1,
                None => self.0.push((line, warning, more)),
            }
        }
    }
}

impl IntoIterator for Repeated {
    type Item = (u64, Warning, u64);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
