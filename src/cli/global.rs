//! The flags that every command takes.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Error, Timestamp, When};
use clap::{Args, ColorChoice};

#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalFlags {
    /// No warnings, no progress
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Treat a warning as an error: print nothing, exit 2
    #[arg(long, global = true)]
    pub strict: bool,

    /// The time that counts as now, for reproducible output
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    now: Option<When>,

    /// Colours: auto, always or never; NO_COLOR is honoured
    // Read by `report::Terminal`, before the command line is parsed: errors have colours too.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: ColorChoice,
}

impl GlobalFlags {
    /// What counts as now: `--now`, or the system's clock.
    pub fn now(&self) -> anyhow::Result<Timestamp> {
        if let Some(When::At(time)) = self.now {
            return Ok(time);
        }
        let clock = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|time| i64::try_from(time.as_secs()).ok());
        let clock = clock
            .and_then(|seconds| Timestamp::from_unix(seconds).ok())
            .ok_or_else(|| {
                Error::new(
                    "this machine's clock is before 1970, so nothing can be counted from now",
                )
                .with_hint("--now TIME sets the clock for one run")
            })?;
        Ok(self
            .now
            .map_or(Ok(clock), |now| now.resolve(clock))
            .map_err(|e| e.context("--now"))?)
    }
}
