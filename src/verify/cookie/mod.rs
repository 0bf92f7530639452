//! Cookies as a client stores or sends them, and the requests that a browser sends them with.
//!
//! Source: RFC 6265, and its revision (RFC 6265bis) for `SameSite` and the size of a cookie.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use crate::error::{Error, Result};
use crate::time::Timestamp;
use crate::url::UrlParts;
use crate::verify::parameters::SigningParameters;

mod browser;
mod curl;
mod json;
mod request;

use browser::{Cookie, Fault};
pub use browser::{LONGEST_COOKIE, covers_host, is_public_suffix};
use request::Request;

const FORMS: &str = "cookies are read from a Cookie: header, Set-Cookie: lines, a Netscape cookie \
    jar, a JSON object or a browser's JSON list, a HAR file, curl -v lines or a curl command";

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

/// A cookie of CloudFront that is not sent with a request. `Display` says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    name: String,
    reason: Cow<'static, str>,
    /// The next step.
    pub(super) fix: &'static str,
}

/// The signing parameters that a request carries in its cookies.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Those of the cookies that are sent.
    pub parameters: SigningParameters,
    /// CloudFront's cookies that are not sent.
    pub withheld: Vec<Withheld>,
    /// The names of CloudFront's cookies that are sent with a value in double quotes.
    pub quoted: Vec<String>,
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
        let cookies = CookieSet(if text.starts_with(['{', '[']) {
            json::read(text)?
        } else if curl::is_command(text) {
            vec![curl::read(text)]
        } else {
            request::read(text)
        });
        if cookies.all().any(Cookie::is_cloudfronts) {
            return Ok(cookies);
        }
        let lower = text.to_ascii_lowercase();
        let names = ["policy", "signature", "key-pair-id"];
        if names
            .iter()
            .any(|name| lower.contains(&format!("cloudfront-{name}")))
        {
            let message = "contains cookies of CloudFront in a form that is not supported";
            return Err(Error::new(message).with_hint(FORMS));
        }
        let is_recorded = cookies.0.iter().any(|own| own.target.is_some());
        let is_har = is_recorded && text.starts_with('{');
        if cookies.all().next().is_some() || is_recorded && !is_har {
            return Ok(cookies);
        }
        let hint = if is_har {
            "Chrome leaves cookies out of a HAR file unless \"Allow to generate HAR with sensitive \
             data\" is on in the settings of its network panel"
        } else {
            FORMS
        };
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
        if let Some(at) = recorded
            && !self.0[at].sends_cloudfronts()
        {
            // Answers to earlier requests set cookies that this one should have sent.
            let set = self.0[..at].iter().flat_map(|own| &own.set);
            return Sent::of(set.map(|own| (own, own.fault_for(&parts, now).or(Some(NOT_SENT)))));
        }
        let is_like_it = |own: &&Request| {
            own.target.is_some() && own.is_to_host(&parts) && own.sends_cloudfronts()
        };
        let request = match recorded {
            Some(at) => Some(&self.0[at]),
            None => self.0.iter().rfind(is_like_it),
        };
        let cookies: Vec<&Cookie> = match request {
            Some(request) => request.sent.iter().collect(),
            None => self.all().collect(),
        };
        let cookies = cookies.into_iter();
        Sent::of(cookies.map(|own| (own, own.fault_for(&parts, now))))
    }

    /// The signing parameters of all cookies, wherever they would be sent.
    pub fn parameters(&self) -> SigningParameters {
        SigningParameters::of_cookies(self.all().map(Cookie::pair))
    }
}

impl Sent {
    /// What is sent of these cookies, each with the reason why it is not sent, if there is one.
    fn of<'a>(cookies: impl Iterator<Item = (&'a Cookie, Option<Fault>)>) -> Self {
        let mut sent = Vec::new();
        let mut withheld: Vec<Withheld> = Vec::new();
        let mut quoted = Vec::new();
        for (cookie, fault) in cookies {
            let name = cookie.name.clone();
            let Some(fault) = fault else {
                if cookie.is_quoted && cookie.is_cloudfronts() {
                    quoted.push(name);
                }
                sent.push(cookie.pair());
                continue;
            };
            if cookie.is_cloudfronts() {
                let (reason, fix) = fault;
                withheld.push(Withheld { name, reason, fix });
            }
        }
        let names: HashSet<&str> = sent.iter().map(|(name, _)| *name).collect();
        withheld.retain(|cookie| !names.contains(cookie.name.as_str()));
        withheld.truncate(MOST_WITHHELD);
        Sent {
            parameters: SigningParameters::of_cookies(sent.into_iter()),
            withheld,
            quoted,
        }
    }
}

/// The cookies that are not sent in words, those with the same reason together.
pub(super) fn summary(withheld: &[Withheld]) -> String {
    let same = withheld.chunk_by(|one, next| one.reason == next.reason);
    let reasons: Vec<String> = same
        .map(|cookies| {
            let names: Vec<&str> = cookies.iter().map(|cookie| cookie.name.as_str()).collect();
            format!("{} not sent: {}", names.join(", "), cookies[0].reason)
        })
        .collect();
    reasons.join("; ")
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} not sent: {}", self.name, self.reason)
    }
}
