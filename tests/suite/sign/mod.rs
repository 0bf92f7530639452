//! Signatures: known answers, engines against each other, sign commands, signing again.

mod engines;
#[cfg(unix)]
mod peers;
mod rotation;
#[cfg(unix)]
mod sign_command;
mod signer;
mod vectors;
