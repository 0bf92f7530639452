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
use withheld::Withholding;
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
    /// let cookies = CookieSet::parse("Set-Cookie: CloudFront-Key-Pair-Id=K1; Path=/videos; Secure")?;
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
        if let Some(recorded) = recorded
            && !self.requests[recorded].sends_cloudfronts()
        {
            // Answers to earlier requests set cookies that this one should have sent.
            let earlier = self.requests[..recorded].iter().flat_map(|own| &own.set);
            let (missed, mut withheld) = sent_by_browser(earlier, &parts, now);
            let missed = missed.into_iter().filter(|cookie| cookie.is_cloudfronts());
            withheld.extend(missed.map(|cookie| Withheld::new(&cookie.name, Withholding::NotSent)));
            return Sent::of(&self.requests[recorded].sent, withheld);
        }
        let exact = recorded.map(|recorded| &self.requests[recorded]);
        let mut to_host = self
            .requests
            .iter()
            .rev()
            .filter(|own| own.is_to_host(&parts));
        let request = exact.or_else(|| to_host.find(|own| own.sends_cloudfronts()));
        if let Some(request) = request {
            return Sent::of(&request.sent, Vec::new());
        }
        let (sent, withheld) = sent_by_browser(self.all(), &parts, now);
        Sent::of(sent, withheld)
    }

    /// The signing parameters of all cookies, wherever they would be sent.
    pub fn parameters(&self) -> SigningParameters {
        SigningParameters::of_cookies(self.all().map(Cookie::pair))
    }
}

impl Sent {
    fn of<'a>(sent: impl IntoIterator<Item = &'a Cookie>, withheld: Vec<Withheld>) -> Self {
        let (lost, sent): (Vec<&Cookie>, Vec<&Cookie>) =
            sent.into_iter().partition(|cookie| cookie.fault.is_some());
        let quoted = sent
            .iter()
            .filter(|cookie| cookie.is_quoted && cookie.is_cloudfronts());
        let mut all = Sent {
            quoted: quoted.map(|cookie| cookie.name.clone()).collect(),
            parameters: SigningParameters::of_cookies(sent.iter().map(|cookie| cookie.pair())),
            withheld,
        };
        for cookie in lost {
            if let Some(fault) = &cookie.fault
                && cookie.is_cloudfronts()
            {
                all.withheld
                    .push(Withheld::new(&cookie.name, fault.clone()));
            }
        }
        all
    }
}

/// The cookies that a browser sends with a request, and those of CloudFront that it does not send
/// and has no other of the same name for.
fn sent_by_browser<'a>(
    cookies: impl Iterator<Item = &'a Cookie>,
    url: &UrlParts<'_>,
    now: Timestamp,
) -> (Vec<&'a Cookie>, Vec<Withheld>) {
    let mut sent = Vec::new();
    let mut withheld = Vec::new();
    for cookie in cookies {
        match cookie.withheld_from(url, now) {
            None => sent.push(cookie),
            Some(why) if cookie.is_cloudfronts() => withheld.push(Withheld::new(&cookie.name, why)),
            Some(_) => {}
        }
    }
    let names: HashSet<&str> = sent.iter().map(|cookie| cookie.name.as_str()).collect();
    withheld.retain(|cookie| !names.contains(cookie.name.as_str()));
    withheld.truncate(MOST_WITHHELD);
    (sent, withheld)
}
