//! Messages on standard error, and the exit code that goes with them.
//!
//! The rules for every message:
//! - `error: ` and one sentence, lower case, no full stop: what was attempted, on what (path, line, flag as typed, value in
//!   quotes), and why it failed. It names what a thing is, not only what it is not.
//! - `hint: ` and a next step, preferably a piece of a command line.
//! - Never key material, never a passphrase; a signed URL only up to its `?`.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::Error;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::builder::Styles;
use clap::error::ErrorKind;

use super::hints;

/// The colors of messages and verdicts.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
pub const WRONG: Style = AnsiColor::Red.on_default().bold();
pub const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
pub const NEXT: Style = AnsiColor::Cyan.on_default().bold();

/// The colors of help texts.
pub const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .error(WRONG)
    .valid(AnsiColor::Cyan.on_default())
    .invalid(AnsiColor::Yellow.on_default());

/// The hint after warnings that are errors because of `--strict`.
pub const STRICT_HINT: &str = "--strict treats warnings as errors";

/// Warnings that `--strict` turned into an error.
#[derive(Debug)]
pub struct StrictWarnings(pub Vec<String>);

impl fmt::Display for StrictWarnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for StrictWarnings {}

/// Standard error, with or without colors.
pub struct Terminal {
    color: ColorChoice,
}

impl Terminal {
    /// Reads `--color` before the arguments are parsed, because parse errors have colors too.
    pub fn new(arguments: &[OsString]) -> Self {
        let mut color = ColorChoice::Auto;
        let mut value_follows = false;
        for argument in arguments {
            let argument = argument.to_string_lossy();
            let value = argument.strip_prefix("--color=");
            match value.or(value_follows.then_some(&*argument)) {
                Some("always") => color = ColorChoice::Always,
                Some("never") => color = ColorChoice::Never,
                _ => {}
            }
            value_follows = argument == "--color";
        }
        Terminal { color }
    }

    /// Reports why a run failed, or prints the requested help; returns the exit code.
    pub fn report(&self, error: &anyhow::Error) -> ExitCode {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            return self.print_help(error);
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

    /// Writes a result to standard output, with colors if it is a terminal.
    pub fn print(&self, text: &str) -> anyhow::Result<()> {
        super::stdout::print_to(&mut AutoStream::new(io::stdout().lock(), self.color), text)
    }

    /// Reports an error.
    pub fn error(&self, error: &str, hint: Option<&str>) {
        self.say(WRONG, "error", error);
        if let Some(hint) = hint {
            self.hint(hint);
        }
    }

    /// Reports something that worked but is probably a mistake.
    pub fn warn(&self, warning: &str) {
        self.say(DOUBTFUL, "warning", warning);
    }

    /// Reports a result.
    pub fn note(&self, note: &str) {
        let _ = writeln!(AutoStream::new(io::stderr(), self.color), "{note}");
    }

    /// Reports a next step.
    pub fn hint(&self, hint: &str) {
        self.say(NEXT, "hint", hint);
    }

    /// Prints help and the version, to standard error if nobody asked for them.
    fn print_help(&self, error: &clap::Error) -> ExitCode {
        let text = error.render().ansi().to_string();
        if error.use_stderr() {
            let _ = write!(AutoStream::new(io::stderr(), self.color), "{text}");
            return ExitCode::from(2);
        }
        match self.print(&text) {
            Err(error) => self.report(&error),
            Ok(()) => ExitCode::SUCCESS,
        }
    }

    fn say(&self, style: Style, what: &str, text: &str) {
        // If standard error is closed, nobody can be told.
        let _ = writeln!(
            AutoStream::new(io::stderr(), self.color),
            "{style}{what}:{style:#} {text}"
        );
    }
}

/// Checks whether clap shows the requested help or version, or help because arguments are missing.
pub fn is_help(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::DisplayVersion
    )
}
