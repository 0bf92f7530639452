//! Hints that name flags of the command line, by the kind of the error.

use crate::error::{Error, ErrorKind};
use crate::redact::is_showable;

/// The next step for a person at the command line, if there is one.
pub fn for_error(error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::AlreadySigned => {
            Some("--resign replaces the old signature; cfsign inspect URL shows it".into())
        }
        ErrorKind::NotPercentEncoded { encoded } if is_showable(encoded) => {
            Some(format!("use --encode to sign {encoded}"))
        }
        ErrorKind::NotPercentEncoded { .. } => {
            Some("use --encode to percent-encode the URL".into())
        }
        ErrorKind::PassphraseRequired => Some("--passphrase FILE, or --passphrase env:NAME".into()),
        ErrorKind::LikelyFormat(format) => Some(format!("--from {format} reads it")),
        ErrorKind::NotRepresentable(format) => Some(format!("--to {format} can represent it")),
        ErrorKind::NoUrlColumn => {
            Some("--url-column NAME names the column; --from lines reads one URL per line".into())
        }
        ErrorKind::OtherHash(name) => Some(match error.hint() {
            Some(hint) => format!("--hash {name}; {hint}"),
            None => format!("--hash {name}"),
        }),
        ErrorKind::SignCommandFailed => Some(
            "to try the command: printf %s \"$(cfsign policy URL --expires 1h)\" | COMMAND".into(),
        ),
        ErrorKind::SignCommandTimeout => Some(
            "--sign-timeout 5m allows more time; a command can ask questions only at the terminal"
                .into(),
        ),
        _ => error.hint().map(str::to_owned),
    }
}
