//! Hints that name flags of the command line, by the kind of the error.

use super::keys::PASSPHRASE_HINT;
use crate::error::{Error, ErrorKind};
use crate::redact::is_showable;

/// The next step for a person at the command line, if there is one.
pub fn for_error(error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::AlreadySigned => {
            Some("use --resign to replace the old signature; cfsign inspect URL shows it".into())
        }
        ErrorKind::NotPercentEncoded { encoded } if is_showable(encoded) => {
            Some(format!("use --encode to sign {encoded}"))
        }
        ErrorKind::NotPercentEncoded { .. } => {
            Some("use --encode to percent-encode the URL".into())
        }
        ErrorKind::UnsupportedKey => {
            Some("cfsign key generate makes a key that CloudFront accepts".into())
        }
        ErrorKind::PassphraseRequired => Some(PASSPHRASE_HINT.into()),
        ErrorKind::LikelyFormat(format) => Some(format!("use --from {format}")),
        ErrorKind::NotRepresentable(format) => Some(format!("use --to {format}")),
        ErrorKind::NoUrlColumn { has_default: true } => Some("use --url-column url".into()),
        ErrorKind::NoUrlColumn { has_default: false } => Some(
            "use --url-column NAME for another column, or --from lines for one URL per line".into(),
        ),
        ErrorKind::OtherHash(name) => Some(match error.hint() {
            Some(hint) => format!("use --hash {name}; {hint}"),
            None => format!("use --hash {name}"),
        }),
        ErrorKind::SignCommandFailed => Some(
            "test the command: printf %s \"$(cfsign policy URL --expires 1h)\" | COMMAND".into(),
        ),
        ErrorKind::SignCommandTimeout => Some(
            "use --sign-timeout 5m for more time; the command may also be waiting for input".into(),
        ),
        _ => error.hint().map(str::to_owned),
    }
}
