//! Cookies as a client stores or sends them, and the requests that a browser sends them with.
//!
//! Source: RFC 6265, and its revision (RFC 6265bis) for `SameSite` and the size of a cookie.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::time::Timestamp;
use crate::url::UrlParts;
use crate::verify::parameters::SigningParameters;

mod curl;
mod json;
mod lines;
mod request;
mod stored;
mod withheld;

use request::Request;
use stored::Cookie;
pub use stored::{covers_host, is_public_suffix};
use withheld::Fault;
pub(super) use withheld::summary;
pub use withheld::{LONGEST_COOKIE, Withheld};

const FORMS: &str = "cookies are read from a Cookie: header, Set-Cookie: lines, a Netscape cookie jar, a JSON object or a browser's JSON list, a HAR file, curl -v lines or a curl command";

/// The most cookies of CloudFront that are reported as not sent.
const MOST_WITHHELD: usize = 20;

/// Names that a text contains if it is about the cookies of CloudFront, in lower case.
const NAMES: [&str; 3] = [
    "cloudfront-policy",
    "cloudfront-signature",
    "cloudfront-key-pair-id",
];

const NOT_SENT: Fault = Fault::new(
    "an earlier response set them, but the request has no such cookies",
    "let the client send cookies: credentials: \"include\" for fetch, withCredentials for XMLHttpRequest and players such as hls.js; Chrome also leaves cookies out of a HAR file unless asked to include sensitive data",
);

/// The cookies of a client: those that it stores, or the requests that it sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CookieSet {
    stored: Vec<Cookie>,
    requests: Vec<Request>,
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
    /// use cfsign::Timestamp;
    /// use cfsign::SigningParameter;
    /// use cfsign::verify::cookie::CookieSet;
    ///
    /// let line = "Set-Cookie: CloudFront-Key-Pair-Id=K1; Path=/videos; Secure";
    /// let cookies = CookieSet::parse(line)?;
    /// let now = Timestamp::from_unix(1_800_000_000)?;
    /// let sent = cookies.sent_to("https://cdn.example.com/videos/a.mp4", now);
    /// assert_eq!(sent.parameters.get(SigningParameter::KeyPairId), Some("K1"));
    ///
    /// let sent = cookies.sent_to("http://cdn.example.com/videos/a.mp4", now);
    /// let reason = "CloudFront-Key-Pair-Id not sent: the cookies are Secure, but the URL is http";
    /// assert_eq!(sent.withheld[0].to_string(), reason);
    /// # Ok::<(), cfsign::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let text = text
            .trim_start_matches('\u{feff}')
            .trim_matches(['\n', '\r', ' ']);
        let mut cookies = CookieSet::default();
        if text.starts_with(['{', '[']) {
            (cookies.stored, cookies.requests) = json::read(text)?;
        } else if curl::is_command(text) {
            cookies.stored = curl::read(text);
        } else {
            (cookies.stored, cookies.requests) = lines::read(text);
        }
        if cookies.all().any(Cookie::is_cloudfronts) {
            return Ok(cookies);
        }
        let lower = text.to_ascii_lowercase();
        if NAMES.iter().any(|name| lower.contains(name)) {
            let message = "contains cookies of CloudFront in a form that is not supported";
            return Err(Error::new(message).with_hint(FORMS));
        }
        let is_har = text.starts_with('{');
        if cookies.all().next().is_some() || !is_har && !cookies.requests.is_empty() {
            return Ok(cookies);
        }
        let hint = if cookies.requests.is_empty() {
            FORMS
        } else {
            "Chrome leaves cookies out of a HAR file unless \"Allow to generate HAR with sensitive data\" is on in the settings of its network panel"
        };
        Err(Error::new("contains no cookies").with_hint(hint))
    }

    /// All cookies: stored, sent and set.
    fn all(&self) -> impl Iterator<Item = &Cookie> {
        let of_requests = self
            .requests
            .iter()
            .flat_map(|own| own.sent.iter().chain(&own.set));
        self.stored.iter().chain(of_requests)
    }

    /// The signing parameters that are sent with a request for `url`.
    ///
    /// A recorded request for this URL is judged by what it sent. Otherwise these are the cookies
    /// that another recorded request sent to the host, or that a browser would send.
    pub fn sent_to(&self, url: &str, now: Timestamp) -> Sent {
        let parts = UrlParts::parse(url);
        let recorded = self.requests.iter().rposition(|own| own.is_for(&parts));
        let request = recorded.map(|at| &self.requests[at]);
        if let (Some(at), None) = (recorded, request.filter(|own| own.sends_cloudfronts())) {
            // Answers to earlier requests set cookies that this one should have sent.
            let set = self.requests[..at].iter().flat_map(|own| &own.set);
            let missed = set.map(|own| (own, own.fault_for(&parts, now).or(Some(NOT_SENT))));
            return Sent::of(missed);
        }
        let mut to_host = self
            .requests
            .iter()
            .rev()
            .filter(|own| own.is_to_host(&parts));
        let request = request.or_else(|| to_host.find(|own| own.sends_cloudfronts()));
        let cookies: Vec<&Cookie> = match request {
            Some(request) => request.sent.iter().collect(),
            None => self.all().collect(),
        };
        Sent::of(
            cookies
                .into_iter()
                .map(|own| (own, own.fault_for(&parts, now))),
        )
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
                withheld.push(Withheld { name, fault });
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
