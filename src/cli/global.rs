//! The flags of every command.

use std::time::SystemTime;

use crate::{Error, Timestamp, When};
use clap::{ArgAction, Args, ColorChoice};

use super::args::GLOBAL;

#[derive(Args)]
#[command(next_help_heading = GLOBAL)]
pub struct GlobalFlags {
    /// No warnings and no progress bar
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Treat warnings as errors (batch: skip the row)
    #[arg(long, global = true)]
    pub strict: bool,

    /// Use this as the current time, for reproducible output
    #[arg(long, global = true, value_name = "TIME")]
    #[arg(allow_hyphen_values = true, hide_short_help = true)]
    now: Option<When>,

    /// Use colors: auto, always or never; NO_COLOR is supported
    // Read by `report::Terminal` before the command line is parsed.
    #[arg(long, global = true, value_name = "WHEN", hide_short_help = true)]
    color: Option<ColorChoice>,

    /// Print help (-h for a summary)
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}

impl GlobalFlags {
    /// The current time: `--now`, or the system clock.
    pub fn now(&self) -> anyhow::Result<Timestamp> {
        if let Some(When::At(time)) = self.now {
            return Ok(time);
        }
        let clock = Timestamp::try_from(SystemTime::now()).map_err(|_| {
            Error::new("the system clock is before 1970 or after 2262")
                .with_hint("set the clock, or use --now TIME")
        })?;
        let now = self.now.map_or(Ok(clock), |now| now.resolve(clock));
        Ok(now.map_err(|e| e.context("--now"))?)
    }
}
