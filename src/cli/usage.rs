//! Errors in the command line: clap's messages on one line, with a hint. Values that clap quotes
//! are shown as safely as everywhere else.

use std::error::Error as _;
use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::url::signing_parameters::shown;
use crate::{Error, is_showable};

/// Words that people try as commands, and the commands for them.
const OTHER_COMMANDS: [(&[&str], &str); 8] = [
    (
        &["check", "validate", "test"],
        "verify URL --public-key cf.pub.pem",
    ),
    (&["decode", "show", "explain", "info"], "inspect URL"),
    (&["cookie"], "cookies RESOURCE"),
    (&["presign"], "url URL"),
    (&["m3u8", "hls", "mpd", "dash"], "playlist FILE"),
    (&["keygen", "genkey", "generate"], "key generate FILE"),
    (&["keys"], "key --help"),
    (&["version"], "--version"),
];

/// Flags of other tools, and what to use instead. Each is right wherever the flag that it names exists.
const OTHER_FLAGS: [(&[&str], &str); 7] = [
    (&["ttl", "expiry", "expiration", "valid-for"], "expires"),
    (&["duration"], "expires-in"),
    (&["filename", "download"], "download-as"),
    (&["output-format"], "format"),
    (&["json", "format"], "to"),
    (&["key-id"], "key-pair-id"),
    (&["kms", "kms-key-id"], "sign-command"),
];

/// The entry for a word in one of these tables.
fn known(table: &'static [(&[&str], &str)], word: &str) -> Option<&'static str> {
    let entry = table.iter().find(|(words, _)| words.contains(&word));
    entry.map(|(_, meant)| *meant)
}

/// Options of the AWS CLI without a counterpart.
const AWS_OPTIONS: [&str; 5] = [
    "profile",
    "region",
    "output",
    "endpoint-url",
    "no-cli-pager",
];

/// The part of the letters that has to be right for a suggestion, if there is more than one typo. A
/// wrong command does no harm, a wrong flag may: `--region` is not `--resign`.
const SIMILAR_COMMAND: f64 = 0.6;
const SIMILAR_FLAG: f64 = 0.75;

/// Converts an error of clap's. `cfsign` is the whole command, built.
pub fn explain(error: &clap::Error, cfsign: &Command, arguments: &[OsString]) -> Error {
    let typed = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>());
    if let Some(reason) = typed {
        // The message begins with the value.
        let argument = text(error, ContextKind::InvalidArg);
        return reason.clone().context(bare(argument));
    }
    Error::new(message(error)).with_hint(hint(error, cfsign, command_in(cfsign, arguments)))
}

/// The error for a word that is not a subcommand of `parent`.
pub fn unknown_command(parent: &Command, word: &str) -> Error {
    Error::new(format!("unrecognized subcommand {}", shown(word)))
        .with_hint(similar_command(parent, word).unwrap_or_else(|| help(parent)))
}

fn message(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = text(error, ContextKind::InvalidSubcommand);
            format!("unrecognized subcommand {}", shown(word))
        }
        ErrorKind::UnknownArgument => format!("unexpected argument {}", named(argument)),
        ErrorKind::TooManyValues => {
            format!("unexpected value {} for {}", named(value), bare(argument))
        }
        ErrorKind::InvalidValue if !value.is_empty() => {
            format!("invalid value {} for {}", named(value), bare(argument))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = list(error, ContextKind::InvalidArg).iter();
            let names: Vec<&str> = missing.map(|name| bare(name)).collect();
            format!("missing {}", names.join(" and "))
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

/// A word of the command line behind what it is.
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

fn hint(error: &clap::Error, cfsign: &Command, command: &Command) -> String {
    let values = list(error, ContextKind::ValidValue);
    if !values.is_empty() {
        return format!("possible values: {}", values.join(", "));
    }
    let better = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            similar_command(command, text(error, ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => {
            similar_flag(cfsign, command, text(error, ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => Some("leave out one of the two".into()),
        ErrorKind::InvalidUtf8 => {
            Some("use --encode for a URL that contains other characters, in UTF-8".into())
        }
        _ => None,
    };
    better.unwrap_or_else(|| help(command))
}

/// The command line that `word` was probably meant to be.
fn similar_command(parent: &Command, word: &str) -> Option<String> {
    let name = name_of(parent);
    if name == "cfsign" {
        let lower = word.to_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            return Some(
                "cfsign url URL signs a URL, cfsign verify URL checks a signed one".into(),
            );
        }
        if let Some(meant) = known(&OTHER_COMMANDS, &lower) {
            return Some(format!("cfsign {meant}"));
        }
    }
    let names = parent.get_subcommands().map(Command::get_name);
    most_similar(word, names, SIMILAR_COMMAND).map(|command| format!("{name} {command}"))
}

/// The flag that `flag` was probably meant to be.
fn similar_flag(cfsign: &Command, command: &Command, flag: &str) -> Option<String> {
    let flag = flag.strip_prefix("--")?;
    if let Some(meant) = known(&OTHER_FLAGS, flag)
        && flags(command).any(|name| name == meant)
    {
        return Some(format!("use --{meant}"));
    }
    if flags(command).any(|name| name == flag) {
        // The flag is in front of the command.
        return Some(format!("use {} --{flag}", name_of(command)));
    }
    if AWS_OPTIONS.contains(&flag) {
        return Some(format!("leave out --{flag}: cfsign makes no AWS calls"));
    }
    if cfsign
        .get_subcommands()
        .flat_map(flags)
        .any(|name| name == flag)
    {
        // A flag of another command is no typo.
        return None;
    }
    most_similar(flag, flags(command), SIMILAR_FLAG).map(|name| format!("use --{name}"))
}

fn flags(command: &Command) -> impl Iterator<Item = &str> {
    command.get_arguments().filter_map(clap::Arg::get_long)
}

/// The name that is most similar to `word`, if it is similar enough or `word` is its beginning.
fn most_similar<'a>(
    word: &str,
    names: impl Iterator<Item = &'a str>,
    enough: f64,
) -> Option<&'a str> {
    let similarity = |name: &str| {
        let is_beginning = word.len() >= 3 && name.starts_with(word);
        if is_beginning || strsim::damerau_levenshtein(word, name) == 1 {
            return 0.99;
        }
        strsim::normalized_damerau_levenshtein(word, name)
    };
    let (name, similarity) = names
        .map(|name| (name, similarity(name)))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.len().cmp(&a.0.len())))?;
    (similarity >= enough).then_some(name)
}

/// The subcommand that the arguments name.
fn command_in<'a>(cfsign: &'a Command, arguments: &[OsString]) -> &'a Command {
    let mut command = cfsign;
    for word in arguments.iter().skip(1).filter(|word| *word != "help") {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    command
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
