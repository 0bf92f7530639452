//! Warnings about rows, which are often the same for many of them.

use super::Warning;

/// The first warning of each kind.
#[derive(Debug, Default)]
pub struct Repeated(Vec<RowWarning>);

#[derive(Debug)]
struct RowWarning {
    line: u64,
    warning: Warning,
    /// The number of other rows with a warning of this kind.
    more: u64,
}

impl Repeated {
    pub fn add(&mut self, line: u64, warning: Warning) {
        let more = 0;
        self.merge(Repeated(vec![RowWarning {
            line,
            warning,
            more,
        }]));
    }

    /// Adds those of later rows.
    pub fn merge(&mut self, later: Repeated) {
        for added in later.0 {
            let mut known = self.0.iter_mut();
            match known.find(|known| known.warning.kind == added.warning.kind) {
                Some(known) => known.more += added.more + 1,
                None => self.0.push(added),
            }
        }
    }

    /// Each warning with its line.
    pub fn into_texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|row| {
            let (line, text) = (row.line, row.warning.text);
            let more = match row.more {
                0 => String::new(),
                1 => " (and one more row like it)".into(),
                more => format!(" (and {more} more rows like it)"),
            };
            format!("line {line}: {text}{more}")
        })
    }
}
