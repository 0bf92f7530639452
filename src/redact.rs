//! Outside text in messages: what may be shown of it, and how.
//!
//! Any value may be a secret: a key instead of the name of its file, two swapped CI variables, half
//! a key as a list of URLs. Secrets have too many shapes to be listed, so the rule is the reverse:
//! a value is shown if it looks like a path, a URL, an ID, a time or a few words, and otherwise
//! only its length.

/// The most characters that a message shows of any value.
const LONGEST: usize = 300;

/// The most unexplained characters, in the sense of [`unexplained`], in a value that is shown: two
/// IDs and a UUID.
const VALUE_LIMIT: usize = 32;

/// The same for a whole sentence, which contains several values.
const SENTENCE_LIMIT: usize = 64;

/// Returns whether a message may repeat `text`: one line of plausible length that looks like a
/// path, a URL, an ID, a time or a few words, and contains no long run of base64, hexadecimal or
/// other text without words.
///
/// ```
/// use cfsign::is_showable;
///
/// assert!(is_showable("keys/cloudfront-2026.pem"));
/// assert!(is_showable("https://d111111abcdef8.cloudfront.net/videos/intro.mp4?size=large"));
/// assert!(is_showable("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"));
/// assert!(!is_showable("c2VjcmV0IGtleSBtYXRlcmlhbA8Kq1Zx"));
/// assert!(!is_showable("-----BEGIN PRIVATE KEY-----"));
/// ```
pub fn is_showable(text: &str) -> bool {
    let text = text.trim_matches(['\r', '\n']);
    let words = text.split(' ').count();
    text.chars().nth(LONGEST).is_none() && words <= 12 && is_plain(text, VALUE_LIMIT)
}

/// `text` in double quotes for a message, with control, bidirectional and zero-width characters
/// escaped. Of a URL that is not [showable](is_showable) the beginning is shown, of any other text
/// the length, as in `a value of 32 characters`.
pub(crate) fn quoted(text: &str) -> String {
    if is_showable(text) {
        return format!("{text:?}");
    }
    match showable_start(text) {
        Some(start) => format!("{:?}", format!("{start}...")),
        None => format!("a value of {} characters", text.chars().count()),
    }
}

/// A line of text from outside, such as the output of another program: as [`quoted`] shows it,
/// without quotes.
pub(crate) fn printable(text: &str) -> String {
    if is_plain(text, SENTENCE_LIMIT) {
        escaped(text)
    } else {
        format!(
            "({} characters, not shown because they may contain a secret)",
            text.chars().count()
        )
    }
}

/// A hint: words of cfsign's own around values that are shown; `None` if one of the values is not.
pub(crate) fn hint(text: &str) -> Option<String> {
    let decoded = percent_decoded(text);
    let is_plain = unexplained(&decoded) <= SENTENCE_LIMIT && !has_list_of_bytes(&decoded);
    is_plain.then(|| escaped(text))
}

/// `text` with control, bidirectional and zero-width characters escaped, and cut if it is long.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars().take(LONGEST) {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    shown
}

/// Returns whether `text` is a private key or the beginning of one: PEM, or the base64 of PEM or of
/// DER.
pub(crate) fn looks_like_key(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'', ' ', '\n', '\u{feff}']);
    let is_base64 = |text: &str| {
        let mut characters = text.bytes().filter(|b| !b.is_ascii_whitespace()).take(40);
        text.len() >= 40 && characters.all(|b| b.is_ascii_alphanumeric() || b"+/=\\".contains(&b))
    };
    if let Some((_, body)) = text.split_once("PRIVATE KEY-----") {
        return is_base64(body);
    }
    // Base64 of "-----BEGIN", and of the SEQUENCE that a DER structure is.
    (text.starts_with("LS0tLS1CRUdJTi") || text.starts_with('M'))
        && is_base64(text)
        && !is_showable(text)
}

/// The longest showable beginning of an http or https URL, up to its host or a folder.
fn showable_start(text: &str) -> Option<&str> {
    let host = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme))?;
    let first = text.len() - host.len() + host.find('/')?;
    let longest = text
        .char_indices()
        .nth(LONGEST)
        .map_or(text.len(), |(end, _)| end);
    let slashes = text.get(first..longest)?.rmatch_indices('/');
    slashes
        .map(|(offset, _)| &text[..=first + offset])
        .find(|start| is_showable(start))
}

/// Returns whether `text`, percent-decoded, is one line without a header of a key, and with few
/// [unexplained] characters.
fn is_plain(text: &str, limit: usize) -> bool {
    let decoded = percent_decoded(text);
    !decoded.contains(['\r', '\n'])
        && !decoded.contains("PRIVATE KEY")
        && !decoded.contains("-----")
        && unexplained(&decoded) <= limit
        && !has_list_of_bytes(&decoded)
}

/// The number of characters in `text` that no word, number or UUID explains.
///
/// Base64 has capitals inside words and digits between letters, and IDs and hexadecimal have digits
/// between letters; IDs are short.
fn unexplained(text: &str) -> usize {
    // Base 85 is full of punctuation that paths, URLs and JSON seldom contain.
    let mut total = 4 * text.matches(|c| "!#$'*;<>@\\^|~".contains(c)).count();
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        rest = &rest[start..];
        let length = uuid_length(rest).unwrap_or_else(|| {
            rest.find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len())
        });
        let (word, after) = rest.split_at(length);
        total = total.saturating_add(cost(word));
        rest = after;
    }
    total
}

/// The number that a word adds to [`unexplained`]: nothing for a word, little for a number or UUID,
/// its length for an ID, and more than any limit for a word too long for an ID.
fn cost(word: &str) -> usize {
    const LONGEST_WORD: usize = 24;
    const LONGEST_NUMBER: usize = 20;
    // An access key ID, or the ID of an account's key pair.
    const LONGEST_ID: usize = 21;
    // A random part of a temporary file's name, or a video's ID.
    const LONGEST_MIXED: usize = 12;

    let length = word.chars().count();
    if word.contains('-') {
        return 4;
    }
    if !word.is_ascii() {
        return if length <= 2 * LONGEST_WORD {
            0
        } else {
            length
        };
    }
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return if length <= LONGEST_NUMBER {
            1
        } else {
            usize::MAX
        };
    }
    let letters = word.trim_matches(|c: char| c.is_ascii_digit());
    if length <= LONGEST_WORD && letters.len() >= 3 && is_word(letters) {
        return usize::from(letters != word);
    }
    if length <= LONGEST_WORD && letters == word && is_word(letters) {
        return 0;
    }
    if length > LONGEST_ID {
        return usize::MAX;
    }
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    if !is_mixed {
        length
    } else if length <= LONGEST_MIXED {
        2 * length
    } else {
        usize::MAX
    }
}

/// Returns whether letters have the case of words: `lower`, `UPPER`, `Capital` or `camelCase`.
fn is_word(letters: &str) -> bool {
    let bytes = letters.as_bytes();
    if bytes.iter().all(u8::is_ascii_uppercase) {
        return true;
    }
    if !bytes.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    // The humps of camel case, each of capitals and small letters after them.
    let mut start = 0;
    for end in 1..=bytes.len() {
        let is_end = end == bytes.len()
            || bytes[end - 1].is_ascii_lowercase() && bytes[end].is_ascii_uppercase();
        if is_end {
            let hump = &bytes[start..end];
            let small = hump.iter().filter(|b| b.is_ascii_lowercase()).count();
            let is_first_or_last = start == 0 || end == bytes.len();
            if !(small >= 2 || is_first_or_last && (small == 0 || small == hump.len())) {
                return false;
            }
            start = end;
        }
    }
    true
}

/// The length of a UUID at the beginning of `text`.
fn uuid_length(text: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    let uuid = text.as_bytes().get(..LENGTH)?;
    let is_end = text
        .as_bytes()
        .get(LENGTH)
        .is_none_or(|b| !b.is_ascii_alphanumeric());
    let is_uuid = uuid.iter().enumerate().all(|(i, b)| match i {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => b.is_ascii_hexdigit(),
    });
    (is_end && is_uuid).then_some(LENGTH)
}

/// Returns whether `text` lists bytes, as `30:82:04:bd:02`, `\x30\x82\x04\xbd\x02` or `48, 130, 4,
/// 189, 2, 1, 0, 48, 13, 6`.
fn has_list_of_bytes(text: &str) -> bool {
    let (mut pairs, mut has_letter, mut numbers) = (0, false, 0);
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let digits = word.trim_start_matches("0x").trim_start_matches('x');
        if digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            pairs += 1;
            has_letter |= !digits.bytes().all(|b| b.is_ascii_digit());
        } else {
            (pairs, has_letter) = (0, false);
        }
        if word.len() <= 4 && word.bytes().any(|b| b.is_ascii_digit()) {
            numbers += 1;
        } else {
            numbers = 0;
        }
        if pairs >= 5 && has_letter || numbers >= 10 {
            return true;
        }
    }
    false
}

/// `text` with its `%XX` decoded, as often as it is encoded; as it is where that is not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut decoded = text.to_owned();
    for _ in 0..3 {
        let bytes = decoded.as_bytes();
        let mut plain = Vec::with_capacity(bytes.len());
        let mut i = 0;
        while i < bytes.len() {
            let escaped = decoded
                .get(i + 1..i + 3)
                .filter(|digits| bytes[i] == b'%' && !digits.starts_with('+'))
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            plain.push(escaped.unwrap_or(bytes[i]));
            i += if escaped.is_some() { 3 } else { 1 };
        }
        match String::from_utf8(plain) {
            Ok(plain) if plain != decoded => decoded = plain,
            _ => break,
        }
    }
    decoded
}
