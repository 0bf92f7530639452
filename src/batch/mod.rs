//! Rows of a list or a table: read from a stream, and written back with their result.
//!
//! ```text
//! input -> Chunk (whole rows, as bytes) -> Row -> output: the row as it was, and a signed URL or an error
//! ```
//!
//! Four formats are read and written: lines, each a URL; tab-separated values and comma-separated
//! values (RFC 4180), whose first row names the columns; and JSON Lines, one object per line. Other
//! columns of a row pass through unchanged; where the output has the format of the input, byte for
//! byte.

use memchr::memchr_iter;

pub use chunk::{Chunk, Chunks};
pub use column::{Column, Columns};
pub use format::Format;
pub use layout::Layout;
pub use row::Row;
pub use write::{write_blank, write_row};

mod cell;
mod chunk;
mod column;
mod format;
mod layout;
pub mod pipeline;
mod row;
mod splitter;
mod write;

/// A row and the line break that ends it.
fn without_line_break(whole: &[u8]) -> (&[u8], &[u8]) {
    let row = whole.strip_suffix(b"\n").unwrap_or(whole);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    whole.split_at(row.len())
}

/// The number of line breaks in `bytes`, by which lines are counted.
fn line_breaks(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
