//! Errors in the command line: clap's messages on one line, with the next step. Values that clap
//! quotes are shown as safely as everywhere else.
//!
//! Everything about flags is computed from the definitions of the commands; the words of other
//! tools are tables.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::aws;
use super::misplaced;
use super::shell;
use crate::error::listed;
use crate::url::signing_parameters::shown;
use crate::{Error, is_showable};

/// Words that people try as commands, with the command that they follow, and the commands for them.
const OTHER_COMMANDS: [(&str, &str); 13] = [
    ("check validate test", "verify URL --public-key cf.pub.pem"),
    ("decode show explain info debug parse", "inspect URL"),
    ("cookie sign-cookie", "cookies RESOURCE"),
    ("presign sign-url signed-url ulr", "url URL"),
    ("m3u8 hls mpd dash", "playlist FILE"),
    ("keygen genkey generate", "key generate FILE"),
    ("keys", "key --help"),
    ("key/create key/new key/make", "key generate FILE"),
    ("key/show key/info key/check", "key inspect FILE"),
    ("completion", "completions SHELL"),
    ("bulk list csv", "batch FILE"),
    ("aws cloudfront", "sign --url URL"),
    ("version", "--version"),
];

/// Flags of other tools, and what to use instead, wherever that exists.
const OTHER_FLAGS: [(&str, &str); 19] = [
    (
        "ttl expiry expiration expire valid-for until lifetime",
        "expires",
    ),
    ("duration seconds", "expires-in"),
    ("start not-before valid-from from", "starts"),
    ("filename file-name download attachment", "download-as"),
    ("output-format out-format", "format"),
    ("json format", "to"),
    ("key-id keypair-id access-key-id id", "key-pair-id"),
    ("pem key-file keyfile secret-key", "private-key"),
    ("pub pubkey public key p k", "public-key"),
    ("password pass", "passphrase"),
    ("kms kms-key-id kms-key", "sign-command"),
    ("ip-range source-ip client-ip cidr", "ip"),
    ("wildcard pattern path-pattern", "resource"),
    ("base prefix host url", "base-url"),
    ("hash-alg digest algorithm sha sha1 sha256", "hash"),
    ("threads parallel workers", "jobs"),
    ("max-age", "persistent"),
    ("out outfile", "output"),
    ("v", "version"),
];

/// An example of a value, by the name that the help has for it.
const EXAMPLES: [(&str, &str); 15] = [
    ("TIME", "1h"),
    ("DURATION", "15m"),
    ("ID", "K2JCJMDEHXQW5F"),
    ("SOURCE", "cf.pem"),
    ("[ID=]SOURCE", "cf.pub.pem"),
    ("CIDR", "192.0.2.0/24"),
    ("ADDRESS", "192.0.2.10"),
    ("URL", "https://cdn.example.com/a.jpg"),
    ("PATTERN", "'https://cdn.example.com/videos/*'"),
    ("NAME=VALUE", "size=large"),
    ("FILENAME", "report.pdf"),
    ("COMMAND", "'openssl dgst -sha1 -sign cf.pem'"),
    ("FILE", "out.txt"),
    ("DIR", "signed"),
    ("N", "2"),
];

/// The entry of one of the tables for a word in its first column.
fn known(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    let entry = table.iter().find(|(words, _)| has_word(words, word));
    entry.map(|(_, meant)| *meant)
}

fn has_word(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|other| other == word)
}

/// A command line, and the command of `cfsign` that it names.
struct Line<'a> {
    cfsign: &'a Command,
    command: &'a Command,
    arguments: &'a [OsString],
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

/// Returns whether an argument begins like a long flag behind the wrong dash: `-expires`, or a dash
/// that a word processor made of two hyphens. clap takes these for short flags or for values.
pub fn has_wrong_dash(argument: &OsString) -> bool {
    let Some(text) = argument.to_str() else {
        return false;
    };
    let name = text.trim_start_matches(is_dash);
    let dashes = &text[..text.len() - name.len()];
    let is_word = name.len() > 1 && name.starts_with(|c: char| c.is_ascii_lowercase());
    !dashes.is_empty() && dashes != "--" && (is_word || !dashes.is_ascii())
}

/// Hyphens and the dashes that look like them.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// The error for the first argument with a [wrong dash](has_wrong_dash) that is a flag behind the
/// right one. `cfsign` is the whole command, built.
pub fn wrong_dash(cfsign: &Command, arguments: &[OsString]) -> Option<Error> {
    let command = command_in(cfsign, arguments.iter());
    let wrong = arguments.iter().filter(|argument| has_wrong_dash(argument));
    for text in wrong.filter_map(|argument| argument.to_str()) {
        let flag = text.trim_start_matches(is_dash);
        let name = flag.split('=').next().unwrap_or_default();
        let meant = if name.chars().count() == 1 {
            format!("-{name}")
        } else {
            format!("--{name}")
        };
        let Some(known) = flag_of(command, &meant) else {
            continue;
        };
        let meant = known.get_long().map_or(meant, |long| format!("--{long}"));
        let why = match text.chars().next() {
            Some('-') => "begins with one hyphen; long flags begin with two",
            _ => "begins with a dash that is not a hyphen",
        };
        return Some(
            Error::new(format!("{} {why}", named(text))).with_hint(format!("use {meant}")),
        );
    }
    None
}

/// The command that the words name.
fn command_in<'a>(cfsign: &'a Command, words: impl Iterator<Item = &'a OsString>) -> &'a Command {
    let mut command = cfsign;
    for word in words.skip(1).filter(|word| *word != "help") {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    command
}

/// Converts an error of clap's. `cfsign` is the whole command, built.
pub fn explain(error: &clap::Error, cfsign: &Command, arguments: &[OsString]) -> Error {
    let unknown = text(error, ContextKind::InvalidSubcommand);
    let known = arguments.iter().take_while(|word| *word != unknown);
    let line = Line {
        command: command_in(cfsign, known),
        cfsign,
        arguments,
    };
    let typed = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>());
    let argument = text(error, ContextKind::InvalidArg);
    let Some(reason) = typed else {
        return Error::new(line.message(error)).with_hint(line.hint(error));
    };
    let value = text(error, ContextKind::InvalidValue);
    if value.len() > 1 && value.starts_with('-') && flag_of(line.command, value).is_some() {
        return Error::new(no_value(argument)).with_hint(line.example(argument));
    }
    // The message begins with the value.
    let reason = reason.clone().context(bare(argument));
    match line.joined_with_next(value) {
        Some(joined) => reason.with_hint(format!(
            "quote it: {} {}",
            bare(argument),
            shell::word(&joined)
        )),
        None => reason,
    }
}

/// The error for a word that is not a subcommand of `parent`.
pub fn unknown_command(parent: &Command, word: &str) -> Error {
    Error::new(format!("unrecognized subcommand {}", shown(word)))
        .with_hint(meant_command(parent, word).unwrap_or_else(|| help(parent)))
}

impl<'a> Line<'a> {
    fn message(&self, error: &clap::Error) -> String {
        let argument = text(error, ContextKind::InvalidArg);
        let value = text(error, ContextKind::InvalidValue);
        match error.kind() {
            ErrorKind::InvalidSubcommand => {
                let word = text(error, ContextKind::InvalidSubcommand);
                format!("unrecognized subcommand {}", shown(word))
            }
            ErrorKind::UnknownArgument => match self.aws_options(argument).as_slice() {
                options @ [_, _, ..] => format!("unexpected arguments {}", listed(options)),
                _ => format!("unexpected argument {}", named(argument)),
            },
            ErrorKind::TooManyValues => {
                format!("unexpected value {} for {}", named(value), bare(argument))
            }
            ErrorKind::InvalidValue if value.is_empty() => no_value(argument),
            ErrorKind::InvalidValue => {
                format!("invalid value {} for {}", named(value), bare(argument))
            }
            ErrorKind::MissingRequiredArgument => {
                let missing = list(error, ContextKind::InvalidArg).iter();
                let names: Vec<&str> = missing.map(|name| bare(name)).collect();
                format!("missing {}", listed(&names))
            }
            // The other messages contain nothing but names of arguments.
            _ => {
                let message = error.to_string();
                let line = message.lines().next().unwrap_or_default();
                let line = line.trim_start_matches("error: ").replace('\'', "");
                let other = text(error, ContextKind::PriorArg);
                line.replace(argument, bare(argument))
                    .replace(other, bare(other))
            }
        }
    }

    fn hint(&self, error: &clap::Error) -> String {
        let values = list(error, ContextKind::ValidValue);
        if !values.is_empty() {
            return format!("possible values: {}", values.join(", "));
        }
        let argument = text(error, ContextKind::InvalidArg);
        let better = match error.kind() {
            ErrorKind::InvalidSubcommand => {
                let word = text(error, ContextKind::InvalidSubcommand);
                meant_command(self.command, word).or_else(|| {
                    let similar = list(error, ContextKind::SuggestedSubcommand).first()?;
                    Some(format!("{} {similar}", name_of(self.command)))
                })
            }
            ErrorKind::UnknownArgument if argument.starts_with('-') => {
                self.meant_flag(argument).or_else(|| {
                    let similar = text(error, ContextKind::SuggestedArg);
                    if similar.starts_with("--no-") && !argument.starts_with("--no-") {
                        return Some(format!("leave it out: only {similar} turns it off"));
                    }
                    (!similar.is_empty()).then(|| format!("use {similar}"))
                })
            }
            ErrorKind::UnknownArgument => self.unquoted_file(argument),
            ErrorKind::InvalidValue => Some(self.example(argument)),
            ErrorKind::ArgumentConflict => Some("leave out one of the two".into()),
            ErrorKind::InvalidUtf8 => {
                Some("use --encode for a URL that contains other characters, in UTF-8".into())
            }
            _ => None,
        };
        better.unwrap_or_else(|| help(self.command))
    }

    /// The next step for a flag that the command does not have.
    fn meant_flag(&self, flag: &str) -> Option<String> {
        let flag = flag.split('=').next().unwrap_or_default();
        let name = flag.trim_start_matches('-');
        if let Some(meant) = known(&OTHER_FLAGS, name)
            && flag_of(self.command, &format!("--{meant}")).is_some()
        {
            return Some(format!("use --{meant}"));
        }
        if flag_of(self.command, flag).is_some() {
            return Some(format!("use {} {flag}", name_of(self.command)));
        }
        if let Some(argument) = with_value(self.command, name) {
            return Some(format!("use --{argument} {name}"));
        }
        if matches!(flag, "-o" | "--output" | "--out" | "--outfile") && !self.names_aws_format(flag)
        {
            return Some("redirect the output: > FILE".into());
        }
        if !self.aws_options(flag).is_empty() {
            let leave_out = listed(&self.aws_options(flag));
            return Some(format!("leave out {leave_out}: cfsign makes no AWS calls"));
        }
        // A flag of another command is no typo.
        let others = commands(self.cfsign).into_iter();
        let others = others.filter(|other| flag_of(other, flag).is_some());
        let names: Vec<&str> = others.map(name_of).collect();
        let have = if names.len() == 1 { "has" } else { "have" };
        (!names.is_empty()).then(|| format!("only {} {have} {flag}", listed(&names)))
    }

    /// The options of the AWS CLI in the line that the command does not have, if `flag` is one.
    fn aws_options(&self, flag: &str) -> Vec<&str> {
        let words = self.arguments.iter().filter_map(|word| word.to_str());
        let flags = words.map(|word| word.split('=').next().unwrap_or_default());
        let foreign: Vec<&str> = flags
            .filter(|flag| aws::is_option(flag) && flag_of(self.command, flag).is_none())
            .collect();
        if foreign.contains(&flag) {
            foreign
        } else {
            Vec::new()
        }
    }

    /// Returns whether the value of `flag` is an output format of the AWS CLI.
    fn names_aws_format(&self, flag: &str) -> bool {
        let flag = self.arguments.iter().position(|word| word == flag);
        let value = flag.and_then(|flag| self.arguments.get(flag + 1)?.to_str());
        value.is_some_and(aws::is_format)
    }

    /// An example of a value for `argument`, such as `--expires <TIME>`.
    fn example(&self, argument: &str) -> String {
        let name = bare(argument);
        let value = argument.strip_prefix(name).unwrap_or_default();
        let value = value.trim_matches([' ', '<', '>', '.']);
        match EXAMPLES.iter().find(|(known, _)| *known == value) {
            Some((_, example)) => format!("use {name} {example}"),
            None => help(self.command),
        }
    }

    /// `1 hour` for the value `1` in front of `hour`, if the line is right with it.
    fn joined_with_next(&self, value: &str) -> Option<String> {
        let place = self.arguments.iter().position(|word| word == value)?;
        let next = self.arguments.get(place + 1)?.to_str()?;
        let joined = format!("{value} {next}");
        let mut arguments = self.arguments.to_vec();
        arguments.splice(place..place + 2, [OsString::from(&joined)]);
        let parsed = self.cfsign.clone().try_get_matches_from(arguments);
        parsed.is_ok().then_some(joined)
    }

    /// The name of a file that the shell has split at its spaces, the last part of which is `word`.
    fn unquoted_file(&self, word: &str) -> Option<String> {
        let place = self.arguments.iter().position(|other| other == word)?;
        let before = self.arguments.get(place.checked_sub(1)?)?.to_str()?;
        let joined = format!("{before} {word}");
        let is_file = std::path::Path::new(&joined).exists();
        is_file.then(|| format!("quote it: {}", shell::word(&joined)))
    }
}

fn no_value(argument: &str) -> String {
    let name = bare(argument);
    format!("a value is required for {name} but none was supplied")
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
    let name = argument.split(' ').next().unwrap_or_default();
    name.trim_matches(['<', '>', '[', ']', '.'])
}

/// The command line that `word` was probably meant to be, unless it is a misspelled command.
fn meant_command(parent: &Command, word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    if let Some(command) = parent.find_subcommand(&lower) {
        return Some(name_of(command).to_owned());
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some("cfsign url URL signs a URL, cfsign verify URL checks a signed one".into());
    }
    let words = format!("{} {lower}", name_of(parent)).replace(' ', "/");
    let words = words.strip_prefix("cfsign/").unwrap_or(&words);
    if let Some(meant) = known(&OTHER_COMMANDS, words) {
        return Some(format!("cfsign {meant}"));
    }
    misplaced::reader_of(word)
}

/// The flag of a command by its name with hyphens, long or short.
fn flag_of<'a>(command: &'a Command, flag: &str) -> Option<&'a Arg> {
    let name = flag.trim_start_matches('-');
    let is_long = flag.starts_with("--");
    command.get_arguments().find(|argument| {
        let mut aliases = argument.get_all_aliases().into_iter().flatten();
        if is_long {
            argument.get_long() == Some(name) || aliases.any(|alias| alias == name)
        } else {
            let mut letters = name.chars();
            argument.get_short() == letters.next() && letters.next().is_none()
        }
    })
}

/// The flag that has `value` among its possible values.
fn with_value<'a>(command: &'a Command, value: &str) -> Option<&'a str> {
    let has_value = |argument: &&Arg| {
        let mut values = argument.get_possible_values().into_iter();
        values.any(|possible| possible.matches(value, true))
    };
    let mut flags = command
        .get_arguments()
        .filter(|argument| argument.get_long().is_some());
    flags.find(has_value)?.get_long()
}

/// All commands that do something, from the top down.
fn commands(parent: &Command) -> Vec<&Command> {
    let mut found = Vec::new();
    for command in parent.get_subcommands() {
        if command.is_hide_set() || command.get_name() == "help" {
            continue;
        }
        found.push(command);
        found.extend(commands(command));
    }
    found
}

fn help(command: &Command) -> String {
    format!("{} --help", name_of(command))
}

fn name_of(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}

/// The text of a context; empty if the error has none.
fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

fn list(error: &clap::Error, kind: ContextKind) -> &[String] {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts,
        _ => &[],
    }
}
