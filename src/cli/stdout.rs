//! Standard output.

use std::io::{self, Write};
use std::path::PathBuf;

use super::closed_streams;
use crate::{Error, Result, io_reason};

/// Writes a finished result to standard output.
pub fn print(text: &str) -> anyhow::Result<()> {
    print_to(&mut io::stdout().lock(), text)
}

/// Writes a finished result to `stdout`; a closed pipe is no error.
pub fn print_to(stdout: &mut impl Write, text: &str) -> anyhow::Result<()> {
    check_open()?;
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_print(&e).into()),
        _ => Ok(()),
    }
}

/// The file to write, or `None` if `path` is one of the names of standard output.
pub fn output_file(path: Option<PathBuf>) -> Option<PathBuf> {
    let names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    path.filter(|path| !names.iter().any(|name| path.as_os_str() == *name))
}

/// Refuses a standard output that the caller has closed (`>&-`): the result would be lost.
pub fn check_open() -> Result<()> {
    if closed_streams::stdout_is_closed() {
        return Err(Error::new("cannot write to standard output: it is closed"));
    }
    Ok(())
}

/// The error for standard output that cannot be written to.
pub fn cannot_print(error: &io::Error) -> Error {
    Error::new(format!(
        "cannot write to standard output: {}",
        io_reason(error)
    ))
}
