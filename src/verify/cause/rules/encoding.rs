//! Rules of percent-encoding and of characters.

use unicode_normalization::UnicodeNormalization;

use super::Source;
use super::query::product;
use super::spelling::{ENCODERS, decoded};
use crate::url::UrlParts;

/// Rewrites the path, the query, and both.
fn rewritten(source: &Source<'_>, rewrite: impl Fn(&str) -> String) -> Vec<String> {
    let path = rewrite(source.parts.path);
    let mut found = vec![source.with_path(&path)];
    if let Some(query) = source.parts.query {
        let query = rewrite(query);
        let query = Some(query.as_str());
        found.push(
            UrlParts {
                query,
                ..source.parts
            }
            .to_string(),
        );
        let path = path.as_str();
        found.push(
            UrlParts {
                path,
                query,
                ..source.parts
            }
            .to_string(),
        );
    }
    found
}

/// The bytes of a path or query in another encoding of its segments or values.
fn encoded_again(text: &str, separators: &[char], encode: impl Fn(&[u8]) -> String) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for piece in text.split_inclusive(separators) {
        let end = piece.trim_end_matches(separators).len();
        encoded += &encode(&decoded(&piece[..end], false));
        encoded += &piece[end..];
    }
    encoded
}

const PARTS: [char; 4] = ['/', '?', '&', '='];

/// Path and query as SDKs write them that decode or encode the whole URL.
pub(super) fn whole(source: &Source<'_>) -> Vec<String> {
    let raw = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let mut found = rewritten(source, |text| encoded_again(text, &PARTS, raw));
    found.extend(rewritten(source, |text| {
        encoded_again(text, &PARTS, non_ascii_decoded)
    }));
    for encoder in [&ENCODERS[0], &ENCODERS[1], &ENCODERS[10], &ENCODERS[6]] {
        let encode = |text: &[u8]| encoder.encode(text);
        found.extend(rewritten(source, |text| {
            encoded_again(text, &PARTS, encode)
        }));
    }
    found
}

/// The bytes in percent-encoding, but for characters beyond ASCII (RFC 3987).
fn non_ascii_decoded(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut decoded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            decoded += &ENCODERS[11].encode(&[c as u8]);
        } else {
            decoded.push(c);
        }
    }
    decoded
}

/// The path by each encoder, and each of some characters encoded or not.
pub(super) fn path(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let mut found = Vec::new();
    for encoder in ENCODERS {
        let encoded = encoded_again(path, &['/'], |text| encoder.encode(text));
        found.push(source.with_path(&encoded));
    }
    // The name of the file as it is, behind folders that are encoded.
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |place| place + 1));
    let raw = decoded(name, false);
    let name = String::from_utf8_lossy(&raw);
    found.push(source.with_path(&format!("{folder}{name}")));
    let characters = if source.is_second {
        "'()~!,@"
    } else {
        "'()*~!,:;@$[]+&=-_.{}|^\"<>` "
    };
    for c in characters.chars() {
        let escape = format!("%{:02X}", u32::from(c));
        let lower = escape.to_ascii_lowercase();
        found.extend(rewritten(source, |text| text.replace(c, &escape)));
        let plain = c.to_string();
        found.extend(rewritten(source, |text| {
            text.replace(&escape, &plain).replace(&lower, &plain)
        }));
    }
    found
}

/// One level of percent-encoding more or less, in the path, the query, both, and each parameter.
pub(super) fn twice(source: &Source<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (old, new) in [("%25", "%"), ("%", "%25")] {
        found.extend(rewritten(source, |text| text.replace(old, new)));
        let all = source.parameters();
        for (place, parameter) in all.iter().enumerate().take(12) {
            let changed = parameter.replace(old, new);
            if changed != *parameter {
                let mut others = all.clone();
                others[place] = &changed;
                found.push(source.with_query(&others.join("&")));
            }
        }
    }
    found
}

/// Gives the bytes of the same characters in another form or encoding.
type Form = fn(&[u8]) -> Option<Vec<u8>>;

/// Other forms and encodings of the same characters.
pub(super) fn unicode(source: &Source<'_>) -> Vec<String> {
    if !source.url.contains('%') && source.url.is_ascii() {
        return Vec::new();
    }
    let forms: [Form; 4] = [
        |bytes| Some(text(bytes)?.nfc().collect::<String>().into_bytes()),
        |bytes| Some(text(bytes)?.nfd().collect::<String>().into_bytes()),
        |bytes| {
            let characters = text(bytes)?.chars();
            characters
                .map(|c| u8::try_from(u32::from(c)).ok())
                .collect()
        },
        |bytes| {
            let latin_1 = bytes.iter().map(|byte| char::from(*byte));
            Some(latin_1.collect::<String>().into_bytes())
        },
    ];
    let mut found = Vec::new();
    for form in forms {
        let encode = |bytes: &[u8]| match form(bytes) {
            Some(bytes) => ENCODERS[6].encode(&bytes),
            None => ENCODERS[6].encode(bytes),
        };
        found.extend(rewritten(source, |text| {
            encoded_again(text, &PARTS, encode)
        }));
    }
    found
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The hexadecimal digits of escapes in the other case.
pub(super) fn hexadecimal_case(source: &Source<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for case in [str::to_ascii_uppercase, str::to_ascii_lowercase] {
        found.extend(rewritten(source, |text| {
            let mut changed = String::with_capacity(text.len());
            let mut rest = text;
            while let Some(place) = rest.find('%') {
                let end = (place + 3).min(rest.len());
                let end = if rest.is_char_boundary(end) {
                    end
                } else {
                    place + 1
                };
                changed += &rest[..place];
                changed += &case(&rest[place..end]);
                rest = &rest[end..];
            }
            changed + rest
        }));
    }
    found
}

/// `%` as in a batch file of Windows, which drops and replaces what follows it.
pub(super) fn batch_file(source: &Source<'_>) -> Vec<String> {
    let (path, url) = (source.parts.path, source.url);
    let mut found = vec![url.replace("%%", "%"), url.replace('%', "%%")];
    let places: Vec<usize> = path.match_indices('0').map(|(place, _)| place).collect();
    if places.is_empty() || source.is_second {
        return found;
    }
    found.push(source.with_path(&path.replace('0', "%20")));
    for subset in 1_u32..1 << places.len().min(7) {
        let mut changed = path.to_owned();
        for (index, place) in places.iter().enumerate().take(7).rev() {
            if subset >> index & 1 == 1 {
                changed.replace_range(*place..=*place, "%20");
            }
        }
        found.push(source.with_path(&changed));
    }
    found
}

/// Each `+`, `%20` and `%2B` of the path as any of them or a space.
pub(super) fn plus_and_space(source: &Source<'_>) -> Vec<String> {
    const FORMS: [&str; 4] = ["+", "%20", "%2B", " "];
    let mut pieces: Vec<Vec<String>> = Vec::new();
    let mut rest = source.parts.path;
    while let Some((place, form)) = FORMS
        .iter()
        .filter_map(|form| Some((rest.find(form)?, form)))
        .min()
    {
        pieces.push(vec![rest[..place].to_owned()]);
        pieces.push(FORMS.map(str::to_owned).to_vec());
        rest = &rest[place + form.len()..];
    }
    if pieces.is_empty() || pieces.len() > 40 {
        return Vec::new();
    }
    pieces.push(vec![rest.to_owned()]);
    let mut found = Vec::new();
    for form in FORMS {
        let written = pieces.iter().map(|piece| match piece.as_slice() {
            [only] => only.as_str(),
            _ => form,
        });
        found.push(source.with_path(&written.collect::<String>()));
    }
    let most = if source.is_second { 16 } else { 256 };
    found.extend(
        product(&pieces, most)
            .iter()
            .map(|path| source.with_path(&path.concat())),
    );
    found
}

/// The key of an object as one component: its slashes encoded, behind no folder, one or two.
pub(super) fn slashes(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let mut found = vec![
        source.with_path(&path.replace("%2F", "/")),
        source.with_path(&path.replace("%2f", "/")),
    ];
    for (place, _) in path.match_indices('/').take(3) {
        let (folder, key) = path.split_at(place + 1);
        for form in ["%2F", "%2f"] {
            found.push(source.with_path(&format!("{folder}{}", key.replace('/', form))));
        }
        for encoder in &ENCODERS[..5] {
            let encoded = encoder.encode(&decoded(key, false));
            found.push(source.with_path(&format!("{folder}{encoded}")));
        }
    }
    found
}

/// Invisible characters, and quotes and dashes that mail programs and word processors set.
pub(super) fn typography(source: &Source<'_>) -> Vec<String> {
    const REPLACED: [(&[char], &str); 6] = [
        (
            &[
                '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{a0}',
                '\u{200e}', '\u{200f}', '\u{202a}', '\u{202c}',
            ],
            "",
        ),
        (&['\u{2018}', '\u{2019}', '\u{2032}', '\u{b4}'], "'"),
        (&['\u{201c}', '\u{201d}', '\u{ab}', '\u{bb}'], "\""),
        (&['\u{2010}', '\u{2011}', '\u{2013}', '\u{2212}'], "-"),
        (&['\u{2014}'], "--"),
        (&['\u{2026}'], "..."),
    ];
    let mut all = source.url.to_owned();
    let mut found = Vec::new();
    for (characters, plain) in REPLACED {
        let mut one = source.url.to_owned();
        for c in characters {
            let mut bytes = [0; 4];
            let escape = ENCODERS[1].encode(c.encode_utf8(&mut bytes).as_bytes());
            for text in [&mut all, &mut one] {
                if text.contains(&escape) {
                    *text = text.replace(&escape, plain);
                    *text = text.replace(&escape.to_ascii_lowercase(), plain);
                }
            }
        }
        found.push(one);
    }
    found.push(all.replace('"', "%22"));
    found.push(all);
    let mut path = source.parts.path;
    for white in ["%20", "%C2%A0", "+", "%09", "%0A", "%0D"] {
        path = path.strip_suffix(white).unwrap_or(path);
    }
    found.push(source.with_path(path));
    for white in ["%20", "%C2%A0"] {
        found.push(source.with_path(&source.parts.path.replace(&format!("{white}/"), "/")));
        found.push(source.with_path(&source.parts.path.replace(&format!("/{white}"), "/")));
    }
    found
}
