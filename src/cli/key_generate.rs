//! `cfsign key generate`: a key pair in two files, and what to do with them.

use std::path::{Path, PathBuf};

use cfsign::output::{PendingFile, Readers};
use cfsign::{Error, KeyType, PrivateKey, io_reason, quoted};
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use super::source::Source;
use super::{flags, print, signing_key};

/// Make a key pair: FILE gets the private key, FILE.pub.pem the public one
///
/// The private key is PKCS#8 PEM that only its owner can read. What to do next, so that CloudFront accepts what it
/// signs, is printed.
#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct GenerateCommand {
    /// File for the private key, such as cf.pem; the public key goes to cf.pub.pem
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// rsa is RSA 2048; p256 is ECDSA P-256, with signatures a quarter as long
    #[arg(long = "type", value_enum, value_name = "TYPE", default_value = "rsa")]
    key_type: Kind,

    /// Encrypt the private key, with a passphrase asked for at the terminal
    #[arg(long)]
    encrypt: bool,

    /// Encrypt the private key with this passphrase: a file, env:NAME or -
    #[arg(long, value_name = "SOURCE", env = "CFSIGN_PASSPHRASE", hide_env_values = true, value_parser = flags::source())]
    passphrase: Option<Source>,

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
        if !self.force {
            // Before the work and the passphrase; whether a file is there is asked again when it is put in its place.
            for file in [&self.file, &public_file] {
                if file.symlink_metadata().is_ok() {
                    return Err(exists(file).into());
                }
            }
        }
        let passphrase = self.passphrase()?;
        let key = PrivateKey::generate(match self.key_type {
            Kind::Rsa => KeyType::Rsa(2048),
            Kind::P256 => KeyType::P256,
        })?;
        let private_pem = match passphrase {
            Some(passphrase) => key.to_encrypted_pem(passphrase.as_bytes())?,
            None => key.to_pem()?,
        };
        let public_pem = key.public_key().to_pem()?;
        let write = |path: &Path, pem: &str, readers| {
            PendingFile::write(path, pem.as_bytes(), readers, self.force).map_err(|e| cannot_write(path, &e))
        };
        let private = write(&self.file, &private_pem, Readers::Owner)?;
        let public = write(&public_file, &public_pem, Readers::Everyone)?;
        private.commit().map_err(|e| cannot_write(&self.file, &e))?;
        if let Err(e) = public.commit() {
            // Half a pair is of no use, and would be in the way of the next try.
            let _ = std::fs::remove_file(&self.file);
            return Err(cannot_write(&public_file, &e).into());
        }
        print(&next_steps(&self.file, &public_file, &key.public_key().fingerprint()?))
    }

    fn passphrase(&self) -> cfsign::Result<Option<Zeroizing<String>>> {
        let passphrase = match &self.passphrase {
            Some(source) => signing_key::read_passphrase(source)?,
            None if self.encrypt => {
                let no_terminal = || {
                    Error::new("there is no terminal to ask for a passphrase")
                        .with_hint("--passphrase env:NAME, or --passphrase FILE")
                };
                let first = signing_key::ask(&format!("Passphrase for {}: ", quoted(&self.file.to_string_lossy())))
                    .ok_or_else(no_terminal)??;
                let second = signing_key::ask("The same again: ").ok_or_else(no_terminal)??;
                if *first != *second {
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

/// `cf.pub.pem` for `cf.pem`.
fn public_file(private: &Path) -> PathBuf {
    let stem = if private.extension().is_some_and(|extension| extension == "pem") {
        private.with_extension("")
    } else {
        private.into()
    };
    let mut name = stem.into_os_string();
    name.push(".pub.pem");
    name.into()
}

fn exists(file: &Path) -> Error {
    Error::new(format!("{} exists already", quoted(&file.to_string_lossy())))
        .with_hint("another name, or --force to overwrite the pair")
}

fn cannot_write(file: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(file),
        _ => Error::new(format!("cannot write {}: {}", quoted(&file.to_string_lossy()), io_reason(error))),
    }
}

fn next_steps(private: &Path, public: &Path, fingerprint: &str) -> String {
    // CloudFront wants a name and a caller reference that it has not seen; a key's fingerprint is one.
    let name = format!("cfsign-{}", fingerprint.get(..8).unwrap_or(fingerprint));
    let (private, public) = (private.display(), public.display());
    format!(
        "\
private key  {private}  (secret: whoever has it can sign)
public key   {public}
fingerprint  SHA256:{fingerprint}

To have CloudFront accept what this key signs:
1. create the public key; the Id in the answer is the key pair ID
   aws cloudfront create-public-key --public-key-config \"CallerReference={name},Name={name},EncodedKey=$(cat '{public}')\"
2. put it into a key group
   aws cloudfront create-key-group --key-group-config Name={name},Items=KEY_PAIR_ID
3. have the behaviour of a distribution trust the group: \"Restrict viewer access\" with that group in the console, or
   \"TrustedKeyGroups\": {{\"Enabled\": true, \"Quantity\": 1, \"Items\": [\"KEY_GROUP_ID\"]}} for aws cloudfront update-distribution
4. sign
   cfsign url https://DISTRIBUTION.cloudfront.net/FILE --key-pair-id KEY_PAIR_ID --private-key '{private}' --expires 1h
"
    )
}
