//! Warnings: what worked but is probably a mistake.

use super::global::GlobalFlags;
use super::report::{StrictWarnings, Terminal};

mod cookies;
mod keys;
mod playlist;
mod policy;
mod repeated;
mod url;

pub use repeated::Repeated;

/// Something that worked but is probably a mistake.
#[derive(Debug)]
pub struct Warning {
    /// The same for all warnings of a kind.
    pub kind: &'static str,
    pub text: String,
}

/// The warnings of a run, each once. They are reported when everything else has succeeded.
#[derive(Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Reports the warnings, unless `--quiet`; with `--strict` they are errors.
    pub fn settle(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let texts: Vec<String> = self.0.into_iter().map(|warning| warning.text).collect();
        if global.strict && !texts.is_empty() {
            return Err(StrictWarnings(texts).into());
        }
        if !global.quiet {
            texts.iter().for_each(|text| terminal.warn(text));
        }
        Ok(())
    }

    /// Adds those of `other`.
    pub fn extend(&mut self, other: &Warnings) {
        for Warning { kind, text } in &other.0 {
            self.add(kind, text.clone());
        }
    }

    fn add(&mut self, kind: &'static str, text: String) {
        if !self.0.iter().any(|known| known.text == text) {
            self.0.push(Warning { kind, text });
        }
    }
}

impl IntoIterator for Warnings {
    type Item = Warning;
    type IntoIter = std::vec::IntoIter<Warning>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
