//! Warnings: what worked but is probably a mistake.

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

/// The domains of S3 and other AWS services that CloudFront fetches files from.
const ORIGINS: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// Something that worked but is probably a mistake.
#[derive(Debug)]
pub struct Warning {
    /// The same for all warnings of a kind.
    pub kind: &'static str,
    pub text: String,
}

/// The warnings of a run, each once. They are reported when everything else has succeeded.
#[derive(Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Reports the warnings, unless `--quiet`; with `--strict` they are errors.
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
        if policy.as_str().starts_with(r#"{"Statement":{"#) {
            self.add(
                "statement",
                "the Statement of the policy is not in a list, which is not documented to work"
                    .into(),
            );
        }
    }

    /// Checks the policy of a URL, not of cookies.
    pub fn look_at_url_policy(&mut self, policy: &Policy, now: Timestamp) {
        self.look_at_policy(policy, now);
        self.look_at_url_scheme(policy.resource());
    }

    /// Checks that the resource of a URL's policy does not begin like one of cookies.
    pub fn look_at_url_scheme(&mut self, resource: Option<&Resource>) {
        if let Some(resource) = resource.filter(|resource| resource.as_str().starts_with("http*:"))
        {
            let shown = signing_parameters::shown(resource.as_str());
            let message = format!(
                "CloudFront may not accept the resource {shown}: http*:// is for cookies; use http://, https:// or *://"
            );
            self.add("scheme", message);
        }
    }

    pub fn look_at_conditions(&mut self, conditions: &Conditions, now: Timestamp) {
        let expires = conditions.expires;
        if expires <= now {
            let elapsed = if expires == now {
                "just now".into()
            } else {
                expires.relative_to(now)
            };
            let is_today = expires.unix() % 86_400 == 0 && now.unix() - expires.unix() < 86_400;
            let reason = if is_today {
                "a date is the start of the day in UTC"
            } else {
                "CloudFront will answer 403"
            };
            self.add(
                "expiry",
                format!("the expiry {expires} is in the past ({elapsed}): {reason}"),
            );
        } else if now.plus(YEAR).is_ok_and(|in_a_year| expires > in_a_year) {
            self.add(
                "lifetime",
                format!(
                    "the expiry {expires} is more than a year away (in {} days), and a signature can only be revoked by removing the key",
                    (expires.unix() - now.unix()) / 86_400
                ),
            );
        }
        if let Some(ip) = conditions.ip.filter(IpRange::is_private) {
            self.add(
                "address",
                format!("{ip} is a private address range, but CloudFront sees the public address of a client"),
            );
        }
    }

    pub fn look_at_resource(&mut self, resource: Option<&Resource>) {
        match resource {
            None => self.add(
                "resource",
                "the policy has no resource, so it covers every file of every distribution that trusts the key".into(),
            ),
            Some(resource) if resource.covers_any_host() => self.add(
                "resource",
                format!("the resource {resource} covers files of every distribution that trusts the key"),
            ),
            Some(_) => {}
        }
    }

    /// Checks the URL of a file before it is signed.
    pub fn look_at_url(&mut self, url: &UnsignedUrl) {
        let text = url.as_str();
        let shown = || signing_parameters::shown(text);
        let scheme = text.get(..7).unwrap_or_default();
        if scheme.eq_ignore_ascii_case("http://") {
            let message = format!(
                "{} is http, so others can read and use the signature",
                shown()
            );
            self.add("http", message);
        }
        if percent::has_bare_percent(text) {
            let message = format!(
                "{} has a % without two hexadecimal digits; --encode writes %25",
                shown()
            );
            self.add("percent", message);
        }
        if text.contains('&') && !text.contains('?') {
            let message = format!("{} has a & but no ?, so it has no query", shown());
            self.add("ampersand", message);
        }
        if let Some(host) = url.host() {
            self.look_at_host(host);
        }
    }

    /// Checks that a host is not that of an origin.
    pub fn look_at_host(&mut self, host: &str) {
        let is_origin = ORIGINS.iter().any(|origin| {
            let start = host.len().checked_sub(origin.len());
            let end = start.and_then(|start| host.get(start..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(origin))
        });
        if is_origin {
            let message = format!(
                "{} is a host of S3 or another AWS service, which ignores CloudFront signatures",
                quoted(host)
            );
            self.add("origin", message);
        }
    }

    /// Checks a path that `--encode` encodes, which is usually the name of a file.
    pub fn look_at_path(&mut self, path: &str) {
        if path.contains('?') {
            let shown = signing_parameters::shown(path);
            let message =
                format!("{shown} has a ?, which starts a query; in a file name it is written %3F");
            self.add("query", message);
        }
    }

    pub fn look_at_length(&mut self, signed_url: &SignedUrl) {
        let length = signed_url.as_str().len();
        if length > SignedUrl::LONGEST {
            let shown = signing_parameters::shown(signed_url.as_str());
            self.add(
                "length",
                format!(
                    "{shown} has {length} bytes; CloudFront accepts {}",
                    SignedUrl::LONGEST
                ),
            );
        }
    }

    pub fn look_at_signed_url(&mut self, url: &UnsignedUrl, signed_url: &SignedUrl) {
        let shown = || signing_parameters::shown(signed_url.as_str());
        self.look_at_length(signed_url);
        self.look_at_normalization(url, shown);
    }

    /// Checks that clients request the URL as it is.
    fn look_at_normalization(&mut self, url: &UnsignedUrl, shown: impl Fn() -> String) {
        let changes = url.client_normalization();
        if !changes.is_empty() {
            let message = format!(
                "most clients change {}, and the signature will not match: they {}",
                shown(),
                changes.join(", and ")
            );
            self.add("normalization", message);
        }
    }

    /// Checks a URL for `--escape`, which does not encode `%`: a page that decodes the result once gets another URL.
    pub fn look_at_escaped(&mut self, url: &UnsignedUrl) {
        let shown = signing_parameters::shown(url.as_str());
        let message = format!(
            "{shown} contains %XX: --escape does not encode %, so a page that decodes the result gets another URL"
        );
        self.add("escape", message);
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
                format!("{source} contains an {key_type} key, but CloudFront accepts RSA 2048 and ECDSA P-256 only"),
            );
        }
    }

    /// Without a public key to check with, the text of the command is all there is to go by.
    pub fn look_at_sign_command(&mut self, command: &SignCommand, hash: HashAlgorithm) {
        if let Some(named) = command.named_hash().filter(|named| *named != hash) {
            self.add("sign command", format!(
                "the sign command seems to use {}, but its signatures will be sent as {}; add --hash {}",
                named.name(), hash.name(), named.to_string().to_lowercase()
            ));
        }
    }

    pub fn look_at_key_file(&mut self, source: &Source) {
        if source.others_may_read() {
            self.add(
                "key file",
                format!("{source} can be read by other users of this machine; run chmod 600"),
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
#[derive(Debug, Default)]
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

    pub fn report(self, terminal: &Terminal) {
        for (line, Warning { text, .. }, more) in self.0 {
            let more = match more {
                0 => String::new(),
                1 => " (and one more row like it)".into(),
                more => format!(" (and {more} more rows like it)"),
            };
            terminal.warn(&format!("line {line}: {text}{more}"));
        }
    }
}
