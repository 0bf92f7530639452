//! `cfsign key inspect`: the type of a key, its encoding and its fingerprint.

use clap::Args;
use serde::Serialize;

use super::{KeyFlags, Subject};
use crate::cli::args::{FormatFlags, TextOrJson};
use crate::cli::render;
use crate::cli::warnings::Warnings;
use crate::{KeyPairId, Result};

/// Show the type of a key and whether CloudFront accepts it
///
/// The fingerprint is that of the public key, so both keys of a pair show the same.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Example:\n  cfsign key inspect cf.pem"
)]
pub struct InspectCommand {
    #[command(flatten)]
    key: KeyFlags,

    #[command(flatten)]
    output: FormatFlags,
}

impl InspectCommand {
    pub fn run(self, warnings: &mut Warnings) -> Result<String> {
        let subjects = self.key.read(warnings)?;
        let texts: Result<Vec<String>> = match self.output.format {
            TextOrJson::Text => subjects.iter().map(text).collect(),
            TextOrJson::Json => return subjects.iter().map(json).collect(),
        };
        Ok(texts?.join("\n"))
    }
}

fn text(subject: &Subject) -> Result<String> {
    let key_type = subject.public.key_type();
    let accepted = if key_type.accepted_by_cloudfront() {
        "accepted"
    } else {
        "not accepted: RSA 2048 and ECDSA P-256 only"
    };
    let hash = key_type.default_hash().name();
    let id = match &subject.id {
        Some(id) => format!("ID           {id}\n"),
        None => String::new(),
    };
    Ok(format!(
        "\
{id}key          {} ({})
type         {key_type}
CloudFront   {accepted}
hash         {hash} by default
fingerprint  SHA256:{}
",
        subject.holds,
        subject.format,
        subject.public.fingerprint()?
    ))
}

fn json(subject: &Subject) -> Result<String> {
    #[derive(Serialize)]
    struct Fields<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        holds: &'a str,
        format: &'a str,
        r#type: String,
        accepted_by_cloudfront: bool,
        default_hash: String,
        fingerprint: String,
    }
    let key_type = subject.public.key_type();
    render::json_line(&Fields {
        id: subject.id.as_ref().map(KeyPairId::as_str),
        holds: subject.holds,
        format: &subject.format,
        r#type: key_type.to_string(),
        accepted_by_cloudfront: key_type.accepted_by_cloudfront(),
        default_hash: key_type.default_hash().to_string(),
        fingerprint: subject.public.fingerprint()?,
    })
}
