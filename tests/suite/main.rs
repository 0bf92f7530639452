//! The integration tests, one crate with a module for each topic.
//!
//! What belongs where: known answers in `vectors` (files in `tests/vectors`, signatures by openssl); what a user types and
//! gets in `transcripts` (files in `tests/transcripts`, and the README); properties and hostile input in `properties`;
//! everything else in the module of its topic. `common` has the sandbox, the test keys and openssl as a second opinion.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

#[cfg(unix)]
mod batch;
mod causes;
mod changes;
#[cfg(unix)]
mod clients;
#[cfg(unix)]
mod completions;
mod engines;
#[cfg(unix)]
mod examples;
#[cfg(unix)]
mod faults;
mod key_forms;
mod key_generate;
mod keys;
mod layers;
#[cfg(unix)]
mod machines;
mod memory;
mod packaging;
#[cfg(unix)]
mod peers;
#[cfg(unix)]
mod picture;
mod pipeline;
#[cfg(unix)]
mod playback;
#[cfg(unix)]
mod players;
mod playlist;
mod properties;
mod rotation;
mod rows;
mod secrets;
#[cfg(unix)]
mod sign_command;
#[cfg(unix)]
mod streams;
mod transcripts;
mod vectors;
mod verify;
mod whatwg;
