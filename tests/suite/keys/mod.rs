//! Key files, generated keys, and where key material must not be.

mod files;
mod forms;
mod generate;
mod memory;
mod readable;
mod secrets;
mod several;
