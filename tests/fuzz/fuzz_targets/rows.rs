//! However the input is cut into reads and chunks, the output is the same, and it holds every row of the input.
#![no_main]

use cfsign::batch::Format;
use cfsign_fuzz::{rows_in, rows_out, signed};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 4] = [Format::Lines, Format::Tsv, Format::Csv, Format::Jsonl];

fuzz_target!(|data: &[u8]| {
    let [formats, rows, read_size, input @ ..] = data else {
        return;
    };
    let (from, to) = (
        FORMATS[usize::from(formats % 4)],
        FORMATS[usize::from(formats / 4 % 4)],
    );
    let whole = signed(input, from, to, usize::MAX, input.len());
    let pieces = signed(
        input,
        from,
        to,
        usize::from(rows % 8),
        usize::from(read_size % 16),
    );
    assert_eq!(pieces, whole);
    if let Ok(whole) = whole {
        assert_eq!(whole.rows, rows_in(input, from));
        assert_eq!(whole.rows, rows_out(&whole, to));
    }
});
