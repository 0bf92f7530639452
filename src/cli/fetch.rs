//! Commands that fetch what cfsign does not fetch itself: a key in a cloud service or password
//! manager, given as a file name.

use super::shell;
use crate::is_showable;

/// The next step for the name of something that is not a file; `None` for other names.
pub fn hint(name: &str) -> Option<String> {
    if !is_showable(name) {
        return None;
    }
    let is_kms = name.starts_with("arn:aws") && name.contains(":kms:");
    if is_kms || name.starts_with("alias/") {
        let key = shell::quoted(name);
        return Some(format!(
            "a key in KMS cannot be exported; use --sign-command \"aws kms sign --key-id {key} \
             --message fileb://{{policy_file}} --message-type RAW \
             --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256\" --hash sha256"
        ));
    }
    let command = command(name)?;
    Some(format!(
        "pipe it to cfsign, with - as the file name: {command} | cfsign ..."
    ))
}

/// The command that prints the secret with this name.
fn command(name: &str) -> Option<String> {
    let word = shell::quoted(name);
    let is_arn_of = |service: &str| name.starts_with("arn:aws") && name.contains(service);
    if is_arn_of(":secretsmanager:") {
        return Some(format!(
            "aws secretsmanager get-secret-value --secret-id {word} --query SecretString --output text"
        ));
    }
    if is_arn_of(":ssm:") {
        return Some(format!(
            "aws ssm get-parameter --with-decryption --name {word} --query Parameter.Value --output text"
        ));
    }
    if name.starts_with("projects/") && name.contains("/secrets/") {
        return Some(format!("gcloud secrets versions access {word}"));
    }
    let scheme = name.split("://").next().filter(|scheme| *scheme != name)?;
    let command = match scheme {
        "s3" => format!("aws s3 cp {word} -"),
        "gs" => format!("gcloud storage cat {word}"),
        "op" => format!("op read {word}"),
        "https" if name.contains(".vault.azure.net/secrets/") => {
            format!("az keyvault secret show --id {word} --query value --output tsv")
        }
        "http" | "https" => format!("curl -fsSL {word}"),
        _ => return None,
    };
    Some(command)
}
