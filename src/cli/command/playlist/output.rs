//! The output of `cfsign playlist`: one playlist, or a folder of them.

use std::io;
use std::path::PathBuf;

use super::tree::Tree;
use crate::Error;
use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::terminal::Terminal;
use clap::Args;

#[derive(Args)]
#[command(next_help_heading = "Output options")]
pub struct OutputFlags {
    /// Write to FILE [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Also sign the playlists that FILE references; needs --out
    ///
    /// These are media playlists, interstitials and other manifests.
    #[arg(long, conflicts_with = "output")]
    pub recursive: bool,

    /// Folder for the files of --recursive, which keep their names
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub out: Option<PathBuf>,
}

impl OutputFlags {
    /// Checks that `--recursive` and `--out` are given together.
    pub fn check(&self) -> crate::Result<()> {
        if self.recursive && self.out.is_none() {
            return Err(
                Error::new("--recursive requires --out, the folder to write to")
                    .with_hint("use --recursive --out signed"),
            );
        }
        if self.out.is_some() && !self.recursive {
            return Err(Error::new("--out requires --recursive").with_hint(
                "use --recursive --out DIR for several playlists, --output FILE for one",
            ));
        }
        Ok(())
    }
}

/// A result and where it goes.
pub enum Signed {
    Tree(Tree, PathBuf),
    One(String, Option<PathBuf>),
}

impl Signed {
    /// Writes the result; a closed pipe is no error.
    pub fn write(self, terminal: &Terminal) -> anyhow::Result<()> {
        let (text, path) = match self {
            Signed::Tree(tree, out) => return Ok(tree.write(&out)?),
            Signed::One(text, None) => return terminal.print(&text),
            Signed::One(text, Some(path)) => (text, path),
        };
        let pending = PendingFile::write(&path, text.as_bytes(), Mode::Default, true);
        match pending.and_then(PendingFile::commit) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(&path, &e).into()),
            _ => Ok(()),
        }
    }
}
