//! Warnings about policies: times, addresses and resources.

use std::time::Duration;

use super::Warnings;
use crate::url::signing_parameters::shown;
use crate::{IpRange, Policy, Resource, Timestamp};

const EXPIRED: &str = "the expiry {} is in the past ({}): {}";
const LIFETIME: &str = "the expiry {} is more than a year away ({} days), and a signature can only \
    be revoked by removing the public key from its key group";
const PRIVATE_ADDRESS: &str = "{} is private, but CloudFront sees a client's public address";
const EVERY_HOST: &str = "{} of every distribution that trusts the key";
const ADDRESS_FORM: &str = "CloudFront documents the address {} as {}/32";
const DEVIATION: &str = "{}";
const COOKIE_SCHEME: &str = "CloudFront may not accept the resource {}: http*:// is for cookies; \
    use http://, https:// or *://";

const YEAR: Duration = Duration::from_secs(366 * 86_400);

impl Warnings {
    pub fn about_policy(&mut self, policy: &Policy, now: Timestamp) {
        let conditions = policy.conditions();
        let expires = conditions.expires;
        if expires <= now {
            let age = expires.relative_to(now);
            let age = if expires == now { "just now" } else { &age };
            let is_today = expires.unix() % 86_400 == 0 && now.unix() - expires.unix() < 86_400;
            let reason = if is_today {
                "a date is the start of the day in UTC"
            } else {
                "CloudFront will answer 403"
            };
            self.add(EXPIRED, &[&expires, &age, &reason]);
        } else if now.plus(YEAR).is_ok_and(|in_a_year| expires > in_a_year) {
            let days = (expires.unix() - now.unix()) / 86_400;
            self.add(LIFETIME, &[&expires, &days]);
        }
        if let Some(ip) = conditions.ip.filter(IpRange::is_private) {
            self.add(PRIVATE_ADDRESS, &[&ip]);
        }
        match policy.resource() {
            None => self.add(
                EVERY_HOST,
                &[&"the policy has no resource, so it covers every file"],
            ),
            Some(any) if any.covers_any_host() => {
                self.add(
                    EVERY_HOST,
                    &[&format_args!("the resource {any} covers files")],
                );
            }
            Some(_) => {}
        }
        let address = policy.as_str().split("\"AWS:SourceIp\":\"").nth(1);
        let address = address.and_then(|rest| rest.split('"').next());
        if let Some(address) = address.filter(|address| !address.contains('/')) {
            self.add(ADDRESS_FORM, &[&address, &address]);
        }
        for deviation in policy.deviations() {
            self.add(DEVIATION, &[&deviation]);
        }
    }

    /// Checks the policy of a URL, whose resource does not begin like one of cookies.
    pub fn about_url_policy(&mut self, policy: &Policy, now: Timestamp) {
        self.about_policy(policy, now);
        let resource = policy.resource().map_or("", Resource::as_str);
        if resource.starts_with("http*:") {
            self.add(COOKIE_SCHEME, &[&shown(resource)]);
        }
    }
}
