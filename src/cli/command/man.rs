//! `cfsign man`: the help texts as man pages.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use crate::cli::atomic_file::PendingFile;
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::cli::context::Context;
use crate::cli::definition::{command_in, commands};
use crate::cli::terminal;
use crate::cli::usage::{explain, is_help};

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ManCommand {
    /// Command, such as key generate [default: cfsign itself]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,

    /// Write the man pages of all commands to this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cfsign man | man -l -
  cfsign man key generate | man -l -
  cfsign man --out ~/.local/share/man/man1";

impl ManCommand {
    /// The page of one command of `cfsign`, the whole command; nothing if the pages are written.
    pub fn run(self, cfsign: Command, context: &Context) -> anyhow::Result<String> {
        // `cfsign help` takes the same words.
        let words = ["cfsign", "help"].into_iter();
        let words = words.chain(self.command.iter().map(String::as_str));
        let line: Vec<OsString> = words.map(OsString::from).collect();
        let help = cfsign.clone().try_get_matches_from(&line);
        let mut cfsign = cfsign.disable_help_subcommand(true);
        cfsign.build();
        if let Some(folder) = &self.out {
            write_all(&cfsign, folder)?;
            return Ok(String::new());
        }
        if let Err(error) = help
            && !is_help(&error)
        {
            return Err(explain(error, &cfsign, &line).into());
        }
        let command = command_in(&cfsign, line.iter());
        if stdout().is_terminal() && !context.terminal.quiet {
            let words: String = self.command.iter().map(|word| format!(" {word}")).collect();
            terminal::hint(&format!("cfsign man{words} | man -l -"));
        }
        let mut page = Vec::new();
        write(command, &mut page)?;
        Ok(String::from_utf8(page)?)
    }
}

/// Writes all pages, or none.
fn write_all(cfsign: &Command, folder: &Path) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for command in std::iter::once(cfsign).chain(commands(cfsign)) {
        let path = folder.join(Man::new(command.clone()).get_filename());
        let mut file = PendingFile::output(Some(&path))?;
        write(command, &mut file).map_err(|e| file.failed(e))?;
        files.push(file);
    }
    for file in files {
        file.commit()?;
    }
    Ok(())
}

/// Writes the man page of one command.
fn write(command: &Command, page: &mut impl Write) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or("cfsign");
    // clap_mangen leaves out what `-h` leaves out.
    let command = command.clone();
    let mut command = command.mut_args(|argument| argument.hide_short_help(false));
    // The synopsis of clap_mangen lists every flag.
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    // An empty date is omitted, which would move the source into its place.
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .date("\"\"")
        .source(concat!("cfsign ", env!("CARGO_PKG_VERSION")))
        .manual("User Commands");
    man.render_title(page)?;
    man.render_name_section(page)?;
    section("SYNOPSIS", [roman(usage)]).to_writer(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    epilogue(&command).to_writer(page)?;
    if name != "cfsign" {
        section("SEE ALSO", [bold("cfsign"), roman("(1)")]).to_writer(page)?;
    }
    Ok(())
}

fn section(heading: &str, text: impl IntoIterator<Item = Inline>) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading])
        .text(text.into_iter().collect::<Vec<_>>());
    roff
}

/// The examples and reference after the help. A line that ends in a colon is a heading; the lines
/// below are not filled.
fn epilogue(command: &Command) -> Roff {
    let text = command.get_after_long_help().or(command.get_after_help());
    let text = text.map(ToString::to_string).unwrap_or_default();
    let mut roff = Roff::new();
    for line in text.lines() {
        match line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            Some(heading) => roff
                .control("SH", [heading.to_uppercase().as_str()])
                .control("nf", []),
            None if line.is_empty() => roff.control("fi", []),
            None => roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]),
        };
    }
    if !text.is_empty() {
        roff.control("fi", []);
    }
    roff
}
