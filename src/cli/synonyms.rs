//! What commands and flags of other tools mean here, in tables with a row a line, `words ->
//! meaning`.

use std::path::Path;

use clap::Command;

use super::definition::{commands, name_of};
use super::misplaced;
use super::shell;

/// Words that people try as commands, behind the command that they follow, and the commands for
/// them.
const OTHER_COMMANDS: &str = "\
check validate test -> verify URL --public-key cf.pub.pem
decode show explain info debug parse -> inspect URL
cookie sign-cookie -> cookies RESOURCE
presign sign-url signed-url ulr token auth link curl -> url URL
m3u8 hls mpd dash -> playlist FILE
keygen genkey gen genrsa newkey generate-key gen-key key-generate create-key new-key -> key generate FILE
keys -> key --help
key/create key/new key/make key/gen -> key generate FILE
key/show key/info key/check -> key inspect FILE
key/pub key/export key/upload -> key public FILE
completion -> completions SHELL
bulk list csv -> batch FILE
create-policy make-policy -> policy URL
aws cloudfront -> sign --url URL ...
version verison versoin vesion verion -> --version";

/// Flags of other tools, or `command/flag` for one command only, and the flag to use instead, or a
/// hint in which `{}` is the command. The first line that applies is used.
pub const OTHER_FLAGS: &str = "\
verify/url inspect/url verify/u inspect/u -> leave out the flag: {} URL
generate/o generate/out generate/output -> leave out the flag: {} FILE
batch/json -> use --to jsonl
batch/d batch/delimiter batch/separator -> leave it out: the separator is recognized
generate/bits generate/size -> leave it out: CloudFront accepts RSA of 2048 bits only
url/i url/in url/input url/f url/file -> cfsign batch FILE signs a list
t -> type
t ttl expiry expiration expire valid validity valid-for until lifetime -> expires
hours -> use --expires 2h
days -> use --expires 7d
minutes -> use --expires 30m
d -> domain
d duration seconds from-now -> expires-in
start not-before valid-from from -> starts
filename file-name download attachment -> download-as
output-format out-format fmt -> format
json format -> to
format -> json
key-id keyid keypair-id access-key-id id kid -> key-pair-id
pem pem-file pk key-file keyfile key-path secret-key secret signing-key -> private-key
pub pubkey public cert certificate key p k -> public-key
password pass -> passphrase
kms kms-key-id kms-key -> sign-command
ip-range ip-address ipaddress address source-ip client-ip cidr -> ip
wildcard pattern path-pattern -> resource
base prefix host url b -> base-url
host -> put it into the URL: https://HOST/PATH
params param parameter -> query
delete remove -> clear
urlencode url-encode percent-encode escape-url -> encode
hash-alg digest algorithm sha sha1 sha256 -> hash
threads parallel workers -> jobs
max-age -> persistent
i in file f list -> input
out outfile save -> output
u -> url
v -> version
s silent no-warnings -> quiet
time at date clock -> now
no-color no-colour -> use --color never
o output out outfile save -> redirect the output: > FILE
stdout -> leave it out: results go to standard output
header headers -> leave it out: the first row of a table names its columns
v verbose -> leave it out: errors and warnings are complete
dry-run n -> cfsign policy URL -e 1h shows what would be signed
i in input f file list -> leave out the flag: {} FILE
y yes -> leave it out: cfsign asks no questions
pretty indent -> pipe it through jq: | jq .
distribution distribution-id -> leave it out: the URL names the distribution
examples usage -> {} --help";

/// An example of a value, by its flag or by the name that the help has for it.
pub const EXAMPLES: &str = "\
--public-key -> cf.pub.pem
--passphrase -> env:PASSPHRASE
--policy -> policy.json
--cookies -> cookies.txt
--answer -> body.xml
--input -> urls.txt
--merge -> summary.json
--base-url -> https://cdn.example.com/videos/
TIME -> 1h
DURATION -> 15m
ID -> K2JCJMDEHXQW5F
SOURCE -> cf.pem
CIDR -> 192.0.2.0/24
ADDRESS -> 192.0.2.10
URL -> https://cdn.example.com/a.jpg
PATTERN -> \"https://cdn.example.com/videos/*\"
NAME=VALUE -> size=large
FILENAME -> report.pdf
COMMAND -> \"openssl dgst -sha1 -sign cf.pem\"
FILE -> out.txt
DIR -> signed
N -> 2";

/// The meanings in all rows of `table` that list one of `words`, in the order of the table.
pub fn meanings<'a>(
    table: &'static str,
    words: &'a [&str],
) -> impl Iterator<Item = &'static str> + 'a {
    let rows = table.lines().filter_map(|row| row.split_once(" -> "));
    let has_word = |known: &str| known.split(' ').any(|word| words.contains(&word));
    rows.filter(move |(known, _)| has_word(known))
        .map(|(_, meant)| meant)
}

/// The command line that `word` was probably meant to be, unless it is a misspelled command.
pub fn meant_command(parent: &Command, word: &str) -> Option<String> {
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

/// `hint` with the word that follows in the line, in place of the value at its end. Of a signed URL
/// the signature is not shown.
pub fn filled(hint: String, next: Option<&str>) -> String {
    let (command, value) = hint.rsplit_once(' ').unwrap_or_default();
    let is_value = value.chars().all(|c| c.is_ascii_uppercase());
    let next = next.filter(|next| !next.starts_with('-') && !next.contains("Signature="));
    match next {
        Some(next) if is_value => format!("{command} {}", shell::word(next)),
        _ => hint,
    }
}

/// The next step for a flag that clap finds similar to one of the command's.
pub fn use_similar(typed: &str, similar: &str) -> Option<String> {
    if !begin_alike(typed, similar) {
        return None;
    }
    if similar.starts_with("--no-") && !typed.starts_with("--no-") {
        return Some(format!("leave it out: only {similar} turns it off"));
    }
    Some(format!("use {similar}"))
}

/// Returns whether a word and what clap finds similar begin with the same letter. Fewer guesses are
/// wrong then, and a wrong one may do harm.
pub fn begin_alike(word: &str, similar: &str) -> bool {
    let similar = similar.trim_start_matches('-').trim_start_matches("no-");
    let word = word.trim_start_matches('-').trim_start_matches("no-");
    !similar.is_empty() && word.to_lowercase().chars().next() == similar.chars().next()
}
