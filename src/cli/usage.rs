//! Errors in the command line: clap's messages on one line, with the next step. Values that clap
//! quotes are shown as safely as everywhere else.
//!
//! Everything about flags is computed from the definitions of the commands; the words of other
//! tools are tables.

use std::error::Error as _;
use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::aws;
use super::misplaced;
use super::shell;
use crate::error::listed;
use crate::url::signing_parameters::shown;
use crate::{Error, When, is_showable};

/// Words that people try as commands, behind the command that they follow, and the commands for
/// them.
const OTHER_COMMANDS: &str = "\
check validate test -> verify URL --public-key cf.pub.pem
decode show explain info debug parse -> inspect URL
cookie sign-cookie -> cookies RESOURCE
presign sign-url signed-url ulr -> url URL
m3u8 hls mpd dash -> playlist FILE
keygen genkey generate-key gen-key key-generate create-key new-key -> key generate FILE
keys -> key --help
key/create key/new key/make key/gen -> key generate FILE
key/show key/info key/check -> key inspect FILE
key/pub key/export key/upload -> key public FILE
completion -> completions SHELL
bulk list csv -> batch FILE
create-policy make-policy -> policy URL
aws cloudfront -> sign --url URL ...
version -> --version";

/// Flags of other tools, of one command as `command/flag`, and the flag to use instead, or another
/// next step, in which `{}` stands for the command. The first that fits the command is right.
const OTHER_FLAGS: &str = "\
verify/url inspect/url verify/u inspect/u -> leave out the flag: {} URL
generate/o generate/out generate/output -> leave out the flag: {} FILE
batch/d batch/delimiter batch/separator -> leave it out: the separator is recognized
generate/bits generate/size -> leave it out: CloudFront accepts RSA of 2048 bits only
url/i url/in url/input url/f url/file -> cfsign batch FILE signs a list
t -> type
t ttl expiry expiration expire valid valid-for until lifetime -> expires
d -> domain
d duration seconds from-now -> expires-in
start not-before valid-from from -> starts
filename file-name download attachment -> download-as
output-format out-format fmt -> format
json format -> to
format -> json
key-id keypair-id access-key-id id kid -> key-pair-id
pem key-file keyfile key-path secret-key secret signing-key -> private-key
pub pubkey public key p k -> public-key
password pass -> passphrase
kms kms-key-id kms-key -> sign-command
ip-range source-ip client-ip cidr -> ip
wildcard pattern path-pattern -> resource
base prefix host url -> base-url
hash-alg digest algorithm sha sha1 sha256 -> hash
threads parallel workers -> jobs
max-age -> persistent
i in file f list -> input
out outfile -> output
u -> url
v -> version
s silent no-warnings -> quiet
time at date clock -> now
no-color no-colour -> use --color never
o output out outfile -> redirect the output: > FILE
v verbose -> leave it out: errors and warnings are complete
dry-run n -> cfsign policy URL -e 1h shows what would be signed
i in input f file list -> leave out the flag: {} FILE
y yes -> leave it out: cfsign asks no questions
pretty indent -> pipe it through jq: | jq .
distribution distribution-id -> leave it out: the URL names the distribution
examples usage -> {} --help";

/// An example of a value, by the name that the help has for it.
const EXAMPLES: &str = "\
TIME -> 1h
DURATION -> 15m
ID -> K2JCJMDEHXQW5F
SOURCE -> cf.pem
[ID=]SOURCE -> cf.pub.pem
CIDR -> 192.0.2.0/24
ADDRESS -> 192.0.2.10
URL -> https://cdn.example.com/a.jpg
PATTERN -> 'https://cdn.example.com/videos/*'
NAME=VALUE -> size=large
FILENAME -> report.pdf
COMMAND -> 'openssl dgst -sha1 -sign cf.pem'
FILE -> out.txt
DIR -> signed
N -> 2";

/// The meanings of one of `words`, from the first row of a table that has it.
pub fn meanings<'a>(
    table: &'static str,
    words: &'a [&str],
) -> impl Iterator<Item = &'static str> + 'a {
    let rows = table.lines().filter_map(|row| row.split_once(" -> "));
    let has_word = |known: &str| known.split(' ').any(|word| words.contains(&word));
    rows.filter(move |(known, _)| has_word(known))
        .map(|(_, meant)| meant)
}

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

/// The error for what clap would take for values: `help` behind a command, and a flag behind the
/// wrong dash, `-expires` or a dash that a word processor made of two hyphens.
pub fn wrong_dash(cfsign: fn() -> Command, arguments: &[OsString]) -> Option<Error> {
    if let [_, command, word] = arguments
        && word == "help"
        && command != "key"
    {
        let hint = format!("cfsign {} --help", command.to_string_lossy());
        return Some(Error::new("help of a command is a flag").with_hint(hint));
    }
    for text in arguments.iter().filter_map(|argument| argument.to_str()) {
        let flag = text.trim_start_matches(['-', '\u{2010}', '\u{2012}', '–', '—', '―', '−']);
        let dashes = &text[..text.len() - flag.len()];
        let name = flag.split('=').next().unwrap_or_default();
        let is_word = name.len() > 1 && name.starts_with(|c: char| c.is_ascii_lowercase());
        if dashes.is_empty() || dashes == "--" || dashes == "-" && !is_word {
            continue;
        }
        let cfsign = cfsign();
        let known = flag_of(command_in(&cfsign, arguments.iter()), name);
        let Some(meant) = known.and_then(Arg::get_long) else {
            continue;
        };
        let why = if dashes.is_ascii() {
            "begins with one hyphen; long flags begin with two"
        } else {
            "begins with a dash that is not a hyphen"
        };
        let error = Error::new(format!("{} {why}", named(text)));
        return Some(error.with_hint(format!("use --{meant}")));
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
    let argument = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    let typed = error
        .source()
        .and_then(|source| source.downcast_ref::<Error>());
    let Some(reason) = typed else {
        return Error::new(message(error)).with_hint(line.hint(error));
    };
    if line.has(value) {
        let message = format!(
            "a value is required for {} but none was supplied",
            bare(argument)
        );
        return Error::new(message).with_hint(line.example(argument));
    }
    // The message begins with the value.
    let reason = reason.clone().context(bare(argument));
    match line.meant_value(argument, value) {
        Some(meant) => reason.with_hint(meant),
        None => reason,
    }
}

/// The error for a word that is no subcommand.
pub fn unknown_command(parent: &Command, word: &str) -> Error {
    Error::new(format!("unrecognized subcommand {}", shown(word)))
        .with_hint(meant_command(parent, word).unwrap_or_else(|| help(parent)))
}

/// clap's message on one line, in which words of the command line are shown as everywhere else.
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
                let similar = list(error, ContextKind::SuggestedSubcommand).first();
                let similar = similar.map(|word| format!("{} {word}", name_of(self.command)));
                let meant = meant_command(self.command, word).or(similar);
                meant.map(|meant| filled(meant, self.word_after(word)))
            }
            ErrorKind::UnknownArgument if argument.starts_with('-') => {
                let similar = match text(error, ContextKind::SuggestedArg) {
                    "" => None,
                    flag if flag.starts_with("--no-") && !argument.starts_with("--no-") => {
                        Some(format!("leave it out: only {flag} turns it off"))
                    }
                    flag => Some(format!("use {flag}")),
                };
                self.meant_flag(argument).or(similar)
            }
            ErrorKind::UnknownArgument => self.one_too_many(argument),
            ErrorKind::TooManyValues => Some(format!("use {}", bare(argument))),
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
        let others = commands(self.cfsign).into_iter();
        let others = others.filter(|other| flag_of(other, &name).is_some());
        let names: Vec<&str> = others.map(name_of).collect();
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

    /// The next step for a value of `argument` that is the first part of what was not quoted, the
    /// name of a file, or a time in capitals, with slashes or in another notation.
    fn meant_value(&self, argument: &str, value: &str) -> Option<String> {
        let next = self.word_after(value);
        if let Some(hint) = misplaced::unquoted(self.arguments, next) {
            return Some(hint);
        }
        let flag = bare(argument);
        if flag == "--key-pair-id" && Path::new(value).is_file() {
            return Some(format!("use --private-key {}", shell::word(value)));
        }
        let small = value.to_lowercase().replace('/', "-");
        let mut starts = ["in ", "for ", "pt", "p"].iter();
        let meant = starts.find_map(|start| small.strip_prefix(start));
        let meant = meant.unwrap_or(&small);
        // M may be months or minutes.
        let is_time = meant != value && !value.contains('M') && meant.parse::<When>().is_ok();
        is_time.then(|| format!("use {flag} {}", shell::word(meant)))
    }

    /// An example of a value for `argument`, such as `--expires <TIME>`.
    fn example(&self, argument: &str) -> String {
        let name = bare(argument);
        let value = argument.strip_prefix(name).unwrap_or_default();
        let value = value.trim_matches([' ', '<', '>', '.']);
        match meanings(EXAMPLES, &[value]).next() {
            Some(example) => format!("use {name} {example}"),
            None => help(self.command),
        }
    }

    /// The next step for an argument more than the command takes.
    fn one_too_many(&self, word: &str) -> Option<String> {
        if let Some(hint) = misplaced::unquoted(self.arguments, Some(word)) {
            return Some(hint);
        }
        let command = name_of(self.command);
        if word.contains("://") && self.has("--base-url") {
            return Some(format!("use --base-url {}", shell::word(word)));
        }
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
    let name = argument.split(' ').next().unwrap_or_default();
    name.trim_matches(['<', '>', '[', ']', '.'])
}

/// `hint` with the word that follows in the line, in place of the value at its end. Of a signed URL
/// the signature is not shown.
fn filled(hint: String, next: Option<&str>) -> String {
    let (command, value) = hint.rsplit_once(' ').unwrap_or_default();
    let is_value = value.chars().all(|c| c.is_ascii_uppercase());
    let next = next.filter(|next| !next.starts_with('-') && !next.contains("Signature="));
    match next {
        Some(next) if is_value => format!("{command} {}", shell::word(next)),
        _ => hint,
    }
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
    if let Some(meant) = meanings(OTHER_COMMANDS, &[words]).next() {
        return Some(format!("cfsign {meant}"));
    }
    if parent.get_name() == "key" && word.contains('.') {
        let exists = Path::new(word).exists();
        let does = if exists { "inspect" } else { "generate" };
        return Some(format!("cfsign key {does} {}", shell::word(word)));
    }
    let mut others = commands(parent).into_iter();
    let other = others.find(|other| other.get_name() == lower);
    let other = other.map(|other| format!("{} FILE", name_of(other)));
    other.or_else(|| misplaced::reader_of(word))
}

/// The flag of a command by its name without hyphens, long or short.
fn flag_of<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|argument| {
        let short = argument.get_short().map(String::from);
        let aliases = argument.get_all_aliases().unwrap_or_default();
        argument.get_long() == Some(name)
            || short.as_deref() == Some(name)
            || aliases.contains(&name)
    })
}

/// The flag that has `value` among its possible values.
fn with_value<'a>(command: &'a Command, value: &str) -> Option<&'a str> {
    let mut flags = command
        .get_arguments()
        .filter(|argument| argument.get_long().is_some());
    let flag = flags.find(|argument| {
        let values = argument.get_possible_values();
        values.iter().any(|possible| possible.matches(value, true))
    });
    flag?.get_long()
}

/// All commands that do something, from the top down.
pub fn commands(parent: &Command) -> Vec<&Command> {
    let mut found = Vec::new();
    for command in parent.get_subcommands() {
        if !command.is_hide_set() && command.get_name() != "help" {
            found.push(command);
            found.extend(commands(command));
        }
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
