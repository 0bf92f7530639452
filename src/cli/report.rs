//! What is said on standard error, and the exit code that goes with it.
//!
//! The rules, for every message in cfsign:
//! - `error: ` and one sentence, lower case, no full stop: what was attempted, on what (path, line, flag as typed,
//!   value in quotes), and why it failed. It names what a thing is, not only what it is not.
//! - `hint: ` and a next step, preferably a piece of command line.
//! - never key material, never a passphrase; a signed URL only up to its `?`.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::Error;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::builder::Styles;
use clap::error::ErrorKind;

use super::{hints, usage};

/// The colours of messages and verdicts: what is right, what is wrong, what is doubtful, and what to do next.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
pub const WRONG: Style = AnsiColor::Red.on_default().bold();
pub const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
pub const NEXT: Style = AnsiColor::Cyan.on_default().bold();

/// The colours of help texts.
pub const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .error(WRONG)
    .valid(AnsiColor::Cyan.on_default())
    .invalid(AnsiColor::Yellow.on_default());

/// The hint that goes with warnings under `--strict`.
pub const STRICT_HINT: &str = "--strict makes errors of warnings";

/// Warnings that `--strict` turned into an error.
#[derive(Debug)]
pub struct StrictWarnings(pub Vec<String>);

impl fmt::Display for StrictWarnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for StrictWarnings {}

/// The person, or the log, behind standard error.
pub struct Terminal {
    color: ColorChoice,
}

impl Terminal {
    /// Takes `--color` from the arguments by itself, because a wrong argument is reported in colours too.
    pub fn new(arguments: &[OsString]) -> Self {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let after = arguments
            .iter()
            .position(|word| word == "--color")
            .and_then(|place| arguments.get(place + 1));
        let joined = arguments
            .iter()
            .find_map(|word| word.strip_prefix("--color="));
        let color = match joined.or(after.map(String::as_str)) {
            Some("always") => ColorChoice::Always,
            Some("never") => ColorChoice::Never,
            _ => ColorChoice::Auto,
        };
        Terminal { color }
    }

    /// Says why a run failed, or gives the help that was asked for; the exit code is that of the run.
    pub fn report(&self, error: &anyhow::Error) -> ExitCode {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            return self.report_usage(error);
        }
        if let Some(StrictWarnings(warnings)) = error.downcast_ref() {
            for warning in warnings {
                self.error(warning, None);
            }
            self.hint(STRICT_HINT);
            return ExitCode::from(2);
        }
        self.error(
            &format!("{error:#}"),
            error
                .chain()
                .find_map(|e| hints::for_error(e.downcast_ref::<Error>()?))
                .as_deref(),
        );
        ExitCode::from(2)
    }

    /// Writes a finished result with colours to standard output, which go where a person reads it.
    pub fn print(&self, text: &str) -> anyhow::Result<()> {
        super::stdout::print_to(&mut AutoStream::new(io::stdout().lock(), self.color), text)
    }

    /// Says what failed.
    pub fn error(&self, error: &str, hint: Option<&str>) {
        self.say(WRONG, "error", error);
        if let Some(hint) = hint {
            self.hint(hint);
        }
    }

    /// Says what worked and is probably wrong.
    pub fn warn(&self, warning: &str) {
        self.say(DOUBTFUL, "warning", warning);
    }

    /// Says what to do next.
    pub fn hint(&self, hint: &str) {
        self.say(NEXT, "hint", hint);
    }

    /// clap's answer: help and version on standard output, help that nobody asked for and errors on standard error.
    fn report_usage(&self, error: &clap::Error) -> ExitCode {
        if !matches!(
            error.kind(),
            ErrorKind::DisplayHelp
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                | ErrorKind::DisplayVersion
        ) {
            return self.report(&usage::explain(error).into());
        }
        let text = error.render().ansi().to_string();
        if error.use_stderr() {
            let _ = write!(AutoStream::new(io::stderr(), self.color), "{text}");
            return ExitCode::from(2);
        }
        match write!(AutoStream::new(io::stdout(), self.color), "{text}") {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                self.report(&super::stdout::cannot_print(&e).into())
            }
            _ => ExitCode::SUCCESS,
        }
    }

    fn say(&self, style: Style, what: &str, text: &str) {
        // With standard error gone there is nobody left to tell.
        let _ = writeln!(
            AutoStream::new(io::stderr(), self.color),
            "{style}{what}:{style:#} {text}"
        );
    }
}
