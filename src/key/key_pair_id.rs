//! The key pair ID: the name by which CloudFront finds the public key that checks a signature.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result, quoted};
use crate::redact::is_showable;

/// The ID of a public key in CloudFront, such as `K2JCJMDEHXQW5F`.
///
/// Source: Amazon CloudFront Developer Guide, "Specify signers that can create signed URLs and signed cookies".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPairId(String);

impl KeyPairId {
    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes this ID look like something else than a public key's ID, if anything does.
    ///
    /// CloudFront gives out `K` and 13 capital letters and digits, and gave `APKA...` to account key pairs. Other
    /// shapes are allowed here, because test suites use them, but a person should hear about it.
    pub fn oddity(&self) -> Option<&'static str> {
        let id = &self.0;
        let capitals = id
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let uuid = id.len() == 36 && id.bytes().filter(|b| *b == b'-').count() == 4;
        if capitals && (id.len() == 14 && id.starts_with('K') || id.starts_with("APKA")) {
            None
        } else if uuid {
            Some("looks like the ID of a key group; the ID of a public key in it is needed")
        } else if id.starts_with("AKIA") || id.starts_with("ASIA") {
            Some(
                "looks like an access key of an AWS user, not like the ID of a CloudFront public key",
            )
        } else if capitals && id.starts_with('E') && (13..=14).contains(&id.len()) {
            Some(
                "looks like the ID of a distribution; the ID of a public key in its key group is needed",
            )
        } else {
            Some(
                "does not look like the ID of a CloudFront public key (K and 13 capital letters and digits)",
            )
        }
    }
}

impl fmt::Display for KeyPairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyPairId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let hint = "aws cloudfront list-public-keys shows the IDs, such as K2JCJMDEHXQW5F";
        if text.is_empty() {
            return Err(Error::new("\"\" is no key pair ID").with_hint(hint));
        }
        if !is_showable(text) {
            // A key or a secret of another kind, which would go into every URL.
            return Err(
                Error::new(format!("{} is not a key pair ID", quoted(text))).with_hint(hint)
            );
        }
        match text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '-' && *c != '_')
        {
            Some(bad) => Err(Error::new(format!(
                "{} holds {}, and a key pair ID has letters, digits, \"-\" and \"_\" only",
                quoted(text),
                quoted(&bad.to_string())
            ))
            .with_hint(hint)),
            None => Ok(KeyPairId(text.into())),
        }
    }
}

impl AsRef<str> for KeyPairId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
