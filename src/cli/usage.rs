//! What clap finds wrong with a command line, in the words of cfsign's messages.

use std::error::Error as _;

use crate::Error;
use crate::url::signing_parameters::shown;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::Cli;

/// The error behind one of clap's. Arguments come from outside, so they are shown as URLs are.
pub fn explain(error: &clap::Error) -> Error {
    let argument = name(text(error, ContextKind::InvalidArg).unwrap_or_default());
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    if let Some(reason) = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>())
    {
        // A value that did not parse. Its message begins with the value.
        return reason.clone().context(argument);
    }
    let command = command(error);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let words = command.split(' ').skip(1);
            let mut cfsign = Cli::command();
            cfsign.build();
            let parent = words.fold(&cfsign, |parent, word| {
                parent.find_subcommand(word).unwrap_or(parent)
            });
            no_command(
                parent,
                text(error, ContextKind::InvalidSubcommand).unwrap_or_default(),
            )
        }
        ErrorKind::MissingSubcommand => {
            Error::new("a command is required").with_hint(format!("{command} --help"))
        }
        ErrorKind::UnknownArgument => {
            let wrong = shown(text(error, ContextKind::InvalidArg).unwrap_or_default());
            let message = match argument.starts_with('-') {
                true => format!("{wrong} is not a flag of {command}"),
                false => format!("{wrong} is one argument more than {command} takes"),
            };
            Error::new(message).with_hint(
                match (text(error, ContextKind::SuggestedArg), elsewhere(error)) {
                    (Some(meant), _) => meant.to_owned(),
                    (None, Some(place)) => format!("{command} {place}"),
                    (None, None) => format!("{command} --help"),
                },
            )
        }
        ErrorKind::ArgumentConflict => match list(error, ContextKind::PriorArg)
            .first()
            .map(|prior| name(prior))
        {
            Some(prior) if prior != argument => {
                Error::new(format!("{argument} and {prior} exclude each other"))
            }
            _ => Error::new(format!("{argument} is given twice")),
        }
        .with_hint("leave out one of the two"),
        ErrorKind::MissingRequiredArgument => {
            let missing = list(error, ContextKind::InvalidArg);
            let missing: Vec<_> = missing.iter().map(|argument| name(argument)).collect();
            let verb = if missing.len() == 1 { "is" } else { "are" };
            Error::new(format!("{} {verb} required", missing.join(" and ")))
                .with_hint(format!("{command} --help"))
        }
        ErrorKind::InvalidValue if value.is_empty() && !argument.starts_with('-') => {
            Error::new(format!("{argument} is empty"))
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            Error::new(format!("{argument} needs a value")).with_hint(match values(error) {
                Some(values) => format!("{argument} takes {values}"),
                None => text(error, ContextKind::InvalidArg)
                    .unwrap_or_default()
                    .replace(['<', '>'], ""),
            })
        }
        ErrorKind::InvalidValue => Error::new(format!("{argument} does not take {}", shown(value)))
            .with_hint(match values(error) {
                Some(values) => format!("{argument} takes {values}"),
                None => format!("{command} --help"),
            }),
        ErrorKind::ValueValidation => {
            let reason = error.source().map(ToString::to_string).unwrap_or_default();
            Error::new(format!(
                "{argument} does not take {}: {reason}",
                shown(value)
            ))
            .with_hint(format!("{command} --help"))
        }
        ErrorKind::TooManyValues => Error::new(format!(
            "{argument} takes no value, and {} is one",
            shown(value)
        ))
        .with_hint(argument),
        ErrorKind::InvalidUtf8 => Error::new("one of the arguments is not UTF-8 text")
            .with_hint("--encode takes a URL with other characters, written in UTF-8"),
        kind => Error::new(
            kind.as_str()
                .unwrap_or("the command line cannot be read")
                .to_lowercase(),
        )
        .with_hint(format!("{command} --help")),
    }
}

/// The error for a word that is no command of `parent`.
pub fn no_command(parent: &Command, word: &str) -> Error {
    // clap's own measure does not see that `ulr` is `url` with two letters swapped.
    let likeness =
        |command: &&Command| strsim::normalized_damerau_levenshtein(word, command.get_name());
    let meant = parent
        .get_subcommands()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let name = parent.get_bin_name().unwrap_or(parent.get_name());
    Error::new(format!("{} is not a command of {name}", shown(word))).with_hint(
        match meant.filter(|command| likeness(command) > 0.6) {
            Some(command) => format!("{name} {}", command.get_name()),
            None => format!("{name} --help"),
        },
    )
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

fn list(error: &clap::Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// `--expires` of `--expires <TIME>`, `URL` of `[URL]...`.
fn name(argument: &str) -> &str {
    argument
        .split([' ', '='])
        .next()
        .unwrap_or_default()
        .trim_matches(['<', '>', '[', ']', '.'])
}

/// `text, json or curl`, where only some values are possible.
fn values(error: &clap::Error) -> Option<String> {
    match list(error, ContextKind::ValidValue).as_slice() {
        [] => None,
        [only] => Some((*only).to_owned()),
        [first @ .., last] => Some(format!("{} or {last}", first.join(", "))),
    }
}

/// `url --expires` for a flag that stands in front of its command: clap has it as `'url --expires' exists`.
fn elsewhere(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) else {
        return None;
    };
    Some(
        tips.first()?
            .to_string()
            .strip_prefix('\'')?
            .split_once('\'')?
            .0
            .to_owned(),
    )
}

/// `cfsign url`, the words in front of the arguments in clap's usage line.
fn command(error: &clap::Error) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let words = usage
        .split_whitespace()
        .skip(1)
        .take_while(|word| !word.starts_with(['-', '[', '<']));
    let words: Vec<&str> = words.collect();
    if words.is_empty() {
        "cfsign".into()
    } else {
        words.join(" ")
    }
}
