//! The flags that several commands share.
//!
//! The groups have no doc comments: clap would use them as the description of the command. The help
//! lists headings in the order of their first argument, so commands flatten [`ConditionFlags`]
//! first and [`SigningFlags`] last.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::{
    Error, HashAlgorithm, IpRange, KeyPairId, Result, SignCommand, When, parse_duration, quoted,
};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::content_disposition::attachment;
use super::source::Source;

pub const REQUIRED: &str = "Required";
const POLICY: &str = "Policy options";
pub const SIGNING: &str = "Signing options";
pub const OUTPUT: &str = "Output options";
pub const GLOBAL: &str = "Global options";

// The key to sign with, and the hash algorithm.
#[derive(Args)]
#[command(next_help_heading = SIGNING)]
pub struct SigningFlags {
    /// ID of the public key [env: CFSIGN_KEY_PAIR_ID]
    ///
    /// The ID of the public key in CloudFront, such as K2JCJMDEHXQW5F, not of its key group. aws
    /// cloudfront list-public-keys shows the IDs.
    #[arg(short, long, value_name = "ID", help_heading = REQUIRED, display_order = 1)]
    pub key_pair_id: Option<KeyPairId>,

    /// Private key: file or - [env: CFSIGN_PRIVATE_KEY]
    ///
    /// RSA or P-256, PEM or DER. The format is detected from the content. env:NAME reads the
    /// environment variable NAME.
    #[arg(short, long, value_name = "SOURCE", aliases = ["private-key-path", "key"], value_parser = source())]
    #[arg(help_heading = REQUIRED, display_order = 2)]
    pub private_key: Option<Source>,

    #[command(flatten)]
    pub passphrase: PassphraseFlag,

    /// sha1 (default for RSA) or sha256 (for P-256)
    ///
    /// With --sign-command and without --public-key, the default is sha1.
    #[arg(long, value_name = "HASH", alias = "hash-algorithm")]
    pub hash: Option<HashAlgorithm>,

    /// Sign with another program: KMS, HSM, Vault
    ///
    /// The command runs in a shell. It gets the policy on standard input and prints the signature.
    /// In the command, {digest} is replaced by the hexadecimal digest of the policy, and
    /// {policy_file} by the shell-quoted name of a file that contains it. Put COMMAND in single
    /// quotes, so that your own shell does not expand $(...).
    #[arg(long, value_name = "COMMAND", value_parser = sign_command)]
    #[arg(conflicts_with_all = ["private_key", "passphrase"])]
    pub sign_command: Option<SignCommand>,

    /// Public key, certificate or private key to check signatures of --sign-command
    #[arg(long, value_name = "SOURCE", value_parser = source(), hide_short_help = true)]
    pub public_key: Option<Source>,

    #[arg(help = format!("Time limit for each run of --sign-command [default: {}s]", SignCommand::DEFAULT_TIMEOUT.as_secs()))]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    #[arg(allow_hyphen_values = true, hide_short_help = true)]
    pub sign_timeout: Option<Duration>,
}

// The passphrase of an encrypted key.
#[derive(Args)]
pub struct PassphraseFlag {
    /// Passphrase file, or - [env: CFSIGN_PASSPHRASE]
    ///
    /// env:NAME reads the environment variable NAME. If the key is encrypted and no passphrase is
    /// given, cfsign prompts for it at the terminal.
    #[arg(long, value_name = "SOURCE", value_parser = source())]
    pub passphrase: Option<Source>,
}

// The conditions of the policy.
#[derive(Args, Clone)]
#[command(next_help_heading = POLICY)]
pub struct ConditionFlags {
    /// Expiry (UTC): 1h, 7d, 2027-01-31 or Unix seconds
    ///
    /// Durations count from now. Dates and times without an offset are UTC. Also accepted:
    /// 2027-01-31T10:00:00Z, "2027-01-31 10:00", "2 weeks", "tomorrow" (24 hours from now), RFC
    /// 2822 dates, and @N for any number of Unix seconds.
    #[arg(short, long, value_name = "TIME", aliases = ["date-less-than", "expires-at"], allow_hyphen_values = true)]
    #[arg(help_heading = REQUIRED, display_order = 3)]
    pub expires: Option<When>,

    /// Expiry as a duration from now; a plain number is seconds
    #[arg(long, value_name = "DURATION", conflicts_with = "expires", value_parser = parse_duration)]
    #[arg(allow_hyphen_values = true, hide_short_help = true)]
    pub expires_in: Option<Duration>,

    /// Round the expiry up, so that URLs can be cached
    ///
    /// The expiry becomes a multiple of the duration since 1970. With --expires 1h --round 15m, all
    /// runs within a quarter of an hour give the same URLs, so that browsers and CDNs can cache
    /// them. The expiry is never earlier than without --round. The start time is rounded down.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    #[arg(allow_hyphen_values = true, conflicts_with = "policy")]
    pub round: Option<Duration>,

    /// Start time (UTC), in the same formats as --expires
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    #[arg(alias = "date-greater-than")]
    pub starts: Option<When>,

    /// Allow only this IPv4 address or range
    ///
    /// A range is written 192.0.2.0/24. Clients that connect over IPv6 are denied: turn off IPv6
    /// for the distribution.
    #[arg(long, value_name = "CIDR", alias = "ip-address")]
    pub ip: Option<IpRange>,

    /// Resource instead of the URL; * and ? are wildcards
    #[arg(short, long, value_name = "PATTERN", alias = "policy-resource")]
    pub resource: Option<String>,

    /// Custom policy (JSON) instead of these options
    ///
    /// SOURCE is a file, - for standard input or env:NAME for an environment variable.
    #[arg(long, value_name = "SOURCE", value_parser = source())]
    #[arg(conflicts_with_all = ["expires", "expires_in", "starts", "ip", "resource"])]
    pub policy: Option<Source>,

    /// Use a custom policy even if a canned policy is enough
    #[arg(long, hide_short_help = true)]
    pub custom: bool,
}

// The URLs to sign, and the conditions of their policies.
#[derive(Args)]
#[command(next_help_heading = "URL options")]
pub struct UrlFlags {
    #[command(flatten)]
    pub conditions: ConditionFlags,

    /// URL to sign, quoted if it contains ? or &; - reads URLs from stdin
    #[arg(value_name = "URL", help_heading = None)]
    pub urls: Vec<String>,

    /// The URL, as a flag (as in the AWS CLI)
    #[arg(long = "url", value_name = "URL", hide_short_help = true)]
    pub url: Option<String>,

    #[command(flatten)]
    pub changes: ChangeFlags,
}

// Changes to a URL before it is signed.
#[derive(Args, Default)]
#[command(next_help_heading = "URL options")]
pub struct ChangeFlags {
    /// Add a query parameter; repeatable
    ///
    /// cfsign percent-encodes the name and the value.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub query: Vec<(String, String)>,

    /// File name for downloads from S3
    ///
    /// Adds the query parameter response-content-disposition=attachment with this file name.
    #[arg(long, value_name = "FILENAME", value_parser = attachment)]
    pub download_as: Option<String>,

    /// Percent-encode what is not allowed in URLs
    ///
    /// Existing %XX escapes are kept.
    #[arg(long)]
    pub encode: bool,

    /// Replace the signature and keep its conditions
    ///
    /// Expiry, start time, IP range, resource and type of policy are those of the old signature,
    /// unless given. The old signature is not checked.
    #[arg(long)]
    pub resign: bool,

    /// Sign an RTMP stream name, such as video.mp4, instead of a URL
    #[arg(long, hide_short_help = true)]
    pub stream: bool,
}

// The format of the output of a command that prints text or JSON.
#[derive(Args)]
#[command(next_help_heading = OUTPUT)]
pub struct FormatFlags {
    /// text (default) or json
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true)]
    #[arg(default_value_t, default_value_if("json", "true", "json"))]
    #[arg(hide_default_value = true)]
    pub format: TextOrJson,

    #[command(flatten)]
    json: JsonFlag,
}

// The short form of `--format json`, which sets the default of `--format`.
#[derive(Args)]
pub struct JsonFlag {
    /// Short for --format json
    #[arg(long, conflicts_with = "format", help_heading = OUTPUT)]
    json: bool,
}

/// Text for people, or JSON.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    #[default]
    Text,
    Json,
}

/// Parses a SOURCE.
pub fn source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(Source::parse)
}

/// Parses a duration that is not zero. It has a unit: a reader may take a plain number for days,
/// minutes or seconds.
pub fn duration(text: &str) -> Result<Duration> {
    let duration = parse_duration(text)?;
    if duration.as_secs() == 0 {
        let message = format!("{} is less than a second", quoted(text));
        return Err(Error::new(message).with_hint("use a duration such as 15m or 1h"));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("{} has no unit", quoted(text));
        let hint = format!("use {text}d, {text}h, {text}m or {text}s");
        return Err(Error::new(message).with_hint(hint));
    }
    Ok(duration)
}

fn sign_command(text: &str) -> Result<SignCommand> {
    SignCommand::new(text)
        .map_err(|e| e.with_hint("use --sign-command \"openssl dgst -sha1 -sign cf.pem\""))
}

fn name_and_value(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => {
            let message = format!("{} is not in the form NAME=VALUE", quoted(text));
            Err(Error::new(message).with_hint("use --query size=large"))
        }
    }
}

/// Parses a number of threads. More than 1024 is surely a typo.
pub fn jobs(text: &str) -> Result<NonZeroUsize> {
    match text.parse::<NonZeroUsize>() {
        Ok(jobs) if jobs.get() <= 1024 => Ok(jobs),
        _ => {
            let message = format!("{} is not a number from 1 to 1024", quoted(text));
            Err(Error::new(message).with_hint("use --jobs 2"))
        }
    }
}
