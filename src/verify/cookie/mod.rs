//! Cookies as a client stores or sends them, and the requests that a browser sends them with.
//!
//! Source: RFC 6265, and its revision (RFC 6265bis) for `SameSite` and the size of a cookie.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::time::Timestamp;
use crate::url::UrlParts;
use crate::url::signing_parameters::SigningParameter;
use crate::verify::compare::joined;
use crate::verify::parameters::{SigningParameters, cookie_name};

mod browser_rules;
mod curl;
mod json;
mod lines;
mod request;

use browser_rules::{Cookie, Fault};
pub use browser_rules::{LONGEST_COOKIE, covers_host, is_public_suffix};
use request::Request;

const FORMS: &str = "cookies are read from a Cookie: header, Set-Cookie: lines, a Netscape cookie \
    jar, a JSON object or a browser's JSON list, a HAR file, curl -v lines or a curl command";

const SANITIZED: &str = "Chrome leaves cookies out of a HAR file unless \"Allow to generate HAR with \
    sensitive data\" is on in the settings of its network panel";

/// The most cookies of CloudFront that are reported as not sent.
const MOST_WITHHELD: usize = 20;

const NOT_SENT: Fault = (
    Cow::Borrowed("an earlier response set them, but the request has no such cookies"),
    "let the client send cookies: credentials: \"include\" for fetch, withCredentials for \
     XMLHttpRequest and players such as hls.js; Chrome also leaves cookies out of a HAR file \
     unless asked to include sensitive data",
);

/// The cookies of a client: those that it stores, or the requests that it sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CookieSet(Vec<Request>);

/// The signing parameters that a request carries in its cookies.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Those of the cookies that are sent.
    pub parameters: SigningParameters,
    /// Those of all cookies, as if they were sent, if they are one set; else those that are sent.
    pub(super) assumed: SigningParameters,
    /// CloudFront's cookies that are not sent, with the reasons; empty if all are.
    pub withheld: String,
    /// The next step for them.
    pub(super) fix: String,
    /// A value is sent in double quotes.
    pub has_quotes: bool,
}

impl CookieSet {
    /// Parses cookies in any of the forms in which clients store, send or print them.
    ///
    /// # Errors
    /// Malformed JSON, text without a cookie, and cookies of CloudFront in another form.
    ///
    /// ```
    /// use cfsign::{SigningParameter, Timestamp, verify::cookie::CookieSet};
    ///
    /// let line = "Set-Cookie: CloudFront-Key-Pair-Id=K1; Path=/videos; Secure";
    /// let cookies = CookieSet::parse(line)?;
    /// let now = Timestamp::from_unix(1_800_000_000)?;
    /// let sent = cookies.sent_to("https://cdn.example.com/videos/a.mp4", now);
    /// assert_eq!(sent.parameters.get(SigningParameter::KeyPairId), Some("K1"));
    /// # Ok::<(), cfsign::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let text = text
            .trim_start_matches('\u{feff}')
            .trim_matches(['\n', '\r', ' ']);
        // The console of a browser prints `document.cookie` in quotes.
        let inner = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let text = inner.unwrap_or(text);
        let is_json = text.starts_with(['{', '[']);
        let requests = if is_json {
            json::read(text)?
        } else if curl::is_command(text) {
            vec![curl::read(text)]
        } else {
            lines::read(text)
        };
        let cookies = CookieSet(requests.into_iter().map(Request::finished).collect());
        let has = |name: &str| cookies.all().any(|own| own.name.eq_ignore_ascii_case(name));
        let is_any_read = cookies.all().any(Cookie::is_cloudfronts);
        // The bodies in a HAR file may contain anything.
        if is_json && is_any_read {
            return Ok(cookies);
        }
        let lower = text.to_ascii_lowercase();
        let mut names = SigningParameter::ALL.map(cookie_name).into_iter();
        if names.any(|name| lower.contains(&name.to_ascii_lowercase()) && !has(&name)) {
            let message = "contains cookies of CloudFront in a form that is not supported";
            return Err(Error::new(message).with_hint(FORMS));
        }
        let is_recorded = cookies.0.iter().any(|own| own.target.is_some());
        if is_recorded && !is_json || cookies.all().next().is_some() {
            return Ok(cookies);
        }
        let hint = if is_recorded { SANITIZED } else { FORMS };
        Err(Error::new("contains no cookies").with_hint(hint))
    }

    /// All cookies: stored, sent and set.
    fn all(&self) -> impl Iterator<Item = &Cookie> {
        self.0
            .iter()
            .flat_map(|own| own.sent.iter().chain(&own.set))
    }

    /// The signing parameters that are sent with a request for `url`.
    ///
    /// A recorded request for this URL is judged by what it sent. Otherwise these are the cookies
    /// that another recorded request sent to the host, or that a browser would send.
    pub fn sent_to(&self, url: &str, now: Timestamp) -> Sent {
        let parts = UrlParts::parse(url);
        let recorded = self.0.iter().rposition(|own| own.is_for(&parts));
        let like_it = self.0.iter().rposition(|own| {
            own.target.is_some() && own.is_to_host(&parts) && own.sends_cloudfronts()
        });
        let fault_of = |own: &Cookie| own.fault_for(&parts, now);
        let judged: Vec<(&Cookie, Option<Fault>)> = match recorded.or(like_it) {
            // No browser can have dropped what was sent.
            Some(at) if self.0[at].sends_cloudfronts() => {
                let sent = self.0[at].sent.iter();
                sent.map(|own| (own, own.fault.clone())).collect()
            }
            // Answers to earlier requests set cookies that this one should have sent.
            Some(at) => {
                let set = self.0[..at].iter().flat_map(|own| &own.set);
                set.map(|own| (own, fault_of(own).or(Some(NOT_SENT))))
                    .collect()
            }
            None => self.all().map(|own| (own, fault_of(own))).collect(),
        };
        Sent::of(judged)
    }

    /// The signing parameters of all cookies, wherever they would be sent.
    pub fn parameters(&self) -> SigningParameters {
        SigningParameters::of_cookies(self.all().map(Cookie::pair))
    }
}

impl Sent {
    /// Cookies, each with the reason why it is not sent, if there is one.
    fn of(mut cookies: Vec<(&Cookie, Option<Fault>)>) -> Self {
        cookies.retain(|(cookie, _)| cookie.is_cloudfronts());
        let mut sent = Vec::new();
        let mut withheld = Vec::new();
        for (cookie, fault) in &cookies {
            match fault {
                None => sent.push(*cookie),
                Some(fault) => withheld.push((cookie.name.as_str(), fault)),
            }
        }
        let names: HashSet<&str> = sent.iter().map(|cookie| cookie.name.as_str()).collect();
        withheld.retain(|(name, _)| !names.contains(name));
        withheld.truncate(MOST_WITHHELD);
        let mut reasons = Vec::new();
        for same in withheld.chunk_by(|(_, one), (_, next)| one == next) {
            let names: Vec<&str> = same.iter().map(|(name, _)| *name).collect();
            let (_, (reason, _)) = same[0];
            reasons.push(format!("{} not sent: {reason}", names.join(", ")));
        }
        let fix = joined(withheld.iter().map(|(_, (_, fix))| *fix));
        let parameters = SigningParameters::of_cookies(sent.iter().map(|own| own.pair()));
        let set = cookies
            .iter()
            .filter(|(own, fault)| fault.is_none() || !names.contains(&*own.name));
        let all = SigningParameters::of_cookies(set.map(|(own, _)| own.pair()));
        Sent {
            assumed: if all.sets().is_empty() {
                all
            } else {
                parameters.clone()
            },
            parameters,
            withheld: reasons.join("; "),
            fix: fix.unwrap_or_default(),
            has_quotes: sent.iter().any(|own| own.is_quoted),
        }
    }
}
