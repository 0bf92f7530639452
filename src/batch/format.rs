//! The formats of rows, and the characters that separate the columns of tables.

/// A format of rows, in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One URL per line.
    Lines,
    /// Tab-separated values without quotes; the first row names the columns.
    Tsv,
    /// Comma-separated values (RFC 4180); the first row names the columns.
    Csv,
    /// One JSON object per line.
    Jsonl,
}

impl Format {
    /// The names of the formats.
    pub const NAMES: [&str; 4] = ["lines", "tsv", "csv", "jsonl"];

    /// The format of this name, or of a file with this extension, in any case; lines for any other.
    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "tsv" => Format::Tsv,
            "csv" => Format::Csv,
            "jsonl" | "ndjson" => Format::Jsonl,
            _ => Format::Lines,
        }
    }

    /// The format of a list of requests, by its first line: an object, the names of columns, or a
    /// URL.
    pub fn recognize(start: &[u8]) -> Self {
        let line = start.split(|byte| b"\r\n".contains(byte)).next();
        let line = String::from_utf8_lossy(line.unwrap_or_default()).to_ascii_lowercase();
        if line.starts_with('{') {
            return Format::Jsonl;
        }
        let mut names = line.split([',', ';', '\t']);
        let has_url = names.any(|name| ["url", "signed_url"].contains(&name.trim_matches('"')));
        if has_url && line.contains('\t') {
            Format::Tsv
        } else if has_url || line.starts_with("sep=") {
            Format::Csv
        } else {
            Format::Lines
        }
    }

    /// Returns whether rows are records, whose first one names the columns.
    pub(super) fn is_table(self) -> bool {
        matches!(self, Format::Csv | Format::Tsv)
    }
}

/// The delimiter of a table by its first line, and the length of that line if it is `sep=;`, with
/// which Excel names the delimiter. Semicolons separate columns where there are no commas.
pub(super) fn delimiter(format: Format, start: &[u8]) -> (u8, usize) {
    if format != Format::Csv {
        return (b'\t', 0);
    }
    let end = start.iter().position(|byte| b"\r\n".contains(byte));
    let (line, rest) = start.split_at(end.unwrap_or(start.len()));
    let line = line.to_ascii_lowercase();
    if let [b's', b'e', b'p', b'=', delimiter] | [b'"', b's', b'e', b'p', b'=', delimiter, b'"'] =
        line.as_slice()
    {
        let line_break = if rest.starts_with(b"\r\n") { 2 } else { 1 };
        return (*delimiter, line.len() + line_break);
    }
    let has_semicolons = line.contains(&b';') && !line.contains(&b',');
    (if has_semicolons { b';' } else { b',' }, 0)
}
