//! `cfsign playlist`: a playlist whose references are signed.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::cli::atomic_file::{Mode, PendingFile};
use crate::playlist::{Base, Playlist, Preparation, Signing};
use crate::{Error, Resource, Signer, quoted};
use clap::Args;

mod tree;

use crate::cli::args::{self, ConditionFlags, SigningFlags};
use crate::cli::atomic_file::cannot_write;
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::request::{self, Template};
use crate::cli::source::Source;
use crate::cli::stdout::{output_file, print};
use crate::cli::warnings::Warnings;
use tree::{Tree, read};

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct PlaylistCommand {
    /// HLS playlist or DASH manifest; - for standard input
    #[arg(value_name = "FILE", value_parser = args::source())]
    file: Option<Source>,

    /// Where clients get the playlist, its own URL or its folder's with a / at the end; the policy covers the folder
    #[arg(long, value_name = "URL", help_heading = "Playlist")]
    base_url: Option<String>,

    /// Sign each reference by itself, instead of one policy for all; a canned one where that will do
    #[arg(long, help_heading = "Playlist", conflicts_with_all = ["resource", "policy"])]
    each: bool,

    /// Percent-encode what may not stand in a URL; a %XX that is there stays
    #[arg(long, help_heading = "Playlist")]
    encode: bool,

    /// Replace the signatures that references carry already
    #[arg(long, help_heading = "Playlist")]
    resign: bool,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    output: OutputFlags,
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
struct OutputFlags {
    /// File to write, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Sign the playlists that an HLS master playlist names as well
    #[arg(long, conflicts_with = "output")]
    recursive: bool,

    /// Folder that --recursive writes to, which gets the same names
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cfsign playlist a.m3u8 --base-url https://cdn.example.com/v/ \\
      -k K2JCJMDEHXQW5F -p cf.pem -e 6h
  cfsign playlist a.mpd --base-url https://cdn.example.com/v/ -e 6h -o out.mpd
  cfsign playlist a.m3u8 --base-url https://cdn.example.com/v/ -e 6h \\
      --recursive --out signed";

impl PlaylistCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let now = global.now()?;
        let mut warnings = Warnings::default();
        let out = self.output.folder()?;
        let file = self.file()?;
        self.signing.check_stdin(&self.conditions, Some(&file))?;
        let base = self.base_url(&mut warnings)?;
        let template = Template::new(&self.conditions, false, now)?;
        if let Template::Built(terms) = &template {
            terms.conditions()?;
        }
        let text = read(&file)?;

        let playlist = Playlist::parse(&text, &base)?;
        let covered = template.resource().cloned().unwrap_or_else(|| base.below());
        warnings.look_at_policy(&template.policy_over(&covered)?, now);
        let signer = self.signing.signer(&mut warnings)?;
        let mut signing = self.signatures(template, &covered, &signer)?;
        if let Some(out) = out {
            let tree = Tree::rewrite(&file, &playlist, &base, &mut signing)?;
            warnings.look_at_coverage(signing.coverage(), &covered);
            warnings.settle(global, terminal)?;
            return Ok(tree.write(out)?);
        }
        let signed = playlist.rewritten(|reference| signing.sign(reference))?;
        warnings.look_at_coverage(signing.coverage(), &covered);
        warnings.settle(global, terminal)?;
        let Some(path) = output_file(self.output.output) else {
            return print(&signed);
        };
        match PendingFile::write(&path, signed.as_bytes(), Mode::Default, true)
            .and_then(PendingFile::commit)
        {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(&path, &e).into()),
            _ => Ok(()),
        }
    }
}

impl OutputFlags {
    /// The folder for all playlists of a tree, where that was asked for.
    fn folder(&self) -> crate::Result<Option<&Path>> {
        match (self.recursive, self.out.as_deref()) {
            (true, None) => Err(Error::new("--recursive writes several playlists, and --out names no folder for them")
                .with_hint("--recursive --out signed")),
            (false, Some(_)) => Err(Error::new("--out is the folder for the playlists of --recursive").with_hint(
                "--recursive --out DIR signs a master playlist and those it names, --output FILE one playlist",
            )),
            (_, out) => Ok(out),
        }
    }
}

impl PlaylistCommand {
    /// Where the playlist is: standard input too, unless that would wait for somebody to type one.
    fn file(&self) -> crate::Result<Source> {
        match &self.file {
            Some(file) => Ok(file.clone()),
            None if io::stdin().is_terminal() => {
                Err(Error::new("FILE is required: the playlist to sign")
                    .with_hint("cfsign playlist a.m3u8 ..."))
            }
            None => Ok(Source::Stdin),
        }
    }

    fn signatures<'a>(
        &self,
        template: Template,
        covered: &Resource,
        signer: &'a Signer,
    ) -> crate::Result<Signing<'a>> {
        let preparation = Preparation {
            encode: self.encode,
            resign: self.resign,
        };
        match template {
            Template::Built(terms) if self.each => Ok(Signing::each(
                signer,
                terms.conditions()?,
                terms.custom,
                covered,
                preparation,
            )),
            template => Ok(Signing::one(
                &signer.sign(template.policy_over(covered)?)?,
                covered,
                preparation,
            )),
        }
    }

    fn base_url(&self, warnings: &mut Warnings) -> crate::Result<Base> {
        let text = self.base_url.as_deref().ok_or_else(|| {
            Error::new("--base-url is required: where clients get the playlist")
                .with_hint("--base-url https://d111111abcdef8.cloudfront.net/videos/")
        })?;
        let url = request::base_url(text).map_err(|e| e.context("--base-url is wrong:"))?;
        warnings.look_at_url(&url);
        if text.contains('*') {
            return Err(Error::new(format!(
                "--base-url {} is a pattern, and clients get the playlist from one URL",
                quoted(text)
            ))
            .with_hint("--resource is the place for a pattern"));
        }
        let base = Base::new(text);
        // Who writes .../videos may mean the folder, and a policy over the one above it would open too much.
        let (path, folder) = (text.split('?').next().unwrap_or_default(), base.folder());
        if path
            .strip_prefix(&folder)
            .is_some_and(|name| !name.is_empty() && !name.contains('.'))
        {
            return Err(Error::new(format!(
                "--base-url {} could be a folder or the playlist",
                quoted(text)
            ))
            .with_hint(format!(
                "--base-url {path}/ is the folder, --base-url {folder} the one above"
            )));
        }
        Ok(base)
    }
}
