//! However an input is cut into reads and chunks, the output is the same, and every row is in it.

use cfsign::batch::Format;
use proptest::prelude::*;

use crate::common::rows::{Signed, rows_in, rows_out, signed};

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
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

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

/// A table whose beginning arrives by itself had no columns, or other ones: cut after a blank row, or a bad one.
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

/// A reader of CSV takes out a byte-order mark where it begins, which is where a chunk does: files with one, one behind
/// the other, gave other rows by the cut.
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

/// Read byte by byte, a byte-order mark was not seen, and the quote behind it was text: the row ended in the quote.
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
        "n,url,signed_url,error\n1,\"a\n\",,the row opens a quoted field that is never closed\n"
    );
}

/// How often a row was refused for its length.
fn too_long(signed: &Signed) -> usize {
    signed
        .bad
        .iter()
        .filter(|(_, error)| error == "the row is longer than 1048576 bytes")
        .count()
}

/// A row of over a megabyte is a bad one, and those around it are not. Only a table's first row, which names the columns,
/// has to be shorter.
#[test]
fn a_row_that_is_too_long_is_passed_over() {
    // In CSV, reads of a thousand bytes end between the \r and the \n behind the long row.
    for (length, excess) in [
        (1_030_000 - 19, 0),
        (1_100_000 - 19, 1),
        (3_000_000 - 19, 1),
    ] {
        let long = "a".repeat(length);
        for (format, input) in [
            (Format::Lines, format!("1\n{long}\n2\n3")),
            (Format::Lines, format!("{long}\r\n2\n3\n4")),
            (
                Format::Jsonl,
                format!("{{\"url\":\"{long}\"}}\n{{\"url\":\"2\"}}\n3\n{{\"url\":\"4\"}}"),
            ),
            (
                Format::Csv,
                format!("url,n\r\n1,1\r\n\"{long}\r\n\",2\r\n2,1\r\n3,1\r\n"),
            ),
            (Format::Tsv, format!("url\n1\n{long}\n2\n3\n")),
        ] {
            let whole = signed(input.as_bytes(), format, format, 0, usize::MAX).unwrap();
            assert_eq!(too_long(&whole), excess, "{format:?} {length}");
            assert_eq!(
                (whole.rows, rows_out(&whole, format)),
                (4, 4),
                "{format:?} {length}"
            );
            for (rows, read_size) in [(0, 999), (10, 999), (10, 50_000)] {
                let pieces = signed(input.as_bytes(), format, format, rows, read_size).unwrap();
                assert!(pieces == whole, "{format:?} {length} {rows} {read_size}");
            }
        }
    }
}

/// The line break behind a row, which does not count, may be seen or not when the limit is passed.
#[test]
fn the_limit_is_one_wherever_reads_end() {
    for (length, excess) in [(1 << 20, 0), ((1 << 20) + 1, 1)] {
        let input = format!("{}\n2\n", "a".repeat(length));
        for read_size in [usize::MAX, 65_000, 999, (length - 1) / 64] {
            let signed =
                signed(input.as_bytes(), Format::Lines, Format::Lines, 0, read_size).unwrap();
            assert_eq!(
                (too_long(&signed), signed.rows),
                (excess, 2),
                "{length} {read_size}"
            );
        }
    }
}
