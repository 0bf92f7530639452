//! Warnings: what worked but is probably a mistake.

use std::fmt;

use crate::error::listed;

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
    /// Adds those of `other`.
    pub fn extend(&mut self, other: &Warnings) {
        for Warning { kind, text } in &other.0 {
            self.add(kind, text.clone());
        }
    }

    /// Reports options of the AWS CLI, which have no effect.
    pub fn check_aws_options(&mut self, options: &[&str]) {
        if !options.is_empty() {
            let have = if options.len() == 1 { "has" } else { "have" };
            let options = listed(options);
            let message = format!("{options} {have} no effect: cfsign makes no AWS calls");
            self.add("AWS options", message);
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

/// Warnings that `--strict` turned into an error.
#[derive(Debug)]
pub struct StrictWarnings(pub Vec<String>);

impl fmt::Display for StrictWarnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for StrictWarnings {}
