//! The `cfsign` command.

use std::process::ExitCode;

/// Wipes all memory that is freed: keys and passphrases pass through buffers of the PEM, base64,
/// big-integer and argument parsers that do not wipe themselves.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    cfsign::cli::main()
}
