//! The integration tests, one crate with a folder for each room of `src`.
//!
//! What belongs where: known answers in `sign/vectors` (files in `tests/vectors`, signatures by
//! openssl); what a user types and gets in `cli/transcripts` (files in `tests/transcripts`, and the
//! README); properties and hostile input for all parsers in `house/properties`; everything else in
//! the folder of its room. `common` has the sandbox, the test keys and openssl as a second opinion.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

mod batch;
mod cli;
#[cfg(unix)]
mod examples;
mod house;
mod keys;
mod playlist;
mod sign;
mod verify;
