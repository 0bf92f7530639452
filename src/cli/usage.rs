//! Errors in the command line: clap's messages on one line, with the next step. Values that clap
//! quotes are shown as safely as everywhere else.

use std::error::Error as _;
use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::aws;
use super::definition::{command_in, commands, flag_of, help, name_of, with_value};
use super::misplaced;
use super::shell;
use super::synonyms::{EXAMPLES, OTHER_FLAGS, begin_alike, filled};
use super::synonyms::{meanings, meant_command, use_similar};
use crate::error::listed;
use crate::url::signing_parameters::shown;
use crate::{Error, When, is_showable};

/// A command line, and the command of `cfsign` that it names.
struct Line<'a> {
    cfsign: &'a Command,
    command: &'a Command,
    arguments: &'a [OsString],
}

/// Checks whether clap shows the requested help or version, or help because arguments are missing.
pub fn is_help(error: &clap::Error) -> bool {
    let missing = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    !error.use_stderr() || error.kind() == missing
}

/// The error for words that clap would read as values: `help` after a command, and a flag with one
/// hyphen, `-expires`, or with the dash that a word processor made of two.
pub fn misread(cfsign: fn() -> Command, arguments: &[OsString]) -> Option<Error> {
    if let [_, _, word] = arguments
        && word == "help"
    {
        let cfsign = cfsign();
        let command = command_in(&cfsign, arguments.iter());
        if !command.has_subcommands() {
            return Some(Error::new("help of a command is a flag").with_hint(help(command)));
        }
    }
    for text in arguments.iter().filter_map(|argument| argument.to_str()) {
        let flag = text.trim_start_matches(['-', '\u{2010}', '\u{2012}', '–', '—', '―', '−']);
        let dashes = &text[..text.len() - flag.len()];
        let name = flag.split('=').next().unwrap_or_default();
        if dashes.is_empty() || dashes == "--" || dashes == "-" && name.len() < 2 {
            continue;
        }
        let why = if dashes.is_ascii() {
            "begins with one hyphen; long flags begin with two"
        } else {
            "begins with a dash that is not a hyphen"
        };
        let cfsign = cfsign();
        let known = flag_of(command_in(&cfsign, arguments.iter()), name);
        if let Some(meant) = known.and_then(Arg::get_long) {
            let error = Error::new(format!("{} {why}", named(text)));
            return Some(error.with_hint(format!("use --{meant}")));
        }
    }
    None
}

/// Converts an error of clap's. `cfsign` is the whole command, built.
pub fn explain(error: clap::Error, cfsign: &Command, arguments: &[OsString]) -> Error {
    let unknown = text(&error, ContextKind::InvalidSubcommand);
    let known = arguments.iter().take_while(|word| *word != unknown);
    let line = Line {
        command: command_in(cfsign, known),
        cfsign,
        arguments,
    };
    let argument = text(&error, ContextKind::InvalidArg);
    let (flag, value) = (bare(argument), text(&error, ContextKind::InvalidValue));
    let typed = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>());
    let Some(reason) = typed else {
        let hint = line.hint(&error);
        return Error::new(message(error)).with_hint(hint);
    };
    if line.has(value) {
        let message = format!("a value is required for {flag} but none was supplied");
        let hint = line.example(argument).unwrap_or_else(|| help(line.command));
        return Error::new(message).with_hint(hint);
    }
    // The message begins with the value.
    let reason = reason.clone().context(flag);
    match line.meant_value(flag, value) {
        Some(meant) => reason.with_hint(meant),
        None => reason,
    }
}

/// clap's message on one line, in which words of the command line are shown as everywhere else.
fn message(mut error: clap::Error) -> String {
    let names = list(&error, ContextKind::InvalidArg);
    if !names.is_empty() {
        return format!("missing {}", bare_list(names));
    }
    let typed = match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => ContextKind::InvalidValue,
    };
    let word = text(&error, typed).to_owned();
    if !word.is_empty() {
        error.insert(typed, ContextValue::String("{}".into()));
    }
    let message = error.to_string();
    let line = message.lines().next().unwrap_or_default();
    let line = line.trim_start_matches("error: ");
    let line = line.trim_end_matches("; no more were expected");
    let mut line = line.trim_end_matches(" found").to_owned();
    if line.ends_with(':') {
        let others = bare_list(list(&error, ContextKind::PriorArg));
        line = line.replace(':', &format!(" {others}"));
    }
    // In quotes are the names of arguments, and the word.
    let pieces: Vec<&str> = line.split('\'').map(bare).collect();
    pieces.concat().replacen("{}", &named(&word), 1)
}

impl Line<'_> {
    fn hint(&self, error: &clap::Error) -> String {
        let values = list(error, ContextKind::ValidValue);
        if !values.is_empty() {
            return format!("possible values: {}", values.join(", "));
        }
        let argument = text(error, ContextKind::InvalidArg);
        let better = match error.kind() {
            ErrorKind::InvalidSubcommand => {
                let word = text(error, ContextKind::InvalidSubcommand);
                let similar = text(error, ContextKind::SuggestedSubcommand);
                let similar = begin_alike(word, similar)
                    .then(|| format!("{} {similar}", name_of(self.command)));
                let meant = meant_command(self.command, word).or(similar);
                meant.map(|meant| filled(meant, self.word_after(word)))
            }
            ErrorKind::UnknownArgument if argument.starts_with('-') => {
                let similar = text(error, ContextKind::SuggestedArg);
                let meant = self.meant_flag(argument);
                meant.or_else(|| use_similar(argument, similar))
            }
            ErrorKind::UnknownArgument => self.one_too_many(argument),
            ErrorKind::ArgumentConflict => match list(error, ContextKind::PriorArg) {
                [] => Some("leave out one of the two".into()),
                _ => Some(format!("leave out {}", bare(argument))),
            },
            ErrorKind::InvalidUtf8 => Some("write the URL in UTF-8, with --encode".into()),
            _ => self.example(argument),
        };
        better.unwrap_or_else(|| help(self.command))
    }

    /// The next step for a flag that the command does not have.
    fn meant_flag(&self, flag: &str) -> Option<String> {
        let (typed, value) = flag.split_once('=').unwrap_or((flag, ""));
        let command = name_of(self.command);
        if self.has(typed) {
            return Some(format!("use {command} {typed}"));
        }
        let name = typed.trim_start_matches('-').to_lowercase();
        let name = name.replace('_', "-");
        if let Some(known) = flag_of(self.command, &name) {
            return Some(format!("use --{}", known.get_long()?));
        }
        let next = self.word_after(typed).unwrap_or(value);
        for value in [&name, next] {
            if let Some(known) = with_value(self.command, value) {
                return Some(format!("use --{known} {value}"));
            }
        }
        let own = format!("{}/{name}", self.command.get_name());
        for meant in meanings(OTHER_FLAGS, &[&name, &own]) {
            if meant.contains(' ') {
                return Some(meant.replace("{}", command));
            }
            if flag_of(self.command, meant).is_some() {
                return Some(format!("use --{meant}"));
            }
        }
        let mut foreign = aws::options_in(self.arguments);
        foreign.retain(|option| !self.has(option));
        if foreign.contains(&typed) {
            let foreign = listed(&foreign);
            return Some(format!("leave out {foreign}: cfsign makes no AWS calls"));
        }
        // A flag of another command is no typo.
        let mut others = commands(self.cfsign);
        others.retain(|other| flag_of(other, &name).is_some());
        let names: Vec<&str> = others.into_iter().map(name_of).collect();
        let have = if names.len() == 1 { "has" } else { "have" };
        (!names.is_empty()).then(|| format!("only {} {have} {typed}", listed(&names)))
    }

    fn word_after(&self, word: &str) -> Option<&str> {
        let place = self.arguments.iter().position(|other| other == word)?;
        self.arguments.get(place + 1)?.to_str()
    }

    /// Returns whether the command has a flag that is written so, with its hyphens.
    fn has(&self, flag: &str) -> bool {
        let name = flag.trim_start_matches('-');
        let hyphens = if name.chars().count() == 1 { 1 } else { 2 };
        flag.len() - name.len() == hyphens && flag_of(self.command, name).is_some()
    }

    /// The next step for a value of `flag` that is the first part of what was not quoted, the
    /// name of a file, or a time in capitals, with slashes or in another notation.
    fn meant_value(&self, flag: &str, value: &str) -> Option<String> {
        let next = self.word_after(value);
        if let Some(hint) = next.and_then(misplaced::unquoted) {
            return Some(hint);
        }
        if flag == "--key-pair-id" && Path::new(value).is_file() {
            return Some(format!("use --private-key {}", shell::word(value)));
        }
        let small = value.to_lowercase().replace('/', "-");
        let mut starts = ["in ", "for ", "pt", "p"].iter();
        let meant = starts.find_map(|start| small.strip_prefix(start));
        let meant = meant.unwrap_or(&small).trim_end_matches(" from now");
        // M may be months or minutes.
        let is_time = meant != value && !value.contains('M') && meant.parse::<When>().is_ok();
        is_time.then(|| format!("use {flag} {}", shell::word(meant)))
    }

    /// The use of `argument`, such as `--expires <TIME>`, with an example of its value.
    fn example(&self, argument: &str) -> Option<String> {
        let (name, value) = argument.split_once(' ').unwrap_or((argument, ""));
        if !name.starts_with("--") || value.is_empty() {
            return name.starts_with("--").then(|| format!("use {name}"));
        }
        let value = value.trim_matches(['<', '>', '.']);
        let example = meanings(EXAMPLES, &[name, value]).next()?;
        Some(format!("use {name} {example}"))
    }

    /// The next step for an argument more than the command takes.
    fn one_too_many(&self, word: &str) -> Option<String> {
        if let Some(hint) = misplaced::unquoted(word) {
            return Some(hint);
        }
        let place = self.arguments.iter().position(|other| other == word)?;
        let before = self.arguments[place - 1].to_str()?;
        if before.starts_with('-') {
            return self.meant_flag(before);
        }
        if word.contains("://") && self.has("--base-url") {
            return Some(format!("use --base-url {}", shell::word(word)));
        }
        let command = name_of(self.command);
        if command == "cfsign batch" {
            return Some("join the lists: cat FILE... | cfsign batch -".into());
        }
        let argument = self.command.get_positionals().next()?;
        let takes = argument.get_value_names()?.first()?;
        Some(format!("{command} takes one {takes} at a time"))
    }
}

/// A word of the command line in quotes, or its length if it may be a secret.
fn named(word: &str) -> String {
    if is_showable(word) {
        return shown(word);
    }
    format!("({} characters)", word.chars().count())
}

/// `--expires` of `--expires <TIME>`, `URL` of `[URL]...`.
fn bare(argument: &str) -> &str {
    let name = argument.split(" <").next().unwrap_or_default();
    name.trim_matches(['<', '>', '[', ']', '.'])
}

fn bare_list(arguments: &[String]) -> String {
    let names: Vec<&str> = arguments.iter().map(|argument| bare(argument)).collect();
    listed(&names)
}

/// The text of a context, or the first of several; empty if the error has none.
fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => list(error, kind).first().map_or("", String::as_str),
    }
}

fn list(error: &clap::Error, kind: ContextKind) -> &[String] {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts,
        _ => &[],
    }
}
