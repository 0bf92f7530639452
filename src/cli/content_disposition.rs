//! File names for downloads.
//!
//! S3 returns the value of the query parameter `response-content-disposition` as the
//! `Content-Disposition` header, if the distribution forwards the parameter to the origin.
//!
//! Source: RFC 6266 (the header), RFC 8187 (names that are not ASCII), Amazon S3 API, `GetObject`.

use crate::error::{Error, Result, quoted};
use crate::url::percent::encode_header_value;

/// The query parameter that S3 reads.
pub const PARAMETER: &str = "response-content-disposition";

/// The value of `Content-Disposition` that makes browsers save a download as `name`.
///
/// An ASCII name is quoted. Any other name is given twice: in UTF-8, and as a fallback with `_` for
/// the other characters.
///
/// ```
/// use cfsign::cli::content_disposition::attachment;
///
/// assert_eq!(attachment("report.pdf")?, "attachment; filename=\"report.pdf\"");
/// # Ok::<(), cfsign::Error>(())
/// ```
///
/// # Errors
/// An empty name, a path, or a name with control characters.
pub fn attachment(name: &str) -> Result<String> {
    if name.contains(['/', '\\']) {
        let message = format!("{} is a path, not a file name", quoted(name));
        return Err(Error::new(message).with_hint("the file name is the last part of the path"));
    }
    if ["", ".", ".."].contains(&name) || name.contains(char::is_control) {
        return Err(Error::new(format!("{} is not a file name", quoted(name)))
            .with_hint("a file name looks like report.pdf"));
    }
    // Browsers disagree about escapes and percent signs inside the quotes, so there are none.
    let is_plain = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '%';
    let plain: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    if plain == name {
        Ok(format!("attachment; filename=\"{name}\""))
    } else {
        Ok(format!(
            "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
            encode_header_value(name)
        ))
    }
}
