//! From flags to requests: the URLs with their changes, and the policy for each.

use std::borrow::Cow;

use crate::error::listed;
use crate::url::{percent, signing_parameters};
use crate::{Error, Policy, Result, SignedUrl, Timestamp, UnsignedUrl};

use super::args::{ChangeFlags, ConditionFlags, UrlFlags};
use super::content_disposition;
use super::misplaced;
use super::source::Source;
use super::warnings::Warnings;
use super::words;

mod policy_spec;

pub use policy_spec::{PolicySpec, no_expiry_to_keep, not_covered};

/// The most bytes of URLs that `cfsign url -` reads; longer lists are for `cfsign batch`.
const MOST_URLS: u64 = 16 << 20;

/// A URL and the policy to sign for it.
pub struct Request {
    pub url: UnsignedUrl,
    pub policy: Policy,
}

impl UrlFlags {
    /// The URL argument, for [`check_required`].
    ///
    /// # Errors
    /// One of the URLs is a file or another word in the wrong place.
    pub fn required(&self) -> Result<Required> {
        let mut urls = self.urls.iter();
        match urls.find_map(|url| misplaced::instead_of_url(url)) {
            Some(error) => Err(error),
            None => Ok(("URL", !self.urls.is_empty() || self.url.is_some())),
        }
    }

    /// Standard input, if URLs are read from it.
    pub fn stdin(&self) -> Option<&'static Source> {
        let is_read = self.urls.iter().any(|url| url == "-");
        is_read.then_some(&Source::Stdin)
    }

    /// The URLs as given: those of `-` are the lines of standard input, without empty ones.
    fn texts(&self) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for url in self.urls.iter().chain(&self.url) {
            if url != "-" {
                texts.push(url.clone());
                continue;
            }
            let bytes = Source::Stdin.read_no_key(MOST_URLS, "URLs")?;
            let text = Source::Stdin.decode(&bytes)?;
            let lines = text.lines().filter(|line| !line.is_empty());
            texts.extend(lines.map(str::to_owned));
        }
        Ok(texts)
    }

    /// One request for each URL to sign. With `as_patterns`, a wildcard in a URL is no error.
    pub fn requests(
        &self,
        now: Timestamp,
        as_patterns: bool,
        warnings: &mut Warnings,
    ) -> Result<Vec<Request>> {
        let mut spec = PolicySpec::new(&self.conditions, self.changes.stream, now)?;
        spec.url_may_be_pattern = as_patterns;
        let mut requests = Vec::new();
        let texts = self.texts()?;
        for text in &texts {
            let changed = self.changes.apply(text, None);
            let changed = changed.map_err(|e| misplaced::instead_of_url(text).unwrap_or(e))?;
            let policy = spec.policy(&changed)?;
            let url = changed.url;
            warnings.check_url(&url);
            warnings.check_url_policy(&policy, now);
            requests.push(Request { url, policy });
        }
        Ok(requests)
    }
}

/// A URL with every change that precedes signing.
pub struct ChangedUrl {
    pub url: UnsignedUrl,
    /// The URL with the signature that `--resign` replaces.
    pub old: Option<SignedUrl>,
}

impl ChangeFlags {
    /// Applies the flags to a URL; `attachment` replaces the value of `--download-as`.
    pub fn apply(&self, text: &str, attachment: Option<&str>) -> Result<ChangedUrl> {
        if text.ends_with(['\r', '\n']) {
            // A line ending is refused: --encode would make it a part of the URL.
            UnsignedUrl::parse(text)?;
        }
        let mut text = Cow::Borrowed(text);
        if self.encode {
            text = percent::encode(&text).into();
        }
        let mut old = None;
        if self.resign {
            if !self.stream {
                old = Some(SignedUrl::parse(&text)?);
            }
            text = signing_parameters::strip(&text).into();
        }
        let mut url = if self.stream {
            UnsignedUrl::stream(&text)
        } else {
            UnsignedUrl::parse(&text)
        }?;
        for (name, value) in &self.query {
            url = url.with_own_parameter(name, value)?;
        }
        if let Some(attachment) = attachment.or(self.download_as.as_deref()) {
            let name = content_disposition::PARAMETER;
            if url.has_parameter(name) {
                let message = format!("the URL already has the query parameter \"{name}\"");
                return Err(Error::new(message).with_hint("remove it, or leave out --download-as"));
            }
            url = url.with_own_parameter(name, attachment)?;
        }
        Ok(ChangedUrl { url, old })
    }
}

/// Parses the value of `--base-url`.
pub fn base_url(text: &str) -> Result<UnsignedUrl> {
    UnsignedUrl::parse(text).map_err(|e| {
        let first_segment = text.split('/').next().unwrap_or_default();
        if text.contains("://") || text.starts_with('$') || !first_segment.contains('.') {
            return e;
        }
        e.with_hint(format!("use --base-url https://{text}"))
    })
}

/// The name of a flag or argument that a command needs, and whether it is given.
pub type Required = (&'static str, bool);

/// The next step where nothing else is missing.
const HINTS: &str = "\
URL -> cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...; - reads URLs from stdin
RESOURCE -> cfsign cookies 'https://cdn.example.com/videos/*' ..., or --policy FILE
FILE -> cfsign playlist a.m3u8 ...
--base-url -> use --base-url https://d111111abcdef8.cloudfront.net/videos/, \
the URL of the playlist or its folder
--key-pair-id -> use -k K2JCJMDEHXQW5F, or set CFSIGN_KEY_PAIR_ID; \
aws cloudfront list-public-keys shows the IDs
--private-key -> use -p cf.pem, or set CFSIGN_PRIVATE_KEY; cfsign key generate creates a key pair
--expires -> use --expires 1h, --expires 2027-01-31, or --policy FILE for a custom policy";

/// Reports everything that is missing in one error; `example` is a complete command line.
pub fn check_required(required: &[Required], example: &str) -> Result<()> {
    let missing = required.iter().filter(|(_, given)| !given);
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    let hint = match missing.as_slice() {
        [] => return Ok(()),
        [only] => words::meanings(HINTS, &[only]).next().unwrap_or(example),
        _ => example,
    };
    Err(Error::new(format!("missing {}", listed(&missing))).with_hint(hint))
}

impl ConditionFlags {
    /// The expiry, unless it is `optional`.
    pub fn required(&self, optional: bool) -> Required {
        let given = self.expires.is_some() || self.expires_in.is_some() || self.policy.is_some();
        ("--expires", given || optional)
    }
}
