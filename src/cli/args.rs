//! The flags that several commands share, each group with the types that its values parse into.
//!
//! A group has no doc comment: clap would take it for the description of the command that the group is part of.

use crate::{HashAlgorithm, IpRange, KeyPairId, Resource, SignCommand, When};
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::source::{self, Source};

// Which key signs, and how.
#[derive(Args)]
#[command(next_help_heading = "Signing")]
pub struct SigningFlags {
    /// ID of the public key in CloudFront, such as K2JCJMDEHXQW5F [env: CFSIGN_KEY_PAIR_ID]
    #[arg(short, long, value_name = "ID")]
    pub key_pair_id: Option<KeyPairId>,

    /// Private key, PEM or DER, RSA or P-256: a file, env:NAME, or - for standard input [env: CFSIGN_PRIVATE_KEY]
    #[arg(short, long, value_name = "SOURCE", aliases = ["private-key-path", "key"], value_parser = source())]
    pub private_key: Option<Source>,

    #[command(flatten)]
    pub passphrase: PassphraseFlag,

    /// Sign with a program instead: the policy on its standard input, the signature on its standard output; {digest} and
    /// {policy_file} stand for the policy's digest in hexadecimal and for a file that holds the policy
    #[arg(long, value_name = "COMMAND", value_parser = sign_command, conflicts_with_all = ["private_key", "passphrase"])]
    pub sign_command: Option<SignCommand>,

    /// Check what the program signs with this public key, certificate or private key, before anything is printed
    #[arg(long, value_name = "SOURCE", value_parser = source(), requires = "sign_command", conflicts_with = "private_key")]
    pub public_key: Option<Source>,

    /// How long the program may take for each signature; a minute by default
    #[arg(long, value_name = "DURATION", value_parser = crate::parse_duration, requires = "sign_command", conflicts_with = "private_key")]
    pub sign_timeout: Option<std::time::Duration>,

    /// sha1 or sha256; by default SHA-256 for P-256 keys, and SHA-1 for RSA keys and those that are not known
    #[arg(long, value_name = "HASH", alias = "hash-algorithm")]
    pub hash: Option<HashAlgorithm>,
}

// What opens an encrypted key.
#[derive(Args)]
pub struct PassphraseFlag {
    /// Passphrase of an encrypted key: a file, env:NAME or -; asked for at a terminal [env: CFSIGN_PASSPHRASE]
    #[arg(long, value_name = "SOURCE", value_parser = source())]
    passphrase: Option<Source>,
}

impl PassphraseFlag {
    /// Where the passphrase is, by flag or environment.
    pub fn passphrase(&self) -> crate::Result<Option<Source>> {
        match &self.passphrase {
            Some(source) => Ok(Some(source.clone())),
            None => source::from_environment("CFSIGN_PASSPHRASE", Source::parse),
        }
    }
}

// What the policy says.
#[derive(Args)]
#[command(next_help_heading = "Conditions")]
pub struct ConditionFlags {
    /// End of access: 90m, 2d, 2027-01-31, 2027-01-31T10:00:00Z, Unix seconds
    #[arg(short, long, value_name = "TIME", aliases = ["date-less-than", "expires-at"], allow_hyphen_values = true)]
    pub expires: Option<When>,

    /// The same as a duration from now: 3600 (seconds), 90m, 2d
    #[arg(long, value_name = "DURATION", conflicts_with = "expires", value_parser = crate::parse_duration, allow_hyphen_values = true)]
    pub expires_in: Option<std::time::Duration>,

    /// Beginning of access
    #[arg(
        long,
        value_name = "TIME",
        alias = "date-greater-than",
        allow_hyphen_values = true
    )]
    pub starts: Option<When>,

    /// IPv4 address or range that access is allowed from
    #[arg(long, value_name = "ADDRESS[/BITS]", alias = "ip-address")]
    pub ip: Option<IpRange>,

    /// What the policy covers if not the URL itself; * stands for any characters, ? for one
    #[arg(short, long, value_name = "PATTERN", alias = "policy-resource")]
    pub resource: Option<String>,

    /// A custom policy written by hand, instead of the flags above: a file, or -
    #[arg(long, value_name = "SOURCE", value_parser = source(), conflicts_with_all = ["expires", "expires_in", "starts", "ip", "resource"])]
    pub policy: Option<Source>,

    /// Send the policy in the URL even where a canned one would do
    #[arg(long)]
    pub custom: bool,
}

// Which URLs, and what is done to them before they are signed.
#[derive(Args)]
#[command(next_help_heading = "URL")]
pub struct UrlFlags {
    /// URL as the client will request it, in quotes where it has a ? or &
    #[arg(value_name = "URL", help_heading = None)]
    pub urls: Vec<String>,

    /// Another way to give the URL
    #[arg(long = "url", value_name = "URL")]
    pub url: Option<String>,

    #[command(flatten)]
    pub changes: ChangeFlags,
}

// What is done to a URL before it is signed.
#[derive(Args)]
#[command(next_help_heading = "URL")]
pub struct ChangeFlags {
    /// Add a query parameter, percent-encoded, before signing; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub query: Vec<(String, String)>,

    /// Have S3 name the download: adds response-content-disposition
    #[arg(long, value_name = "FILENAME", value_parser = crate::url::content_disposition::attachment)]
    pub download_as: Option<String>,

    /// Percent-encode what may not stand in a URL; a %XX that is there stays
    #[arg(long)]
    pub encode: bool,

    /// Take out the signing parameters that the URL carries already
    #[arg(long)]
    pub resign: bool,

    /// The URL is the name of an RTMP stream, such as video.mp4
    #[arg(long)]
    pub stream: bool,
}

/// Parses a SOURCE.
pub fn source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(Source::parse)
}

/// Parses a SOURCE of cookies.
pub fn cookie_source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(|value| {
        match value.to_string_lossy().contains("CloudFront-") {
            true => Err(crate::Error::new(
                "holds cookies themselves, where the place of some belongs",
            )
            .with_hint("--cookies FILE, or --cookies - and the cookies on standard input")),
            false => Source::parse(value),
        }
    })
}

fn sign_command(text: &str) -> crate::Result<SignCommand> {
    SignCommand::new(text)
}

fn name_and_value(text: &str) -> crate::Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err(
            crate::Error::new(format!("{} is not NAME=VALUE", crate::quoted(text)))
                .with_hint("--query size=large"),
        ),
    }
}

impl ConditionFlags {
    /// `--resource` as the pattern that it is, for URLs or for streams.
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
