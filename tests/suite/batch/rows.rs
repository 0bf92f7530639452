//! However an input is cut into reads and chunks, the output is the same, and every row is in it.

use cfsign::batch::Format;
use proptest::prelude::*;

use crate::common::rows::{rows_in, rows_out, signed};

const FORMATS: [Format; 4] = [Format::Lines, Format::Tsv, Format::Csv, Format::Jsonl];

/// Signs an input at once and in pieces, which must come to the same.
fn check(input: &[u8], from: Format, to: Format, rows: usize, read_size: usize) {
    let case = format!(
        "{from:?} to {to:?}, {rows}, {read_size}: {:?}",
        String::from_utf8_lossy(input)
    );
    let whole = signed(input, from, to, usize::MAX, input.len());
    assert_eq!(signed(input, from, to, rows, read_size), whole, "{case}");
    if let Ok(whole) = whole {
        assert_eq!(whole.rows, rows_in(input, from), "{case}");
        assert_eq!(whole.rows, rows_out(&whole, to), "{case}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn output_does_not_depend_on_the_cut(
        from in proptest::sample::select(&FORMATS[..]),
        to in proptest::sample::select(&FORMATS[..]),
        header in "(\u{feff}|\n| \r\n)?(url[,\t]n|n,url|\"url\"|url)?(\r?\n)?",
        rows in "((\\{\"(url|n)\": ?\"?[1!]\"?\\}|[a!\"\u{feff}]{0,3}|[,\t]| |\r)*(\r\n|\n|\r)){0,6}[a\"\\{]?",
        size in 0..5usize,
        read_size in 0..20usize,
    ) {
        check((header + &rows).as_bytes(), from, to, size, read_size);
    }
}

/// A table whose beginning arrives by itself had no columns, or other ones: cut after a blank row,
/// or a bad one.
#[test]
fn rows_before_the_columns_make_no_difference() {
    check(b"\nurl\na\n", Format::Tsv, Format::Tsv, 0, 0);
    check(
        b"bad\n{\"url\":\"a\",\"n\":1}\n",
        Format::Jsonl,
        Format::Csv,
        0,
        0,
    );
}

/// A quote alone begins a field that is never closed: a bad row, not a blank one.
#[test]
fn an_open_quote_is_no_blank_row() {
    for row in ["\"", ",\"", "a,\""] {
        check(
            format!("url,n\n{row}\n").as_bytes(),
            Format::Csv,
            Format::Csv,
            0,
            0,
        );
    }
}

/// A reader of CSV takes out a byte-order mark where it begins, which is where a chunk does: files
/// with one, one behind the other, gave other rows by the cut.
#[test]
fn a_byte_order_mark_in_the_middle_stays() {
    check(
        "url\na\n\u{feff}b\n".as_bytes(),
        Format::Csv,
        Format::Jsonl,
        0,
        100,
    );
}

/// Read byte by byte, a byte-order mark was not seen, and the quote behind it was text: the row
/// ended in the quote.
#[test]
fn a_byte_order_mark_is_seen_in_pieces() {
    check(
        "\u{feff}\"a\nb\",url\n1,a\n".as_bytes(),
        Format::Csv,
        Format::Csv,
        0,
        0,
    );
}

/// A row of white space had it in each column.
#[test]
fn a_row_of_white_space_is_a_blank_one() {
    check(
        b"{\"url\":\"a\",\"n\":1}\n \t\n",
        Format::Jsonl,
        Format::Jsonl,
        0,
        100,
    );
}

/// What was added to a row in an open quote was in the quote too.
#[test]
fn an_open_quote_is_refused() {
    check(b"n,url\n\"1\",\"a", Format::Csv, Format::Csv, 0, 100);
    let open = signed(b"n,url\n1,\"a\n", Format::Csv, Format::Csv, 0, 100).expect("a header");
    assert_eq!(
        String::from_utf8_lossy(&open.output),
        "n,url,signed_url,error\n1,a,,the row opens a quoted field that is never closed\n"
    );
}

/// A row of over a megabyte ends the run, with the line on which it begins, wherever reads end; its
/// line break does not count.
#[test]
fn a_row_that_is_too_long_ends_the_run() {
    let most = 1 << 20;
    for length in [most, most + 1] {
        let long = |around: usize| "a".repeat(length - around);
        for (format, line, input) in [
            (Format::Lines, 2, format!("1\n{}\n2\n3", long(0))),
            (Format::Lines, 1, format!("{}\r\n2\n3\n4", long(0))),
            (Format::Jsonl, 1, format!("{{\"url\":\"{}\"}}\n2", long(10))),
            (
                Format::Csv,
                3,
                format!("url,n\r\n1,1\r\n\"{}\r\n\",2\r\n2,1\r\n", long(6)),
            ),
            (Format::Tsv, 3, format!("url\n1\n{}\n2\n3\n", long(0))),
        ] {
            let expected = (length > most)
                .then(|| format!("the input: line {line}: the row is longer than {most} bytes"));
            for (rows, read_size) in [(0, usize::MAX), (10, (length - 1) / 64)] {
                let signed = signed(input.as_bytes(), format, format, rows, read_size);
                assert_eq!(
                    signed.err(),
                    expected,
                    "{format:?} {length} {rows} {read_size}"
                );
            }
        }
    }
}
