//! The flags and arguments that a command needs; all that are missing are reported in one error.

use crate::Error;
use crate::cli::args::{ConditionFlags, UrlFlags};
use crate::cli::keys::KeySources;
use crate::error::listed;

/// A flag or argument that a command needs.
#[derive(Clone, Copy)]
pub struct Required {
    pub name: &'static str,
    pub given: bool,
    /// The next step if nothing else is missing.
    pub hint: &'static str,
}

/// Reports everything that is missing in one error; `example` is a complete command line.
pub fn check_required(required: &[Required], example: &str) -> crate::Result<()> {
    let missing: Vec<&Required> = required.iter().filter(|flag| !flag.given).collect();
    let names: Vec<&str> = missing.iter().map(|flag| flag.name).collect();
    let hint = match missing.as_slice() {
        [] => return Ok(()),
        [only] => only.hint,
        _ => example,
    };
    Err(Error::new(format!("missing {}", listed(&names))).with_hint(hint))
}

impl KeySources<'_> {
    /// Checks that the flags of a command that signs are there, after its `own` ones. The expiry
    /// may be `optional`.
    ///
    /// # Errors
    /// Something is missing; a flag has no effect without `--sign-command`.
    pub fn check_required(
        &self,
        own: &[Required],
        conditions: &ConditionFlags,
        optional_expiry: bool,
        example: &str,
    ) -> crate::Result<()> {
        let of_command = [
            ("--public-key", self.flags.public_key.is_some()),
            ("--sign-timeout", self.flags.sign_timeout.is_some()),
        ];
        if self.flags.sign_command.is_none()
            && let Some((flag, _)) = of_command.iter().find(|(_, given)| *given)
        {
            return Err(Error::new(format!("{flag} requires --sign-command"))
                .with_hint("leave it out, or use --sign-command instead of --private-key"));
        }
        let mut required = own.to_vec();
        required.push(Required {
            name: "--key-pair-id",
            given: self.key_pair_id.is_some(),
            hint: "use -k K2JCJMDEHXQW5F, or set CFSIGN_KEY_PAIR_ID; aws cloudfront list-public-keys shows the IDs",
        });
        required.push(Required {
            name: "--private-key",
            given: self.flags.sign_command.is_some() || self.private_key.is_some(),
            hint: "use -p cf.pem, or set CFSIGN_PRIVATE_KEY; cfsign key generate creates a key pair",
        });
        required.push(conditions.required(optional_expiry));
        check_required(&required, example)
    }
}

impl ConditionFlags {
    /// The expiry, unless it is `optional`.
    pub fn required(&self, optional: bool) -> Required {
        let given = self.expires.is_some() || self.expires_in.is_some() || self.policy.is_some();
        Required {
            name: "--expires",
            given: given || optional,
            hint: "use --expires 1h, --expires 2027-01-31, or --policy FILE for a custom policy",
        }
    }
}

impl UrlFlags {
    /// The URLs, as an argument that a command needs.
    pub fn required(&self) -> Required {
        Required {
            name: "URL",
            given: !self.urls.is_empty() || self.url.is_some(),
            hint: "cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...; - reads URLs from stdin",
        }
    }
}
