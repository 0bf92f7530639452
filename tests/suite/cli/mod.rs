//! The command line: what is typed and printed, terminals, pipes, signals, and clients that use the
//! output.

#[cfg(unix)]
mod aws_cli;
#[cfg(unix)]
mod clients;
#[cfg(unix)]
mod completions;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod memory_limits;
#[cfg(unix)]
mod output_files;
#[cfg(unix)]
mod picture;
#[cfg(unix)]
mod streams;
#[cfg(unix)]
mod transcripts;
mod whatwg;
#[cfg(windows)]
mod windows;
#[cfg(unix)]
mod wire;
