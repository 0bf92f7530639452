//! The name under which a browser saves a download.
//!
//! S3 answers a request that has `response-content-disposition` in its query with that `Content-Disposition` header,
//! where the distribution forwards the parameter to the origin.
//!
//! Source: RFC 6266 (the header), RFC 8187 (names that are not ASCII), Amazon S3 API, `GetObject`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result, quoted};

/// The query parameter that S3 reads.
pub const PARAMETER: &str = "response-content-disposition";

/// What RFC 8187 does not call an `attr-char`.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header's value for a download to be saved as `name`.
///
/// A name that is plain ASCII stands in quotes. Others are given twice: in UTF-8 for every browser of today, and with
/// `_` for what does not fit for those that read nothing else.
///
/// # Errors
/// An empty name, a path, and a name with control characters.
pub fn attachment(name: &str) -> Result<String> {
    if name.is_empty() || name == "." || name == ".." {
        return Err(Error::new(format!("{} is not a file name", quoted(name)))
            .with_hint("a file name is one like report.pdf"));
    }
    if name.contains(['/', '\\']) {
        return Err(Error::new(format!(
            "{} is a path, and a download is saved under a name",
            quoted(name)
        ))
        .with_hint_about(
            name,
            format!(
                "the name alone is {}",
                quoted(name.rsplit(['/', '\\']).next().unwrap_or_default())
            ),
        ));
    }
    if let Some(bad) = name.chars().find(|c| c.is_control()) {
        return Err(Error::new(format!(
            "{} holds the control character {}, which no file name should",
            quoted(name),
            quoted(&bad.to_string())
        )));
    }
    // Browsers disagree about escapes and percent signs inside the quotes, so there are none.
    let fits = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '%';
    let plain: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect();
    if plain == name {
        Ok(format!("attachment; filename=\"{name}\""))
    } else {
        Ok(format!(
            "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
            utf8_percent_encode(name, NOT_ATTR_CHAR)
        ))
    }
}
