//! `{policy_file}`: the policy as a file, for programs that do not read standard input.

use std::io::Write;

use tempfile::{Builder, TempPath};

use super::shell;
use crate::error::{Error, Result, io_reason};

/// A file that only its owner can read, removed when it is dropped.
pub(super) struct PolicyFile(TempPath);

impl PolicyFile {
    /// Writes `policy` to a new file in the system's folder for such files.
    pub(super) fn write(policy: &[u8]) -> Result<Self> {
        let written = Builder::new()
            .prefix("cfsign-")
            .suffix(".json")
            .tempfile()
            .and_then(|mut file| {
                file.write_all(policy)?;
                Ok(PolicyFile(file.into_temp_path()))
            });
        written.map_err(|e| {
            Error::new(format!(
                "cannot have its {{policy_file}}: {}",
                io_reason(&e)
            ))
            .with_hint("TMPDIR names the folder for it; on standard input the policy needs none")
        })
    }

    /// `line` with the name of the file in its places.
    pub(super) fn named_in(&self, line: &str) -> String {
        let path = self.0.to_string_lossy();
        // As it is where the shell would not change it, so that it may be part of a word or stand in quotes.
        let word = match path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._-:\\".contains(&byte))
        {
            true => path.to_string(),
            false if cfg!(windows) => format!("\"{path}\""),
            false => shell::quoted(&path),
        };
        let line = line.replace("{policy_file}", &word);
        match cfg!(windows) {
            true => line,
            false => {
                // Ctrl-C ends this process on the spot, and the shell is then the only one left to tidy up, as well as it
                // can. A terminal that closes may send SIGHUP after it, which should not keep rm from its work.
                let remove = shell::quoted(&format!("rm -f {}", shell::quoted(&path)));
                format!(
                    "trap {remove} EXIT; trap 'trap \"\" HUP INT TERM; exit 130' HUP INT TERM; {line}"
                )
            }
        }
    }
}
