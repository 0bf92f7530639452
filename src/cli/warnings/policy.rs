//! Warnings about policies: times, addresses and resources.

use std::time::Duration;

use super::Warnings;
use crate::url::signing_parameters::shown;
use crate::{Conditions, IpRange, Policy, Resource, Timestamp};

const YEAR: Duration = Duration::from_secs(366 * 86_400);

impl Warnings {
    pub fn check_policy(&mut self, policy: &Policy, now: Timestamp) {
        self.check_conditions(&policy.conditions(), now);
        self.check_resource(policy.resource());
        let address = policy.as_str().split("\"AWS:SourceIp\":\"").nth(1);
        let address = address.and_then(|rest| rest.split('"').next());
        if let Some(address) = address.filter(|address| !address.contains('/')) {
            let message = format!("CloudFront documents the address {address} as {address}/32");
            self.add("address form", message);
        }
        for deviation in policy.deviations() {
            self.add("policy", deviation.to_string());
        }
    }

    /// Checks the policy of a URL, not of cookies.
    pub fn check_url_policy(&mut self, policy: &Policy, now: Timestamp) {
        self.check_policy(policy, now);
        self.check_url_scheme(policy.resource());
    }

    /// Checks that the resource of a URL's policy does not begin like one of cookies.
    pub fn check_url_scheme(&mut self, resource: Option<&Resource>) {
        let text = resource.map_or("", Resource::as_str);
        if text.starts_with("http*:") {
            let message = format!(
                "CloudFront may not accept the resource {}: http*:// is for cookies; use http://, \
                 https:// or *://",
                shown(text)
            );
            self.add("scheme", message);
        }
    }

    pub fn check_conditions(&mut self, conditions: &Conditions, now: Timestamp) {
        let expires = conditions.expires;
        if expires <= now {
            self.add("expiry", in_the_past(expires, now));
        } else if now.plus(YEAR).is_ok_and(|in_a_year| expires > in_a_year) {
            let days = (expires.unix() - now.unix()) / 86_400;
            let message = format!(
                "the expiry {expires} is more than a year away ({days} days), and a signature \
                 can only be revoked by removing the public key from its key group"
            );
            self.add("lifetime", message);
        }
        if let Some(ip) = conditions.ip.filter(IpRange::is_private) {
            let message = format!("{ip} is private, but CloudFront sees a client's public address");
            self.add("address", message);
        }
    }

    pub fn check_resource(&mut self, resource: Option<&Resource>) {
        let covered = match resource {
            None => "the policy has no resource, so it covers every file".into(),
            Some(any) if any.covers_any_host() => format!("the resource {any} covers files"),
            Some(_) => return,
        };
        let message = format!("{covered} of every distribution that trusts the key");
        self.add("resource", message);
    }
}

fn in_the_past(expires: Timestamp, now: Timestamp) -> String {
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
    format!("the expiry {expires} is in the past ({elapsed}): {reason}")
}
