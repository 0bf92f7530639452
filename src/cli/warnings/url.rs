//! Warnings about URLs that clients change, or that lead to another server than CloudFront.

use super::Warnings;
use crate::cli::shell;
use crate::url::signing_parameters::shown;
use crate::url::{MOST_CLIENTS, is_aws_host, percent};
use crate::{Resource, SignedUrl, UnsignedUrl, quoted};

const HTTP: &str = "{} is http, so others can read and use the signature";
const PERCENT: &str = "{} has a % without two hexadecimal digits; --encode writes %25";
const VARIABLE: &str = "{} contains {}, which a shell expands in double quotes only";
const LIST: &str = "{} contains a second URL behind a comma, which is signed as one URL";
const LAST: &str = "{} ends with a comma or semicolon, which is signed with it";
const AMPERSAND: &str = "{} has a & but no ?, so it has no query";
const ORIGIN: &str =
    "{} is a host of S3 or another AWS service, which ignores CloudFront signatures";
const QUERY: &str = "{} has a ?, which starts a query; in a file name it is written %3F";
const LENGTH: &str = "{} has {} bytes; CloudFront accepts {}";
const ESCAPED: &str = "{} contains %XX: --escape does not encode %, so a page that decodes the \
    result gets another URL";

impl Warnings {
    /// Checks the URL of a file before it is signed.
    pub fn about_url(&mut self, url: &UnsignedUrl) {
        let text = url.as_str();
        let scheme = text.get(..7).unwrap_or_default();
        let has_list = text.contains(",https://") || text.contains(",http://");
        let findings = [
            (HTTP, scheme.eq_ignore_ascii_case("http://")),
            (PERCENT, percent::has_bare_percent(text)),
            (LIST, has_list),
            (LAST, text.ends_with([',', ';'])),
            (AMPERSAND, text.contains('&') && !text.contains('?')),
        ];
        for (warning, is_found) in findings {
            if is_found {
                self.add(warning, &[&shown(text)]);
            }
        }
        if let Some(variable) = shell::unexpanded_variable(text) {
            self.add(VARIABLE, &[&shown(text), &variable]);
        }
        if let Some(host) = url.host() {
            self.about_host(host);
        }
    }

    /// Checks that a host is not that of an origin.
    pub fn about_host(&mut self, host: &str) {
        if is_aws_host(host) {
            self.add(ORIGIN, &[&quoted(host)]);
        }
    }

    /// Checks a path that `--encode` encodes, which is usually the name of a file.
    pub fn about_path(&mut self, path: &str) {
        if path.contains('?') {
            self.add(QUERY, &[&shown(path)]);
        }
    }

    pub fn about_length(&mut self, signed_url: &SignedUrl) {
        let (text, longest) = (signed_url.as_str(), SignedUrl::LONGEST);
        if text.len() > longest {
            self.add(LENGTH, &[&shown(text), &text.len(), &longest]);
        }
    }

    pub fn about_signed_url(
        &mut self,
        url: &UnsignedUrl,
        signed_url: &SignedUrl,
        resource: Option<&Resource>,
    ) {
        self.about_length(signed_url);
        self.about_clients(url, resource, signed_url.as_str());
    }

    /// Checks that clients request the URL as it is, or in a form that `resource` also covers. The
    /// message shows `text`.
    pub(super) fn about_clients(
        &mut self,
        url: &UnsignedUrl,
        resource: Option<&Resource>,
        text: &str,
    ) {
        let mut changes = url.client_changes();
        changes.retain(|change| match resource {
            Some(resource) => change.sent.is_empty() || !resource.covers(&change.sent),
            None => change.sent.is_empty(),
        });
        while let Some(first) = changes.first() {
            let (clients, shown) = (first.clients, shown(text));
            let of_these = changes.extract_if(.., |change| change.clients == clients);
            let of_these: Vec<String> = of_these.map(|change| change.change).collect();
            let of_these = of_these.join(", and ");
            let message = if clients == MOST_CLIENTS {
                format!(
                    "{clients} change {shown}, so the signature will not match: they {of_these}"
                )
            } else {
                format!(
                    "requests from {clients} {of_these}, so the signature of {shown} will not match"
                )
            };
            self.add_of_kind(clients, message);
        }
    }

    /// Checks a URL for `--escape`, which does not encode `%`: a page that decodes the result once
    /// gets another URL.
    pub fn about_escaped(&mut self, url: &UnsignedUrl) {
        if url.as_str().contains('%') {
            self.add(ESCAPED, &[&shown(url.as_str())]);
        }
    }
}
