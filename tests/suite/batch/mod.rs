//! Rows and streams: order, pieces, and what happens when they break off.

mod encodings;
mod pipeline;
mod plain;
mod rows;
#[cfg(unix)]
mod streams;
