//! What percent-encoding may have been when a URL was signed, by class of characters.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::super::change::Variants;
use super::Rest;
use crate::error::quoted;
use crate::url::percent;

const FIX: &str = "sign the URL exactly as clients send it, percent-encoding included";

/// A piece of a URL: an escape, or a character as it is.
#[derive(Clone, Copy)]
enum Piece<'a> {
    /// `%XX`, one or several that stand for one character; `None` where they are no UTF-8.
    Escape(&'a str, Option<char>),
    Literal(char),
}

/// The part of a URL to which a rule applies.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Both,
    Path,
    Query,
}

/// Adds the URLs in which the escapes of a class of characters are literal.
pub(super) fn decoded(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let classes = escaped_classes(rest.text);
    let all = |c: char| c != '\0';
    if classes.len() > 1 {
        let cause = "the URL was signed without percent-encoding";
        variants.push(rest.decoded(Section::Both, all), cause, FIX);
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        variants.push(
            rest.decoded(Section::Both, unreserved),
            "the URL was signed with unreserved characters not percent-encoded",
            FIX,
        );
        let without = |left: &'static [char]| move |c: char| !left.contains(&c);
        for left in [
            &[' '][..],
            &['/'],
            &['%'],
            &['/', '?', '#', '&', '=', '+', '%', ':', ';', ',', '@'],
        ] {
            let cause = "the URL was signed without most of its percent-encoding";
            variants.push(rest.decoded(Section::Both, without(left)), cause, FIX);
        }
    }
    for class in classes {
        for (section, place) in SECTIONS {
            let of_class = |c: char| class_of(c) == class;
            let cause = || {
                format!(
                    "the URL was signed with {}{place} not percent-encoded",
                    named(class)
                )
            };
            variants.push_with(rest.decoded(section, of_class), FIX, || cause().into());
        }
    }
}

/// Adds the URLs in which the literal characters of a class are percent-encoded.
pub(super) fn encoded(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    // What encoders leave as it is: RFC 3986 pchar, encodeURI, encodeURIComponent, form encoding, unreserved only.
    const KEPT: [&str; 7] = [
        "/?=&",
        "/?",
        "/?=&+,;:@!$'()*",
        "/?=&:",
        "/?=&+",
        "/?=&!'()*",
        "/?=&*",
    ];
    let cause = "the URL was signed with more percent-encoding";
    for kept in KEPT {
        let chosen = |c: char| !is_unreserved(c) && !kept.contains(c);
        variants.push(rest.encoded(Section::Both, chosen), cause, FIX);
        variants.push(rest.encoded(Section::Path, chosen), cause, FIX);
        variants.push(rest.encoded(Section::Query, chosen), cause, FIX);
    }
    let present: BTreeSet<char> = rest
        .text
        .chars()
        .filter(|c| !c.is_ascii_alphanumeric() && !"%?-._".contains(*c))
        .map(class_of)
        .collect();
    for class in present {
        for (section, place) in SECTIONS {
            let cause = || {
                format!(
                    "the URL was signed with {}{place} percent-encoded",
                    named(class)
                )
            };
            variants.push_with(rest.encoded(section, |c| class_of(c) == class), FIX, || {
                cause().into()
            });
        }
    }
}

/// Adds the URLs in which one delimiter is percent-encoded, as when `%2F` was decoded on the way.
pub(super) fn lost_escapes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    const MOST: usize = 8;
    for (delimiter, escape) in [('/', "%2F"), ('&', "%26"), ('=', "%3D"), ('?', "%3F")] {
        // The first / is the root, and the first ? starts the query.
        let first = usize::from(matches!(delimiter, '/' | '?'));
        let places = rest.text.match_indices(delimiter).skip(first);
        let cause = || format!("the URL was signed with {escape} that is now {delimiter}");
        let places: Vec<usize> = places.map(|(place, _)| place).take(MOST).collect();
        for place in &places {
            let text = [&rest.text[..*place], escape, &rest.text[place + 1..]].concat();
            variants.push_with(rest.with(&text), FIX, || cause().into());
        }
        for place in &places {
            let tail = rest.text[*place..].replace(delimiter, escape);
            variants.push_with(
                rest.with(&[&rest.text[..*place], &tail].concat()),
                FIX,
                || cause().into(),
            );
        }
    }
}

/// Adds the URLs with other spellings of a space.
pub(super) fn spaces(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    for (section, _) in SECTIONS {
        variants.push(
            rest.replaced(section, "%20", "+"),
            "the URL was signed with + for a space, but now has %20",
            FIX,
        );
        variants.push(
            rest.replaced(section, "+", "%20"),
            "the URL was signed with %20 for a space, but now has +",
            FIX,
        );
        variants.push(
            rest.replaced(section, "+", " "),
            "the URL was signed with spaces that are now +",
            FIX,
        );
    }
}

/// Adds the URLs in which one of several equal characters is spelt otherwise: what became the same cannot be told apart.
pub(super) fn single_places(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    const MOST: usize = 6;
    let spellings = [
        ("+", "%20"),
        ("%20", "+"),
        ("%20", " "),
        ("%", "%25"),
        ("+", "%2B"),
    ];
    for (now, signed) in spellings {
        let places = rest.text.match_indices(now).map(|(place, _)| place);
        for place in places.take(MOST) {
            let after = &rest.text[place + now.len()..];
            let text = [&rest.text[..place], signed, after].concat();
            variants.push_with(rest.with(&text), FIX, || {
                format!(
                    "the URL was signed with {} that is now {}",
                    quoted(signed),
                    quoted(now)
                )
                .into()
            });
        }
    }
}

/// Adds the URLs with the hexadecimal digits of the escapes in the other case.
pub(super) fn hexadecimal_case(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let lower = map_escapes(rest.text, |escape| escape.to_ascii_lowercase());
    variants.push(
        rest.with(&lower),
        "the URL was signed with lower-case %xx",
        FIX,
    );
    let upper = map_escapes(rest.text, |escape| escape.to_ascii_uppercase());
    variants.push(
        rest.with(&upper),
        "the URL was signed with upper-case %XX",
        FIX,
    );
}

/// Adds the URLs that were encoded once more or once less.
pub(super) fn repeated_encoding(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let once = "the URL was percent-encoded again after signing";
    variants.push(rest.replaced(Section::Both, "%25", "%"), once, FIX);
    let twice = "the URL was signed with percent-encoding applied twice";
    for (section, _) in SECTIONS {
        variants.push(rest.replaced(section, "%", "%25"), twice, FIX);
    }
    for class in escaped_classes(rest.text) {
        let text = rest.pieces_mapped(Section::Both, |piece, text| match piece {
            Piece::Escape(escape, c) if c.map(class_of) == Some(class) => {
                text.push_str(&escape.replace('%', "%25"));
            }
            piece => piece.write(text),
        });
        variants.push_with(text, FIX, || {
            format!(
                "the URL was signed with {} percent-encoded twice",
                named(class)
            )
            .into()
        });
    }
    let bare = rest.pieces_mapped(Section::Both, |piece, text| match piece {
        Piece::Literal('%') => text.push_str("%25"),
        piece => piece.write(text),
    });
    variants.push(bare, "the URL was signed with %25 that is now %", FIX);
}

/// Adds the URLs with other forms of characters outside ASCII: Unicode normalization (UAX 15) and Latin-1.
pub(super) fn unicode(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "normalize names once (NFC), and sign the URL that clients request";
    if rest.text.contains('%') || !rest.text.is_ascii() {
        variants.push(
            renormalized(rest, |text| text.nfc().collect()),
            "the URL was signed in Unicode form NFC, but now has NFD",
            fix,
        );
        variants.push(
            renormalized(rest, |text| text.nfd().collect()),
            "the URL was signed in Unicode form NFD, but now has NFC",
            fix,
        );
        let latin = rest.pieces_mapped(Section::Both, |piece, text| match piece {
            Piece::Escape(_, Some(c @ '\u{80}'..='\u{ff}')) => {
                text.push_str(&format!("%{:02X}", u32::from(c)));
            }
            piece => piece.write(text),
        });
        variants.push(
            latin,
            "the URL was signed in Latin-1, but is now UTF-8",
            fix,
        );
        let utf8 = rest.pieces_mapped(Section::Both, |piece, text| match piece {
            Piece::Escape(escape, None) => match u8::from_str_radix(&escape[1..], 16) {
                Ok(byte) => {
                    text.push_str(&percent::encode_component(&char::from(byte).to_string()))
                }
                Err(_) => text.push_str(escape),
            },
            piece => piece.write(text),
        });
        variants.push(utf8, "the URL was signed in UTF-8, but is now Latin-1", fix);
    }
}

const SECTIONS: [(Section, &str); 3] = [
    (Section::Both, ""),
    (Section::Path, " in the path"),
    (Section::Query, " in the query"),
];

/// The text with its runs of characters outside ASCII in another normalization form.
fn renormalized(rest: &Rest<'_>, form: impl Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(rest.text.len() + 16);
    // A combining mark belongs to the character before it, which may be ASCII.
    let mut run = String::new();
    let mut was_escaped = false;
    let flush = |run: &mut String, was_escaped: &mut bool, text: &mut String| {
        for c in form(run).chars() {
            if c.is_ascii() || !*was_escaped {
                text.push(c);
            } else {
                text.push_str(&percent::encode_component(&c.to_string()));
            }
        }
        run.clear();
        *was_escaped = false;
    };
    for piece in pieces(rest.text) {
        match piece {
            Piece::Escape(_, Some(c)) if !c.is_ascii() => {
                run.push(c);
                was_escaped = true;
            }
            Piece::Literal(c) if !c.is_ascii() => run.push(c),
            Piece::Literal(c) => {
                flush(&mut run, &mut was_escaped, &mut text);
                run.push(c);
            }
            Piece::Escape(escape, _) => {
                flush(&mut run, &mut was_escaped, &mut text);
                text.push_str(escape);
            }
        }
    }
    flush(&mut run, &mut was_escaped, &mut text);
    rest.with(&text)
}

impl Piece<'_> {
    fn write(self, text: &mut String) {
        match self {
            Piece::Escape(escape, _) => text.push_str(escape),
            Piece::Literal(c) => text.push(c),
        }
    }
}

impl Rest<'_> {
    fn decoded(&self, section: Section, chosen: impl Fn(char) -> bool) -> String {
        self.pieces_mapped(section, |piece, text| match piece {
            Piece::Escape(_, Some(c)) if chosen(c) => text.push(c),
            piece => piece.write(text),
        })
    }

    fn encoded(&self, section: Section, chosen: impl Fn(char) -> bool) -> String {
        self.pieces_mapped(section, |piece, text| match piece {
            Piece::Literal(c) if c != '%' && chosen(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    text.push_str(&format!("%{byte:02X}"));
                }
            }
            piece => piece.write(text),
        })
    }

    fn replaced(&self, section: Section, from: &str, to: &str) -> String {
        self.section_mapped(section, |text| text.replace(from, to))
    }

    fn pieces_mapped(&self, section: Section, map: impl Fn(Piece<'_>, &mut String)) -> String {
        self.section_mapped(section, |part| {
            let mut text = String::with_capacity(part.len() + 16);
            for piece in pieces(part) {
                map(piece, &mut text);
            }
            text
        })
    }

    /// The URL with its path, its query or each of them changed; the `?` between them stays.
    fn section_mapped(&self, section: Section, map: impl Fn(&str) -> String) -> String {
        let (path, query) = match self.text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.text, None),
        };
        let mut text = if section == Section::Query {
            path.to_owned()
        } else {
            map(path)
        };
        if let Some(query) = query {
            text.push('?');
            if section == Section::Path {
                text.push_str(query);
            } else {
                text.push_str(&map(query));
            }
        }
        self.with(&text)
    }
}

/// The classes of characters that have escapes; those outside ASCII are one class.
fn escaped_classes(text: &str) -> BTreeSet<char> {
    let classes = pieces(text).filter_map(|piece| match piece {
        Piece::Escape(_, Some(c)) => Some(class_of(c)),
        _ => None,
    });
    classes.collect()
}

const NOT_ASCII: char = '\u{ffff}';

/// The class of a character: brackets go in pairs, and what is not ASCII together.
fn class_of(c: char) -> char {
    match c {
        ')' => '(',
        ']' => '[',
        c if c.is_ascii() => c,
        _ => NOT_ASCII,
    }
}

fn named(class: char) -> String {
    match class {
        NOT_ASCII => "non-ASCII characters".into(),
        ' ' => "spaces".into(),
        '(' => "\"(\" and \")\"".into(),
        '[' => "\"[\" and \"]\"".into(),
        c => quoted(&c.to_string()),
    }
}

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~".contains(c)
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let c = rest.chars().next()?;
        let first = escape_at(rest, 0);
        let Some(first) = first else {
            rest = &rest[c.len_utf8()..];
            return Some(Piece::Literal(c));
        };
        // The first byte of a character says how many it has (RFC 3629).
        let length = match first {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        let bytes: Option<Vec<u8>> = (0..length)
            .map(|index| escape_at(rest, 3 * index))
            .collect();
        let character = bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.chars().next());
        let taken = if character.is_some() { 3 * length } else { 3 };
        let (escape, after) = rest.split_at(taken);
        rest = after;
        Some(Piece::Escape(escape, character))
    })
}

/// The byte that the `%XX` at this place stands for.
fn escape_at(text: &str, place: usize) -> Option<u8> {
    let digits = text.get(place..place + 3)?.strip_prefix('%')?;
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u8::from_str_radix(digits, 16).ok())?
}

fn map_escapes(text: &str, map: impl Fn(&str) -> String) -> String {
    let mut mapped = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Escape(escape, _) => mapped.push_str(&map(escape)),
            Piece::Literal(c) => mapped.push(c),
        }
    }
    mapped
}
