//! The flags of every command, and what they and the clock give a run.

use std::time::SystemTime;

use clap::{ArgAction, Args};

use super::args::GLOBAL;
use super::terminal::Terminal;
use crate::{Error, Result, Timestamp, When};

#[derive(Args)]
#[command(next_help_heading = GLOBAL)]
pub struct GlobalFlags {
    #[command(flatten)]
    terminal: Terminal,

    /// Use this as the current time, for reproducible output
    #[arg(long, global = true, value_name = "TIME")]
    #[arg(allow_hyphen_values = true, hide_short_help = true)]
    now: Option<When>,

    /// Print help (-h for a summary)
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}

/// The circumstances of a run.
pub struct Context {
    /// The current time: `--now`, or the system clock.
    pub now: Timestamp,
    pub terminal: Terminal,
}

impl GlobalFlags {
    /// The circumstances that the flags and the system describe. All later output has the colors
    /// of the flags, also the message of an error here.
    pub fn context(self) -> Result<Context> {
        self.terminal.set_colors();
        Ok(Context {
            now: now(self.now)?,
            terminal: self.terminal,
        })
    }
}

fn now(flag: Option<When>) -> Result<Timestamp> {
    if let Some(When::At(time)) = flag {
        return Ok(time);
    }
    let clock = Timestamp::try_from(SystemTime::now()).map_err(|_| {
        Error::new("the system clock is before 1970 or after 9999")
            .with_hint("set the clock, or use --now TIME")
    })?;
    let now = flag.map_or(Ok(clock), |now| now.resolve(clock));
    now.map_err(|e| e.context("--now"))
}
