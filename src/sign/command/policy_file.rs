//! `{policy_file}`: the policy as a file, for programs that do not read standard input.

use std::io::{self, Write};

use tempfile::{Builder, TempPath};

use crate::error::{Error, Result, io_reason, quoted};
use crate::temporary;

/// A file that only its owner can read, removed when it is dropped.
pub(super) struct PolicyFile {
    path: TempPath,
}

impl PolicyFile {
    /// Writes `policy` to a new file in the system's folder for temporary files.
    ///
    /// # Errors
    /// The file cannot be written, or its path contains characters that a shell may interpret.
    pub(super) fn write(policy: &[u8]) -> Result<Self> {
        let path = create(policy).map_err(|e| {
            let message = format!("cannot write its {{policy_file}}: {}", io_reason(&e));
            let hint = "TMPDIR names the folder; a command that reads standard input needs no file";
            Error::new(message).with_hint(hint)
        })?;
        let file = PolicyFile { path };
        let path = file.path.to_string_lossy();
        if !path.chars().all(is_harmless) {
            let folder = quoted(&std::env::temp_dir().to_string_lossy());
            let message =
                format!("cannot use a {{policy_file}} in {folder}: a shell may interpret the name");
            let hint = "set TMPDIR to another folder, or let the command read standard input";
            return Err(Error::new(message).with_hint(hint));
        }
        Ok(file)
    }

    /// `line` with the name of the file in place of `{policy_file}`.
    pub(super) fn named_in(&self, line: &str) -> String {
        let path = self.path.to_string_lossy();
        // A plain name is not quoted, so that it may be part of a word or of a quoted text.
        let word = if cfg!(windows) {
            format!("\"{path}\"")
        } else if path.contains(' ') {
            format!("'{path}'")
        } else {
            path.into_owned()
        };
        line.replace("{policy_file}", &word)
    }
}

impl Drop for PolicyFile {
    fn drop(&mut self) {
        // Dropping `path` tries again, and has nothing to do.
        temporary::remove(&self.path);
    }
}

fn create(policy: &[u8]) -> io::Result<TempPath> {
    let mut builder = Builder::new();
    builder.prefix("cfsign-").suffix(".json");
    let mut file = temporary::create(&builder, &std::env::temp_dir(), true)?;
    file.write_all(policy)?;
    Ok(file.into_temp_path())
}

/// Returns whether a shell reads a character literally, with and without quotes; a space separates
/// words at most.
fn is_harmless(c: char) -> bool {
    c.is_alphanumeric() || "/._-+=,:@ ".contains(c) || cfg!(windows) && "\\()~".contains(c)
}
