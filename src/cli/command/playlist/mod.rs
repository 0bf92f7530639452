//! `cfsign playlist`: signs the references of a playlist.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::args::{self, ConditionFlags, SigningFlags};
use crate::cli::context::Context;
use crate::cli::keys::{KeySources, Needs};
use crate::cli::request::{self, PolicySpec, all_given, missing, no_expiry_to_keep};
use crate::cli::source::Source;
use crate::cli::warnings::Warnings;
use crate::playlist::{Base, By, Preparation, Signing, Unsigned};
use crate::{Error, HashAlgorithm, Policy, Resource, Result, Timestamp, quoted};
use clap::Args;

mod input;
mod output;
mod tree;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
pub struct PlaylistCommand {
    /// HLS playlist, DASH manifest or asset list; stdin if omitted or -
    ///
    /// An HLS playlist may have any length; a DASH manifest is read into memory, up to 256 MiB.
    #[arg(value_parser = args::source())]
    file: Option<Source>,

    /// URL of the playlist, or of its folder, ending in /
    ///
    /// The policy covers the folder, unless --resource says otherwise.
    #[arg(long, value_name = "URL", help_heading = args::REQUIRED, display_order = 0)]
    base_url: Option<String>,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    options: PlaylistFlags,

    #[command(flatten)]
    output: OutputFlags,

    #[command(flatten)]
    signing: SigningFlags,
}

#[derive(Args)]
#[command(next_help_heading = "Playlist options")]
struct PlaylistFlags {
    /// Sign each reference with its own policy
    ///
    /// The policies are canned if possible. Without --each, one policy covers all references.
    #[arg(long, conflicts_with_all = ["resource", "policy"])]
    each: bool,

    /// Take the signature from the playlist's own URL; needs no key
    ///
    /// One file then serves all viewers. HLS: adds EXT-X-DEFINE:QUERYPARAM and appends
    /// ?Policy={$Policy}&... to each reference; clients must support HLS protocol version 11. DASH:
    /// adds an EssentialProperty urn:mpeg:dash:urlparam:2014 to each AdaptationSet. Then sign the
    /// URL of the playlist: cfsign url URL --resource 'https://.../folder/*'. If the signature is
    /// SHA-256, add --hash sha256.
    #[arg(long, conflicts_with_all = NEEDING_A_KEY.split_ascii_whitespace())]
    query_variables: bool,

    /// Percent-encode what is not allowed in URLs
    ///
    /// Existing %XX escapes are kept.
    #[arg(long)]
    encode: bool,

    /// Replace existing signatures and keep their conditions
    ///
    /// As in cfsign url --resign, given conditions replace the old ones. Old signatures are not
    /// checked, and references outside the resource keep theirs.
    #[arg(long)]
    resign: bool,
}

#[derive(Args)]
#[command(next_help_heading = "Output options")]
struct OutputFlags {
    /// Write to FILE [default: standard output]
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["recursive", "out"])]
    output: Option<PathBuf>,

    /// Also sign the playlists that FILE references; needs --out
    ///
    /// These are media playlists, interstitials, other manifests and remote elements.
    #[arg(long, requires = "out")]
    recursive: bool,

    /// Folder for the files of --recursive, which keep their names
    #[arg(long, value_name = "DIR", requires = "recursive")]
    out: Option<PathBuf>,
}

/// The flags that have no meaning where nothing is signed. `--hash` has one: the name of a
/// parameter depends on it.
const NEEDING_A_KEY: &str = "each key_pair_id private_key passphrase sign_command public_key
    sign_timeout expires expires_in round starts ip policy custom";

const USAGE: &str = "cfsign playlist [FILE] --base-url <URL> -k <ID> -p <SOURCE> -e <TIME>";

const EXAMPLES: &str = "\
Examples:
  cfsign playlist a.m3u8 --base-url https://cdn.example.com/v/ \\
      -k K2JCJMDEHXQW5F -p cf.pem -e 6h
  cfsign playlist a.mpd --base-url https://cdn.example.com/v/ -e 6h -o out.mpd
  cfsign playlist a.m3u8 --base-url https://cdn.example.com/v/ --query-variables";

impl PlaylistCommand {
    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let now = context.now;
        let mut warnings = Warnings::default();
        let keys = self.keys()?;
        let base = self.base_url(&mut warnings)?;
        let (mut signing, covered) = self.signing(keys, &base, now, &mut warnings)?;
        let file = self.file.unwrap_or(Source::Stdin);
        let outputs = tree::rewrite(&file, &base, &self.output, &mut signing)?;

        let coverage = signing.coverage();
        if let Some(policy) = &coverage.first_to_expire {
            warnings.about_policy(policy, now);
        }
        warnings.about_coverage(coverage, &covered, self.output.recursive);
        context.terminal.settle(warnings)?;
        output::write_all(outputs, self.output.recursive)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The way in which references are signed, and those that are.
    fn signing(
        &self,
        keys: Option<KeySources>,
        base: &Base,
        now: Timestamp,
        warnings: &mut Warnings,
    ) -> Result<(Signing, Resource)> {
        let PlaylistFlags { each, resign, .. } = self.options;
        let preparation = Preparation {
            encode: self.options.encode,
            resign,
            // Who writes a pattern knows what * means.
            allow_wildcards: self.conditions.resource.is_some() || self.conditions.policy.is_some(),
        };
        let mut spec = PolicySpec::new(&self.conditions, false, now)?;
        spec.url_may_be_pattern = true;
        let covered = spec.resource.clone();
        let covered = covered.unwrap_or_else(|| base.below());
        let by = if let Some(keys) = keys {
            let policy = spec.policy_over(&covered);
            if spec.document.is_none() && (each || resign) {
                if !resign {
                    policy?;
                }
                let shared = (!each).then(|| covered.clone());
                let policy_of = move |url: &Unsigned<'_>| policy_of(&spec, shared.as_ref(), url);
                By::Each(keys.signer(warnings)?, Box::new(policy_of))
            } else {
                let policy = policy?;
                warnings.about_url_policy(&policy, now);
                By::One(keys.signer(warnings)?.sign(policy)?)
            }
        } else {
            let hash_algorithm = self.signing.hash == Some(HashAlgorithm::Sha256);
            By::PlaylistUrl { hash_algorithm }
        };
        Ok((Signing::new(&covered, preparation, by), covered))
    }

    /// The sources of the key, unless players sign; an error if anything is missing.
    fn keys(&self) -> Result<Option<KeySources<'_>>> {
        const EXAMPLE: &str =
            "cfsign playlist FILE --base-url URL -k K2JCJMDEHXQW5F -p cf.pem -e 6h";
        let own = [
            ("FILE", self.file.is_some() || !io::stdin().is_terminal()),
            ("--base-url", self.base_url.is_some()),
        ];
        if self.options.query_variables {
            if !all_given(&own) {
                return Err(missing(&own, EXAMPLE));
            }
            return Ok(None);
        }
        let keys = self.signing.key_sources(&Needs {
            own: &own,
            conditions: &self.conditions,
            optional_expiry: self.options.resign,
            input: ("FILE", Some(self.file.as_ref().unwrap_or(&Source::Stdin))),
            example: EXAMPLE,
        });
        keys.map(Some)
    }

    fn base_url(&self, warnings: &mut Warnings) -> Result<Base> {
        let text = self.base_url.as_deref().unwrap_or_default();
        let shown = quoted(text);
        if text.contains('*') {
            let message = format!("--base-url {shown} contains *, but it must be one URL");
            return Err(Error::new(message).with_hint("use --resource for a pattern"));
        }
        let url = request::base_url(text).map_err(|e| e.context("--base-url"))?;
        warnings.about_url(&url);
        let base = Base::new(text);
        let folder = base.folder();
        let path = text.split('?').next().unwrap_or_default();
        let name = path.strip_prefix(&folder).unwrap_or_default();
        if !name.is_empty() && !name.contains('.') {
            // A policy for the folder above a folder would grant too much.
            let message = format!("--base-url {shown} is ambiguous: a folder or a playlist");
            return Err(Error::new(message).with_hint(format!(
                "use --base-url {path}/ for the folder, --base-url {folder} for a playlist in the \
                 folder above"
            )));
        }
        Ok(base)
    }
}

/// The policy of a URL, with the given terms, and with those of the old signature where none are
/// given. The resource of URLs without a signature is `shared`, or else their own.
fn policy_of(
    given: &PolicySpec,
    shared: Option<&Resource>,
    unsigned: &Unsigned<'_>,
) -> Result<Policy> {
    let own = &unsigned.resource;
    match (&unsigned.replaced, shared) {
        (None, _) if given.expires.is_none() => Err(no_expiry_to_keep(unsigned.url)),
        (None, Some(shared)) => given.policy_over(shared),
        (old, _) => given.policy(own, unsigned.url, old.as_ref()),
    }
}
