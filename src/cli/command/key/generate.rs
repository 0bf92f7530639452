//! `cfsign key generate`: a key pair in two files, and what to do with them.

use std::io;
use std::path::Path;

use crate::cli::atomic_file::{Mode, PendingFile};
use crate::cli::shell;
use crate::{Error, KeyType, PrivateKey, printable, quoted};
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use crate::cli::args::PassphraseFlag;
use crate::cli::keys;
use crate::cli::stdout::print;

/// Make a key pair: FILE gets the private key, FILE.pub.pem the public one
///
/// The private key is PKCS#8 PEM that only its owner can read. What to do next, so that CloudFront accepts what it
/// signs, is printed.
#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct GenerateCommand {
    /// File for the private key, such as cf.pem; the public key goes to cf.pub.pem
    #[arg(value_name = "FILE", value_parser = file_name)]
    file: String,

    /// rsa is RSA 2048; p256 is ECDSA P-256, with signatures a quarter as long
    #[arg(
        long = "type",
        value_enum,
        ignore_case = true,
        value_name = "TYPE",
        default_value = "rsa"
    )]
    key_type: Kind,

    /// Encrypt the private key; without --passphrase, the passphrase is asked for
    #[arg(long)]
    encrypt: bool,

    #[command(flatten)]
    passphrase: PassphraseFlag,

    /// Overwrite files that are there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Rsa,
    P256,
}

const EXAMPLES: &str = "\
Examples:
  cfsign key generate cf.pem
  cfsign key generate cf.pem --type p256 --encrypt";

impl GenerateCommand {
    pub fn run(self) -> anyhow::Result<()> {
        let public_file = public_file(&self.file);
        for file in [&self.file, &public_file] {
            // Before the work and the passphrase; whether a file is there is asked again when it is put in its place.
            match Path::new(file).symlink_metadata() {
                Ok(found) if found.is_dir() => {
                    return Err(Error::new(format!("{} is a folder", quoted(file))).into());
                }
                Ok(_) if !self.force => return Err(exists(file).into()),
                _ => {}
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
        let public_pem = key.public_key().to_pem()?;

        let write = |path: &str, pem: &str, readers| {
            PendingFile::write(Path::new(path), pem.as_bytes(), readers, self.force)
                .map_err(|e| cannot_write(path, &e))
        };
        let private = write(&self.file, &private_pem, Mode::Private)?;
        let public = write(&public_file, &public_pem, Mode::Default)?;
        // The public file first: an old private key that --force is to replace is still there if this fails.
        let public_is_new = Path::new(&public_file).symlink_metadata().is_err();
        public
            .commit()
            .map_err(|e| cannot_write(&public_file, &e))?;
        if let Err(e) = private.commit() {
            if public_is_new {
                let _ = std::fs::remove_file(&public_file);
            }
            return Err(cannot_write(&self.file, &e).into());
        }
        let note = if passphrase.is_some() {
            "encrypted; with its passphrase it can sign"
        } else {
            "secret: whoever has it can sign"
        };
        let steps = next_steps(
            &self.file,
            note,
            &public_file,
            &key.public_key().fingerprint()?,
        );
        print(&steps).map_err(|e| {
            anyhow!(
                "{e}; the key pair is in {} and {}",
                quoted(&self.file),
                quoted(&public_file)
            )
        })
    }

    fn passphrase(&self) -> crate::Result<Option<Zeroizing<String>>> {
        let passphrase = match self.passphrase.passphrase()? {
            Some(source) => keys::read_passphrase(&source)?,
            None if self.encrypt => {
                let no_terminal = |e: Option<Error>| {
                    e.unwrap_or_else(|| {
                        Error::new("there is no terminal to ask for a passphrase")
                            .with_hint(keys::PASSPHRASE_HINT)
                    })
                };
                let first =
                    keys::ask_passphrase(&format!("Passphrase for {}: ", quoted(&self.file)))
                        .map_err(no_terminal)?;
                if *first != *keys::ask_passphrase("The same again: ").map_err(no_terminal)? {
                    return Err(Error::new("the two passphrases are not the same"));
                }
                first
            }
            None => return Ok(None),
        };
        if passphrase.is_empty() {
            return Err(Error::new("the passphrase is empty")
                .with_hint("leave out --encrypt and --passphrase for a key without one"));
        }
        Ok(Some(passphrase))
    }
}

/// A file name that the next steps can repeat: as text on a terminal, and where a SOURCE is expected.
fn file_name(text: &str) -> crate::Result<String> {
    let shown = quoted(text);
    if text.is_empty() || text.ends_with('/') {
        return Err(Error::new(format!("{shown} is not the name of a file"))
            .with_hint("cfsign key generate cf.pem"));
    }
    if text == "-" || text.starts_with("env:") || text.starts_with("file://") {
        return Err(Error::new(format!(
            "{shown} names no file, and a key pair is written to files"
        ))
        .with_hint("cfsign key generate cf.pem"));
    }
    if text.ends_with(".pub.pem") {
        let name = text.trim_end_matches(".pub.pem");
        return Err(Error::new(format!(
            "{shown} is the name of a public key, and FILE is for the private one"
        ))
        .with_hint(format!(
            "cfsign key generate {name}.pem writes {name}.pub.pem too"
        )));
    }
    if printable(text) != text {
        return Err(Error::new(format!(
            "{shown} holds characters that a terminal cannot show"
        ))
        .with_hint("cfsign key generate cf.pem"));
    }
    Ok(if text.starts_with('-') {
        format!("./{text}")
    } else {
        text.into()
    })
}

/// `cf.pub.pem` for `cf.pem`.
fn public_file(private: &str) -> String {
    format!(
        "{}.pub.pem",
        private.strip_suffix(".pem").unwrap_or(private)
    )
}

fn exists(file: &str) -> Error {
    Error::new(format!("{} exists already", quoted(file)))
        .with_hint("another name, or --force to overwrite the pair")
}

fn cannot_write(file: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => exists(file),
        _ => crate::cli::atomic_file::cannot_write(Path::new(file), error),
    }
}

fn next_steps(private: &str, note: &str, public: &str, fingerprint: &str) -> String {
    // CloudFront wants a name and a caller reference that it has not seen; a key's fingerprint is one.
    let name = format!("cfsign-{}", fingerprint.get(..8).unwrap_or(fingerprint));
    let (private_word, public_word) = (shell::quoted(private), shell::quoted(public));
    format!(
        "\
private key  {private}  ({note})
public key   {public}
fingerprint  SHA256:{fingerprint}

To have CloudFront accept what this key signs:
1. create the public key; the Id in the answer is the key pair ID
   aws cloudfront create-public-key --public-key-config \"CallerReference={name},Name={name},EncodedKey=$(cat {public_word})\"
2. put it into a key group
   aws cloudfront create-key-group --key-group-config Name={name},Items=KEY_PAIR_ID
3. have the behaviour of a distribution trust the group: \"Restrict viewer access\" with that group in the console, or
   \"TrustedKeyGroups\": {{\"Enabled\": true, \"Quantity\": 1, \"Items\": [\"KEY_GROUP_ID\"]}} for aws cloudfront update-distribution
4. sign
   cfsign url https://DISTRIBUTION.cloudfront.net/FILE --key-pair-id KEY_PAIR_ID --private-key {private_word} --expires 1h
"
    )
}
