//! The formats of rows.

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
