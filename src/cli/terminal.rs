//! All output: results on standard output, messages on standard error, and the exit code of an
//! error.
//!
//! The rules for every message:
//! - `error: ` and one sentence, lower case, no full stop: what was attempted, on what (path, line,
//!   flag as typed, value in quotes), and why it failed. It names what a thing is, not only what it
//!   is not.
//! - `hint: ` and a next step, preferably a piece of a command line.
//! - Never key material, never a passphrase; a signed URL only up to its `?`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use clap::builder::Styles;
use clap::{Args, ValueEnum};

use super::args::GLOBAL;
use super::progress;
use super::shell;
use super::warnings::Warnings;
use crate::{Error, ErrorKind, Result, io_reason, is_showable};

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

pub const CUT_OFF_HINT: &str =
    "quote the URL: an unquoted & ends the command, which then runs in the background";

// What may be printed besides results, and with colors or without.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = GLOBAL)]
pub struct Terminal {
    /// No warnings and no progress bar
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Treat warnings as errors (batch: skip the row)
    #[arg(long, global = true)]
    pub strict: bool,

    /// Use colors: auto, always or never; NO_COLOR and CLICOLOR_FORCE are supported
    #[arg(long, global = true, value_name = "WHEN")]
    #[arg(ignore_case = true, hide_short_help = true)]
    color: Option<ColorWhen>,
}

/// The values of `--color`; `on` and `off` are those of the AWS CLI.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColorWhen {
    Auto,
    #[value(alias = "on")]
    Always,
    #[value(alias = "off")]
    Never,
}

impl Terminal {
    /// Sets the colors of all later output.
    pub fn set_colors(&self) {
        let color = match self.color {
            Some(ColorWhen::Always) => ColorChoice::Always,
            Some(ColorWhen::Never) => ColorChoice::Never,
            Some(ColorWhen::Auto) | None => ColorChoice::Auto,
        };
        color.write_global();
    }

    /// Reports something that worked but is probably a mistake.
    pub fn warn(&self, warning: &str) {
        if !self.quiet {
            say(DOUBTFUL, "warning", warning);
        }
    }

    /// Reports the outcome of a run beside its result.
    pub fn note(&self, note: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{note}");
        }
    }

    /// Reports the warnings of a run that has otherwise succeeded; with `--strict`, as an error.
    pub fn settle(&self, warnings: Warnings) -> Result<()> {
        let mut texts: Vec<String> = warnings.into_iter().map(|warning| warning.text).collect();
        if self.strict
            && let Some(last) = texts.pop()
        {
            texts.iter().for_each(|text| error(text, None));
            return Err(Error::new(last).with_hint(STRICT_HINT));
        }
        texts.iter().for_each(|text| self.warn(text));
        Ok(())
    }
}

/// Writes a finished result to standard output, byte for byte. A closed pipe is no error: its
/// reader has read enough, and the result stays what it is.
pub fn print(text: &str) -> anyhow::Result<()> {
    stream(text, false).or_else(unless_closed)
}

/// Writes a result with colors, which are left out if standard output is no terminal.
pub fn print_styled(text: &str) -> anyhow::Result<()> {
    stream(text, true).or_else(unless_closed)
}

/// Writes a part of a long result; a closed pipe is an error.
pub fn stream(text: &str, styled: bool) -> anyhow::Result<()> {
    let mut stdout: Box<dyn Write> = if styled {
        Box::new(anstream::stdout())
    } else {
        Box::new(io::stdout())
    };
    let written = stdout.write_all(text.as_bytes());
    written.and_then(|()| stdout.flush()).map_err(cannot_print)
}

fn unless_closed(failure: anyhow::Error) -> anyhow::Result<()> {
    if is_closed_pipe(&failure) {
        Ok(())
    } else {
        Err(failure)
    }
}

fn is_closed_pipe(failure: &anyhow::Error) -> bool {
    let error: Option<&io::Error> = failure.downcast_ref();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Reports an error.
pub fn error(message: &str, next: Option<&str>) {
    say(WRONG, "error", message);
    if let Some(next) = next {
        hint(next);
    }
}

/// Reports the error of a line of the input. A hint that has just been shown is not repeated.
pub fn line_error(line: u64, reason: &Error) {
    static LAST_HINT: Mutex<Option<String>> = Mutex::new(None);
    let mut last = LAST_HINT.lock().unwrap_or_else(PoisonError::into_inner);
    let hint = hint_for(reason);
    let new_hint = hint.as_deref().filter(|_| hint != *last);
    error(&format!("line {line}: {reason}"), new_hint);
    *last = hint;
}

/// Reports a next step.
pub fn hint(next: &str) {
    say(NEXT, "hint", next);
}

/// Reports why a run failed; returns the exit code. A run that ends because nobody reads its output
/// has not failed.
pub fn report(failure: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(failure) {
        return ExitCode::SUCCESS;
    }
    let message = format!("{failure:#}");
    let next = match shell::unexpanded_variable(&message) {
        Some(variable) => Some(format!(
            "the shell did not expand {variable}: use double quotes, and check that it is set"
        )),
        None => failure.downcast_ref().and_then(hint_for),
    };
    error(&message, next.as_deref());
    ExitCode::from(2)
}

/// Prints help and the version, to standard error if nobody asked for them.
pub fn print_help(help: &clap::Error) -> anyhow::Result<ExitCode> {
    let text = help.render().ansi().to_string();
    if help.use_stderr() {
        let _ = write!(anstream::stderr(), "{text}");
        return Ok(ExitCode::from(2));
    }
    print_styled(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn say(style: Style, what: &str, text: &str) {
    progress::clear();
    // A message for a standard error that is closed is lost.
    let _ = writeln!(anstream::stderr(), "{style}{what}:{style:#} {text}");
}

/// Returns whether the process runs in the background of a terminal.
pub fn is_in_background() -> bool {
    #[cfg(unix)]
    if let Ok(foreground) = rustix::termios::tcgetpgrp(io::stderr()) {
        return foreground != rustix::process::getpgrp();
    }
    false
}

/// The error for standard output that cannot be written to; a closed pipe stays what it is.
pub fn cannot_print(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return error.into();
    }
    Error::new(format!(
        "cannot write to standard output: {}",
        io_reason(&error)
    ))
    .into()
}

/// The file to write, or `None` if `path` is one of the names of standard output.
pub fn output_file(path: Option<PathBuf>) -> Option<PathBuf> {
    let names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    path.filter(|path| !names.iter().any(|name| path.as_os_str() == *name))
}

/// The next step for a person at the command line: flags by the kind of the error, or its own hint.
fn hint_for(error: &Error) -> Option<String> {
    let hint = match error.kind() {
        ErrorKind::AlreadySigned => {
            "use --resign to replace the old signature; cfsign inspect URL shows it"
        }
        ErrorKind::NotPercentEncoded { encoded } if is_showable(encoded) => {
            return Some(format!("use --encode to sign {encoded}"));
        }
        ErrorKind::NotPercentEncoded { .. } => "use --encode to percent-encode the URL",
        ErrorKind::UnsupportedKey => "cfsign key generate makes a key that CloudFront accepts",
        ErrorKind::PassphraseRequired => "use --passphrase env:NAME or --passphrase FILE",
        ErrorKind::LikelyFormat(format) => return Some(format!("use --from {format}")),
        ErrorKind::NotRepresentable(format) => return Some(format!("use --to {format}")),
        ErrorKind::NoUrlColumn { likely: Some(name) } if is_showable(name) => {
            return Some(format!("use --url-column {}", shell::word(name)));
        }
        ErrorKind::NoUrlColumn { .. } => {
            "use --url-column NAME for another column, or --from lines for one URL per line"
        }
        ErrorKind::HostUnknown => "use --base-url https://cdn.example.com for the host",
        ErrorKind::FieldsUnknown => {
            "name its fields in their order: --fields \
             timestamp,c-ip,sc-status,x-host-header,cs-uri-stem,cs-uri-query"
        }
        ErrorKind::OtherHash(name) => {
            return Some(match error.hint() {
                Some(hint) => format!("use --hash {name}; {hint}"),
                None => format!("use --hash {name}"),
            });
        }
        ErrorKind::SignCommandFailed => {
            "test the command: printf %s \"$(cfsign policy URL --expires 1h)\" | COMMAND"
        }
        ErrorKind::SignCommandTimeout => {
            "use --sign-timeout 5m for more time; the command may also be waiting for input"
        }
        _ => return error.hint().map(str::to_owned),
    };
    Some(hint.into())
}
