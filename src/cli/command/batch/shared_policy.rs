//! One policy for many rows.

use crate::cli::args::ChangeFlags;
use crate::cli::request::{PolicySpec, not_covered};
use crate::cli::warnings::Warnings;
use crate::{Matcher, Resource, Result, SignedPolicy, SignedUrl, Signer, Timestamp, UnsignedUrl};

/// One policy for many rows, signed.
pub struct SharedPolicy {
    pub signed: SignedPolicy,
    /// `None` for a policy without a resource, which applies to every URL.
    matcher: Option<Matcher>,
    /// The scheme, host and `/` of URLs that need nothing but the signature at their end.
    plain_origin: Option<String>,
}

impl SharedPolicy {
    /// The policy that the flags alone describe, if they do.
    pub fn new(
        spec: &PolicySpec,
        changes: &ChangeFlags,
        signer: &Signer,
        now: Timestamp,
        warnings: &mut Warnings,
    ) -> Result<Option<Self>> {
        let policy = match (&spec.document, &spec.resource) {
            // Each row keeps conditions of its own.
            _ if changes.resign => return Ok(None),
            (Some(document), _) => document.clone(),
            (None, Some(resource)) if spec.expires.is_some() => spec.policy_over(resource)?,
            _ => return Ok(None),
        };
        warnings.about_url_policy(&policy, now);
        let signed = signer.sign(policy)?;
        let resource = signed.policy().resource();
        Ok(Some(SharedPolicy {
            matcher: resource.map(Resource::matcher),
            plain_origin: resource.and_then(|resource| plain_origin(resource, &signed, changes)),
            signed,
        }))
    }

    /// Returns whether a URL gets this policy: the URL that is itself the resource may get a canned
    /// policy instead.
    ///
    /// # Errors
    /// The policy does not cover the URL.
    pub fn is_for(&self, url: &UnsignedUrl) -> Result<bool> {
        let text = url.without_empty_query();
        match self.signed.policy().resource() {
            Some(resource) if resource.as_str() == text => Ok(false),
            Some(resource) if !self.covers(text) => Err(not_covered(resource, text)),
            _ => Ok(true),
        }
    }

    fn covers(&self, url: &str) -> bool {
        let matcher = self.matcher.as_ref();
        matcher.is_none_or(|matcher| matcher.covers(url))
    }

    /// Appends the signed URL as a line to `output`, if `line` is a URL of the plain origin that
    /// the policy covers, and whose path has only letters, digits and `-_/.`, without dots after
    /// slashes.
    pub fn sign_plain(&self, line: &[u8], output: &mut Vec<u8>) -> bool {
        let Some(origin) = &self.plain_origin else {
            return false;
        };
        let (Some(path), Ok(url)) = (
            line.strip_prefix(origin.as_bytes()),
            std::str::from_utf8(line),
        ) else {
            return false;
        };
        let query = self.signed.query();
        let is_short = url.len() + "?".len() + query.len() <= SignedUrl::LONGEST;
        // Without early exits, which LLVM would not vectorize.
        let is_plain = path.iter().fold(!path.is_empty(), |is_plain, byte| {
            is_plain & (byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_' | b'/' | b'.'))
        });
        if !is_plain || !is_short || url.contains("/.") || !self.covers(url) {
            return false;
        }
        output.extend_from_slice(line);
        output.push(b'?');
        output.extend_from_slice(query.as_bytes());
        output.push(b'\n');
        true
    }
}

/// The scheme, host and `/` of the URLs under a pattern; `None` if something is to be said or
/// changed about any URL there.
fn plain_origin(
    resource: &Resource,
    signed: &SignedPolicy,
    changes: &ChangeFlags,
) -> Option<String> {
    // The URL that is itself the resource may get a canned policy.
    if !resource.as_str().contains(['*', '?']) {
        return None;
    }
    let (host, _) = resource
        .as_str()
        .strip_prefix("https://")?
        .split_once('/')?;
    let origin = format!("https://{host}/");
    let sample = UnsignedUrl::parse(&format!("{origin}a")).ok()?;
    if changes.apply(sample.as_str(), None).ok()?.url != sample {
        return None;
    }
    let mut warnings = Warnings::default();
    warnings.about_url(&sample);
    warnings.about_signed_url(&sample, &SignedUrl::new(&sample, signed), Some(resource));
    let is_silent = warnings.into_iter().next().is_none();
    is_silent.then_some(origin)
}
