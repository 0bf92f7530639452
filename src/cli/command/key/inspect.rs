//! `cfsign key inspect`: the type of a key, its encoding and its fingerprint.

use clap::Args;
use serde::Serialize;

use super::KeyFlags;
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

/// The fields of a key.
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    holds: &'static str,
    format: &'a str,
    r#type: String,
    accepted_by_cloudfront: bool,
    default_hash: String,
    #[serde(skip)]
    hash_name: &'static str,
    fingerprint: String,
}

impl InspectCommand {
    pub fn run(self, warnings: &mut Warnings) -> Result<String> {
        let mut blocks = Vec::new();
        for half in self.key.read(warnings)? {
            let key_type = half.key.key_type();
            let fields = Fields {
                id: half.id.as_ref().map(KeyPairId::as_str),
                holds: if half.is_private {
                    "private key"
                } else {
                    "public key"
                },
                format: &half.format,
                r#type: key_type.to_string(),
                accepted_by_cloudfront: key_type.accepted_by_cloudfront(),
                default_hash: key_type.default_hash().to_string(),
                hash_name: key_type.default_hash().name(),
                fingerprint: half.key.fingerprint()?,
            };
            blocks.push(match self.output.format {
                TextOrJson::Text => text(&fields),
                TextOrJson::Json => render::json_line(&fields),
            });
        }
        let is_text = self.output.format == TextOrJson::Text;
        Ok(blocks.join(if is_text { "\n" } else { "" }))
    }
}

fn text(fields: &Fields) -> String {
    let accepted = if fields.accepted_by_cloudfront {
        "accepted"
    } else {
        "not accepted: RSA 2048 and ECDSA P-256 only"
    };
    let id = fields.id.map(|id| format!("ID           {id}\n"));
    format!(
        "\
{}key          {} ({})
type         {}
CloudFront   {accepted}
hash         {} by default
fingerprint  SHA256:{}
",
        id.unwrap_or_default(),
        fields.holds,
        fields.format,
        fields.r#type,
        fields.hash_name,
        fields.fingerprint
    )
}
