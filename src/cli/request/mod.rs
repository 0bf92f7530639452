//! From flags to requests: the URLs with their changes, and the policy for each.

use std::borrow::Cow;

use crate::url::{percent, signing_parameters};
use crate::{Error, ErrorKind, Policy, Result, SignedUrl, Timestamp, UnsignedUrl};

use super::args::{ChangeFlags, UrlFlags};
use super::content_disposition;
use super::misplaced;
use super::shell;
use super::source::Source;
use super::warnings::Warnings;

mod missing;
mod policy_spec;

pub use missing::{Required, all_given, missing};
pub use policy_spec::{PolicySpec, no_expiry_to_keep, not_covered};

/// The most bytes of URLs that `cfsign url -` reads; longer lists are for `cfsign batch`.
const MOST_URLS: u64 = 16 << 20;

/// A URL and the policy to sign for it.
pub struct Request {
    pub url: UnsignedUrl,
    pub policy: Policy,
}

impl UrlFlags {
    /// The URL argument, and whether it is given.
    ///
    /// # Errors
    /// A file or another word in the place of a URL.
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
            let text = Source::Stdin.read_no_key(MOST_URLS, "URLs")?;
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
            let own = changed.url.resource();
            let policy = spec.policy(&own, own.as_str(), changed.old.as_ref())?;
            let url = changed.url;
            warnings.about_url(&url);
            warnings.about_url_policy(&policy, now);
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
        let e = e.context("is invalid:");
        let first_segment = text.split('/').next().unwrap_or_default();
        let has_host = first_segment.contains('.') && !text.starts_with('$');
        let meant = match e.kind() {
            ErrorKind::NotPercentEncoded { encoded } => encoded.clone(),
            _ if has_host && !text.contains("://") => format!("https://{text}"),
            _ => return e,
        };
        Error::new(e.to_string()).with_hint(format!("use --base-url {}", shell::word(&meant)))
    })
}
