//! The `cfsign` command.

use std::process::ExitCode;

mod cli;

/// Wipes all memory that is freed: keys and passphrases pass through buffers of the PEM, base64, big-integer and
/// argument parsers that do not wipe themselves.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    // Where these fail, a limit ends the run as it ends that of other programs, and a crash leaves what theirs do.
    let _ = cli::signals::survive_file_size_limit();
    let _ = cli::signals::leave_no_core_file();
    let arguments: Vec<_> = std::env::args_os().collect();
    let terminal = cli::report::Terminal::new(&arguments);
    match cli::parse(&arguments).and_then(|cli| cli.run(&terminal)) {
        Ok(answer) => answer,
        Err(error) => terminal.report(&error),
    }
}
