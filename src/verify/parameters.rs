//! The signing parameters of a request, from the query of its URL or from its cookies.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs" and "Use signed cookies".

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::url::UrlParts;
use crate::url::parts::separator;
use crate::url::percent;
use crate::url::signing_parameters::{Name, SigningParameter};

/// The prefix of the names of CloudFront's cookies.
const COOKIE_PREFIX: &str = "CloudFront-";

/// The name of the cookie with a parameter.
pub(super) fn cookie_name(parameter: SigningParameter) -> String {
    format!("{COOKIE_PREFIX}{parameter}")
}

/// What follows CloudFront's prefix, in any case, in the name of a cookie.
pub(super) fn after_cookie_prefix(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(COOKIE_PREFIX.len())?;
    prefix.eq_ignore_ascii_case(COOKIE_PREFIX).then_some(rest)
}

/// The part of a request that contains the signing parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Carrier {
    /// The query of the URL.
    #[default]
    Query,
    /// The cookies.
    Cookies,
}

/// The signing parameters of a request, in the order in which they were sent.
///
/// They are a bearer credential: `Debug` shows their names only.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SigningParameters {
    carrier: Carrier,
    values: Vec<(SigningParameter, String)>,
    /// Names that CloudFront does not recognize, each with the parameter that was meant.
    misspelled: Vec<(SigningParameter, String)>,
}

impl SigningParameters {
    /// The signing parameters in the query of a URL. Names and values may be percent-encoded.
    ///
    /// ```
    /// use cfsign::SigningParameter;
    /// use cfsign::verify::SigningParameters;
    ///
    /// let url = "https://cdn.example.com/a?x=1&Expires=1800000000&Key%2DPair-Id=K1";
    /// let parameters = SigningParameters::of_url(url);
    /// assert_eq!(parameters.get(SigningParameter::Expires), Some("1800000000"));
    /// assert_eq!(parameters.get(SigningParameter::KeyPairId), Some("K1"));
    /// assert_eq!(parameters.get(SigningParameter::Signature), None);
    /// ```
    pub fn of_url(url: &str) -> Self {
        Self::split(url).0
    }

    /// The signing parameters in the query of a URL, and the URL without them.
    pub(crate) fn split(url: &str) -> (Self, String) {
        let mut parameters = SigningParameters::default();
        let parts = UrlParts::parse(url);
        let mut own = Vec::new();
        for parameter in parts.parameters() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let kind = Name::of(name);
            if !matches!(kind, Name::Signing(_)) {
                own.push(parameter);
            }
            parameters.add(kind, name, percent::decode(value));
        }
        let own = own.join("&");
        let query = Some(own.as_str()).filter(|own| !own.is_empty());
        (parameters, UrlParts { query, ..parts }.to_string())
    }

    /// The signing parameters among the cookies of a request, whose values are not encoded.
    pub(crate) fn of_cookies<'a>(cookies: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parameters = SigningParameters {
            carrier: Carrier::Cookies,
            ..SigningParameters::default()
        };
        for (cookie, value) in cookies {
            let rest = after_cookie_prefix(cookie);
            let name = match rest.and_then(SigningParameter::resembling) {
                Some(own) if cookie == cookie_name(own) => Name::Signing(own),
                Some(meant) => Name::Misspelled(meant),
                None => Name::Own,
            };
            parameters.add(name, cookie, value.into());
        }
        parameters
    }

    fn add(&mut self, name: Name, found: &str, value: Cow<'_, str>) {
        match name {
            Name::Signing(parameter) => self.values.push((parameter, value.into_owned())),
            Name::Misspelled(meant) => self.misspelled.push((meant, found.to_owned())),
            Name::Own => {}
        }
    }

    /// Returns whether the request contains no signing parameter.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The part of the request that contains them.
    pub fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// The first value of a parameter, percent-decoded; `None` if it is missing.
    pub fn get(&self, parameter: SigningParameter) -> Option<&str> {
        self.all(parameter).next()
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, parameter: SigningParameter) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .filter(move |(own, _)| *own == parameter)
            .map(|(_, value)| value.as_str())
    }

    /// The same parameters with other values.
    pub(crate) fn map_values(
        &self,
        mut value: impl FnMut(SigningParameter, &str) -> String,
    ) -> Self {
        let values = self.values.iter();
        self.with_values(values.map(|(name, own)| (*name, value(*name, own))))
    }

    /// Other parameters in the same part of a request.
    pub(crate) fn with_values(
        &self,
        values: impl IntoIterator<Item = (SigningParameter, String)>,
    ) -> Self {
        SigningParameters {
            carrier: self.carrier,
            values: values.into_iter().collect(),
            misspelled: self.misspelled.clone(),
        }
    }

    /// The first and the last of each parameter, if there are several.
    pub(crate) fn sets(&self) -> Vec<Self> {
        let values = self.values.iter().cloned();
        let first: BTreeMap<_, _> = values.clone().rev().collect();
        let last: BTreeMap<_, _> = values.collect();
        let mut sets = vec![first, last];
        sets.retain(|set| set.len() < self.values.len());
        sets.into_iter().map(|set| self.with_values(set)).collect()
    }

    /// The URL to request, and the value of the `Cookie` header if they are sent there.
    pub(crate) fn request_for(&self, url: &str) -> (String, Option<String>) {
        let values = self.values.iter();
        let values = values.map(|(name, value)| format!("{}={value}", self.spelling(*name)));
        let values: Vec<String> = values.collect();
        match self.carrier {
            Carrier::Query => (format!("{url}{}{}", separator(url), values.join("&")), None),
            Carrier::Cookies => (url.to_owned(), Some(values.join("; "))),
        }
    }

    /// The misspelled name that was meant to be this parameter.
    pub(crate) fn misspelled_name(&self, parameter: SigningParameter) -> Option<&str> {
        let (_, name) = self.misspelled.iter().find(|(own, _)| *own == parameter)?;
        Some(name)
    }

    /// The name of a parameter as the request has to spell it.
    pub(crate) fn spelling(&self, parameter: SigningParameter) -> String {
        match self.carrier {
            Carrier::Query => parameter.name().to_owned(),
            Carrier::Cookies => cookie_name(parameter),
        }
    }
}

impl fmt::Debug for SigningParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.values.iter().map(|(parameter, _)| parameter.name());
        f.debug_list().entries(names).finish()
    }
}
