//! `cfsign key generate`: a key pair in two files, and the next steps with it.

use std::path::Path;

use crate::cli::atomic_file::{self, Mode, PendingFile};
use crate::cli::shell;
use crate::{Error, KeyType, PrivateKey, Result, is_showable, printable, quoted};
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;
use zeroize::Zeroizing;

use super::public;
use crate::cli::args::{FormatFlags, PassphraseFlag, TextOrJson};
use crate::cli::passphrase::{ask_passphrase, read_passphrase};
use crate::cli::render;
use crate::cli::terminal;

/// Generate a key pair
///
/// The private key is written to FILE (PKCS#8 PEM, readable only by its owner), the public key
/// beside it: cf.pem gets cf.pub.pem. The next steps, for a first key and for a rotation, are
/// printed.
#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct GenerateCommand {
    /// Private key to write, such as cf.pem; cf.pub.pem is the public key
    #[arg(value_parser = file_name)]
    file: String,

    /// rsa (2048 bits, default) or p256 (ECDSA, shorter signatures)
    #[arg(long = "type", value_name = "TYPE", value_enum)]
    #[arg(default_value_t, ignore_case = true)]
    #[arg(hide_default_value = true)]
    key_type: Kind,

    /// Encrypt the private key; prompts for a passphrase
    ///
    /// There is no prompt with --passphrase, which implies --encrypt.
    #[arg(long)]
    encrypt: bool,

    #[command(flatten)]
    passphrase: PassphraseFlag,

    /// Overwrite an existing pair, unless it is read-only
    ///
    /// The old private key is lost: URLs that it signed stay valid, but no more can be signed with
    /// it.
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    output: FormatFlags,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Kind {
    #[default]
    #[value(alias = "rsa2048")]
    Rsa,
    #[value(aliases = ["ec", "ecdsa", "p-256", "prime256v1"])]
    P256,
}

const EXAMPLES: &str = "\
Examples:
  cfsign key generate cf.pem
  cfsign key generate cf.pem --type p256 --encrypt";

impl GenerateCommand {
    pub fn run(self) -> anyhow::Result<String> {
        let public_file = public_file(&self.file);
        for file in [Path::new(&self.file), Path::new(&public_file)] {
            // Before the work and the passphrase; writing checks again.
            if !self.force && file.symlink_metadata().is_ok() {
                return Err(atomic_file::exists(file).into());
            }
        }
        let passphrase = self.passphrase()?;
        let key = PrivateKey::generate(match self.key_type {
            Kind::Rsa => KeyType::Rsa(2048),
            Kind::P256 => KeyType::P256,
        })?;
        let private_pem = match &passphrase {
            Some(passphrase) => key.to_encrypted_pem(passphrase.as_bytes())?,
            None => key.to_pem()?,
        };
        self.write(&private_pem, &public_file, &key.public_key().to_pem()?)?;
        let pair = Pair {
            private_key: &self.file,
            public_key: &public_file,
            encrypted: passphrase.is_some(),
            r#type: key.key_type().to_string(),
            fingerprint: key.public_key().fingerprint()?,
        };
        let result = match self.output.format {
            TextOrJson::Text => pair.next_steps(),
            TextOrJson::Json => render::json_line(&pair),
        };
        terminal::print(&result).with_context(|| {
            let (private, public) = (quoted(&self.file), quoted(&public_file));
            format!("the key pair is in {private} and {public}")
        })?;
        Ok(String::new())
    }

    /// Writes both files or neither.
    fn write(&self, private_pem: &str, public_file: &str, public_pem: &str) -> anyhow::Result<()> {
        let (private, public) = (Path::new(&self.file), Path::new(public_file));
        let is_new = public.symlink_metadata().is_err();
        let pending =
            PendingFile::write(private, private_pem.as_bytes(), Mode::Private, self.force)?;
        // The public file first: if this fails, --force has not replaced the old private key.
        PendingFile::write(public, public_pem.as_bytes(), Mode::Default, self.force)?.commit()?;
        let committed = pending.commit();
        if committed.is_err() && is_new {
            let _ = std::fs::remove_file(public);
        }
        Ok(committed?)
    }

    fn passphrase(&self) -> Result<Option<Zeroizing<String>>> {
        let passphrase = if let Some(source) = self.passphrase.source()? {
            read_passphrase(&source)?
        } else if self.encrypt {
            let prompt = format!("Passphrase for {}: ", quoted(&self.file));
            let passphrase = ask_passphrase(&prompt)?;
            if *passphrase != *ask_passphrase("Confirm passphrase: ")? {
                return Err(Error::new("the passphrases differ"));
            }
            passphrase
        } else {
            return Ok(None);
        };
        if passphrase.is_empty() {
            return Err(Error::new("the passphrase is empty")
                .with_hint("leave out --encrypt and --passphrase for a key without a passphrase"));
        }
        Ok(Some(passphrase))
    }
}

/// Checks a file name that the next steps repeat, on a terminal and in commands.
fn file_name(text: &str) -> Result<String> {
    let name = text.strip_suffix(".pem").unwrap_or(text);
    if let Some(name) = name.strip_suffix(".pub") {
        let text = quoted(text);
        let message = format!("{text} is the name of a public key; FILE is the private key");
        let hint = format!("cfsign key generate {name}.pem also writes {name}.pub.pem");
        return Err(Error::new(message).with_hint(hint));
    }
    let is_source = text == "-" || text.starts_with("env:") || text.starts_with("file://");
    let is_shown = is_showable(text) && printable(text) == text;
    if is_source || !is_shown || text.is_empty() || text.ends_with('/') {
        let message = format!("{} is not the name of a file to write", quoted(text));
        return Err(Error::new(message).with_hint("cfsign key generate cf.pem"));
    }
    let is_flag = text.starts_with('-');
    Ok(if is_flag {
        format!("./{text}")
    } else {
        text.to_owned()
    })
}

/// `cf.pub.pem` for `cf.pem`.
fn public_file(private: &str) -> String {
    let name = private.strip_suffix(".pem").unwrap_or(private);
    format!("{name}.pub.pem")
}

/// A new key pair.
#[derive(Serialize)]
struct Pair<'a> {
    private_key: &'a str,
    public_key: &'a str,
    encrypted: bool,
    r#type: String,
    fingerprint: String,
}

impl Pair<'_> {
    fn next_steps(&self) -> String {
        let note = if self.encrypted {
            "encrypted"
        } else {
            "secret: anyone who has it can sign"
        };
        let name = public::name(&self.fingerprint);
        let private_word = shell::word(self.private_key);
        let public_word = shell::word(self.public_key);
        let (access, shell) = if cfg!(windows) {
            let icacls = format!("icacls {private_word} /inheritance:r /grant:r *S-1-3-4:F");
            let access =
                "Others may read the private key as far as its folder lets them. Only you:";
            (format!("{access}\n   {icacls}\n\n"), "    (in Git Bash)")
        } else {
            (String::new(), "")
        };
        format!(
            "\
private key  {}  ({note})
public key   {}
fingerprint  SHA256:{}

{access}For a first key:
1. Upload the public key; the Id in the response is the key pair ID:
   cfsign key public {public_word} --format aws-cli | sh{shell}
2. Create a key group that contains it:
   aws cloudfront create-key-group --key-group-config Name={name},Items=KEY_PAIR_ID
3. Let a cache behavior trust the group: \"Restrict viewer access\" in the console, or TrustedKeyGroups in
   aws cloudfront update-distribution
4. Sign:
   cfsign url https://DISTRIBUTION.cloudfront.net/FILE -k KEY_PAIR_ID -p {private_word} -e 1h

To rotate a key:
1. Upload the public key, as above
2. Add it to the key group beside the old one; get-key-group prints the ETag and the name:
   aws cloudfront get-key-group --id KEY_GROUP_ID
   aws cloudfront update-key-group --id KEY_GROUP_ID --if-match ETAG --key-group-config Name=NAME,Items=OLD_ID,NEW_ID
3. Wait a few minutes until all edge locations know the key, then sign with it. To re-sign existing lists:
   cfsign batch --resign -k NEW_ID -p {private_word}
4. When the URLs of the old key have expired or are replaced, remove it. ETAG2 is the new ETag that
   get-key-group prints, OLD_ETAG the one that get-public-key prints:
   aws cloudfront get-key-group --id KEY_GROUP_ID
   aws cloudfront update-key-group --id KEY_GROUP_ID --if-match ETAG2 --key-group-config Name=NAME,Items=NEW_ID
   aws cloudfront get-public-key --id OLD_ID
   aws cloudfront delete-public-key --id OLD_ID --if-match OLD_ETAG
",
            self.private_key, self.public_key, self.fingerprint
        )
    }
}
