//! The `cfsign` command.

use std::process::ExitCode;

/// Ends the run where memory is refused, and wipes all memory that is freed: keys and passphrases
/// pass through buffers of the PEM, base64, big-integer and argument parsers.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<cfsign::cli::memory::Allocator> =
    zeroizing_alloc::ZeroAlloc(cfsign::cli::memory::Allocator);

fn main() -> ExitCode {
    cfsign::cli::main()
}
