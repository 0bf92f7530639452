//! The flags that several commands share.
//!
//! The groups have no doc comments: clap would use them as the description of the command.

use crate::{HashAlgorithm, IpRange, KeyPairId, Resource, SignCommand, When};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, Args, Command, Id};

use super::source::{self, Source};

pub const REQUIRED: &str = "Required";
const POLICY: &str = "Policy options";
pub const SIGNING: &str = "Signing options";
pub const GLOBAL: &str = "Global options";

/// Orders the arguments of a command by how likely they are needed; the help lists headings in the order of their first
/// argument.
pub fn order_of_need(mut command: Command) -> Command {
    let rank = |argument: &Arg| match argument.get_help_heading() {
        None => 0,
        Some(REQUIRED) => 1,
        Some(POLICY) => 2,
        Some(SIGNING) => 4,
        Some(GLOBAL) => 5,
        Some(_) => 3,
    };
    let mut arguments: Vec<&Arg> = command.get_arguments().collect();
    arguments.sort_by_key(|argument| rank(argument));
    let ids: Vec<Id> = arguments
        .into_iter()
        .map(|argument| argument.get_id().clone())
        .collect();
    for id in ids {
        command = command.mut_arg(id, |argument| argument);
    }
    command
}

// The key to sign with, and the hash algorithm.
#[derive(Args)]
#[command(next_help_heading = SIGNING)]
pub struct SigningFlags {
    /// ID of the public key in CloudFront [env: CFSIGN_KEY_PAIR_ID]
    ///
    /// The ID of the public key, such as K2JCJMDEHXQW5F, not of its key group. aws cloudfront list-public-keys shows the IDs.
    #[arg(short, long, value_name = "ID", help_heading = REQUIRED)]
    pub key_pair_id: Option<KeyPairId>,

    /// Private key: file, env:NAME, or - for stdin [env: CFSIGN_PRIVATE_KEY]
    ///
    /// RSA or P-256, PEM or DER. The format is detected from the content.
    #[arg(short, long, value_name = "SOURCE", aliases = ["private-key-path", "key"], value_parser = source(), help_heading = REQUIRED)]
    pub private_key: Option<Source>,

    #[command(flatten)]
    pub passphrase: PassphraseFlag,

    /// sha1 or sha256 [default: sha1 for RSA, sha256 for P-256]
    ///
    /// With --sign-command and without --public-key, the default is sha1.
    #[arg(long, value_name = "HASH", alias = "hash-algorithm")]
    pub hash: Option<HashAlgorithm>,

    /// Sign with another program (KMS, HSM, Vault) instead of -p
    ///
    /// The command runs in a shell. It gets the policy on standard input and prints the signature. In the command, {digest}
    /// stands for the hexadecimal digest of the policy and {policy_file}, quoted for you, for a file that contains the policy.
    /// Put COMMAND in single quotes, so that your own shell does not expand $(...).
    #[arg(long, value_name = "COMMAND", value_parser = sign_command, conflicts_with_all = ["private_key", "passphrase"])]
    pub sign_command: Option<SignCommand>,

    /// Public key, certificate or private key to check signatures of --sign-command
    #[arg(long, value_name = "SOURCE", value_parser = source(), requires = "sign_command", conflicts_with = "private_key", hide_short_help = true)]
    pub public_key: Option<Source>,

    /// Time limit for each run of --sign-command [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = crate::parse_duration, requires = "sign_command", conflicts_with = "private_key", hide_short_help = true)]
    pub sign_timeout: Option<std::time::Duration>,
}

// The passphrase of an encrypted key.
#[derive(Args)]
pub struct PassphraseFlag {
    /// Passphrase of the key: file, env:NAME or - [env: CFSIGN_PASSPHRASE]
    ///
    /// If the key is encrypted and no passphrase is given, cfsign prompts for it at the terminal.
    #[arg(long, value_name = "SOURCE", value_parser = source())]
    passphrase: Option<Source>,
}

impl PassphraseFlag {
    /// The source of the passphrase, from the flag or the environment.
    pub fn passphrase(&self) -> crate::Result<Option<Source>> {
        match &self.passphrase {
            Some(source) => Ok(Some(source.clone())),
            None => source::from_environment("CFSIGN_PASSPHRASE", Source::parse),
        }
    }
}

// The conditions of the policy.
#[derive(Args, Clone)]
#[command(next_help_heading = POLICY)]
pub struct ConditionFlags {
    /// Expiry (UTC): 1h, 7d, 2027-01-31, 2027-01-31T10:00:00Z or Unix seconds
    ///
    /// Durations count from now. Dates and times without an offset are UTC. Also accepted: "2 weeks", "tomorrow",
    /// "2027-01-31 10:00", RFC 2822 dates, and @N for any number of Unix seconds.
    #[arg(short, long, value_name = "TIME", aliases = ["date-less-than", "expires-at"], allow_hyphen_values = true, help_heading = REQUIRED)]
    pub expires: Option<When>,

    /// Expiry as a duration from now; a plain number is seconds
    #[arg(long, value_name = "DURATION", conflicts_with = "expires", value_parser = crate::parse_duration, allow_hyphen_values = true)]
    pub expires_in: Option<std::time::Duration>,

    /// Round the expiry up to a multiple of this, for identical URLs
    ///
    /// With --expires 1h --round 15m, all runs within a quarter of an hour give the same URLs, so that browsers and CDNs can
    /// cache them. The expiry is never earlier than without --round. The start time is rounded down.
    #[arg(long, value_name = "DURATION", value_parser = slot, conflicts_with = "policy")]
    pub round: Option<std::time::Duration>,

    /// Start time (UTC), in the same forms as --expires
    #[arg(
        long,
        value_name = "TIME",
        alias = "date-greater-than",
        allow_hyphen_values = true
    )]
    pub starts: Option<When>,

    /// Allow only this IPv4 address or range, such as 192.0.2.0/24
    ///
    /// Clients that connect over IPv6 are denied: turn off IPv6 for the distribution.
    #[arg(long, value_name = "CIDR", alias = "ip-address")]
    pub ip: Option<IpRange>,

    /// Resource of the policy, if not the URL; * and ? are wildcards
    #[arg(short, long, value_name = "PATTERN", alias = "policy-resource")]
    pub resource: Option<String>,

    /// Custom policy (JSON) instead of these options: file, or - for stdin
    #[arg(long, value_name = "SOURCE", value_parser = source(), conflicts_with_all = ["expires", "expires_in", "starts", "ip", "resource"])]
    pub policy: Option<Source>,

    /// Use a custom policy even if a canned policy is enough
    #[arg(long)]
    pub custom: bool,
}

// The URLs to sign.
#[derive(Args)]
#[command(next_help_heading = "URL options")]
pub struct UrlFlags {
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
#[derive(Args)]
#[command(next_help_heading = "URL options")]
pub struct ChangeFlags {
    /// Add a query parameter (cfsign percent-encodes it); repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub query: Vec<(String, String)>,

    /// File name for S3 downloads (response-content-disposition)
    #[arg(long, value_name = "FILENAME", value_parser = crate::cli::content_disposition::attachment)]
    pub download_as: Option<String>,

    /// Percent-encode characters that are not allowed in URLs; existing %XX escapes are kept
    #[arg(long)]
    pub encode: bool,

    /// Replace an existing signature and keep its conditions
    ///
    /// Expiry, start time, IP range, resource and type of policy are those of the old signature, unless given. The old signature
    /// is not checked.
    #[arg(long)]
    pub resign: bool,

    /// Sign an RTMP stream name, such as video.mp4, instead of a URL
    #[arg(long, hide_short_help = true)]
    pub stream: bool,
}

/// Parses a SOURCE.
pub fn source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(Source::parse)
}

/// Parses a SOURCE of cookies.
pub fn cookie_source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(|value| {
        if value.to_string_lossy().contains("CloudFront-") {
            return Err(
                crate::Error::new("expects a file or -, but the value contains cookies")
                    .with_hint("use --cookies - and send the cookies to standard input"),
            );
        }
        Source::parse(value)
    })
}

/// Parses the value of `--round`.
fn slot(text: &str) -> crate::Result<std::time::Duration> {
    let slot = crate::parse_duration(text)?;
    if slot.as_secs() == 0 {
        return Err(
            crate::Error::new(format!("{} is less than a second", crate::quoted(text)))
                .with_hint("--round 15m"),
        );
    }
    Ok(slot)
}

fn sign_command(text: &str) -> crate::Result<SignCommand> {
    SignCommand::new(text)
        .map_err(|e| e.with_hint("--sign-command 'openssl dgst -sha1 -sign cf.pem'"))
}

fn name_and_value(text: &str) -> crate::Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err(crate::Error::new(format!(
            "{} is not in the form NAME=VALUE",
            crate::quoted(text)
        ))
        .with_hint("--query size=large")),
    }
}

impl ConditionFlags {
    /// The value of `--resource`, a pattern of URLs or of stream names.
    pub fn pattern(&self, stream: bool) -> crate::Result<Option<Resource>> {
        let Some(text) = &self.resource else {
            return Ok(None);
        };
        if stream {
            Resource::stream(text)
        } else {
            text.parse()
        }
        .map(Some)
    }
}
