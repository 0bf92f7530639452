//! The other percent-encodings of a URL that may have been signed, by class of characters.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::super::change::Variants;
use super::Rest;
use super::pieces::{Piece, Section, class_of, name_of, push_escaped};
use crate::error::quoted;

const FIX: &str = "sign the URL exactly as clients send it, percent-encoding included";

/// Adds the URLs in which the escapes of a class of characters are literal.
pub(super) fn decoded(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let classes = escaped_classes(rest);
    if classes.len() > 1 {
        let cause = "the URL was signed without percent-encoding";
        variants.push(rest.decoded(Section::Both, |c| c != '\0'), cause, FIX);
        let cause = "the URL was signed with unreserved characters not percent-encoded";
        variants.push(rest.decoded(Section::Both, is_unreserved), cause, FIX);
        let cause = "the URL was signed without most of its percent-encoding";
        for left in [" ", "/", "%", "/?#&=+%:;,@"] {
            let chosen = |c: char| !left.contains(c);
            variants.push(rest.decoded(Section::Both, chosen), cause, FIX);
        }
    }
    for class in classes {
        let is_in_class = |c: char| class_of(c) == class;
        for section in rest.sections(|piece| piece.escaped().is_some_and(is_in_class)) {
            if variants.is_full() {
                return;
            }
            let cause = || {
                let (name, place) = (name_of(class), section.place());
                format!("the URL was signed with {name}{place} not percent-encoded")
            };
            variants.push(rest.decoded(*section, is_in_class), cause, FIX);
        }
    }
}

/// Adds the URLs in which the literal characters of a class are percent-encoded.
pub(super) fn encoded(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    // Characters that encoders keep: RFC 3986 pchar, encodeURI, encodeURIComponent, form encoding, unreserved only.
    const KEPT: [&str; 7] = [
        "/?=&",
        "/?",
        "/?=&+,;:@!$'()*",
        "/?=&:",
        "/?=&+",
        "/?=&!'()*",
        "/?=&*",
    ];
    let literals = rest.pieces().filter_map(Piece::literal);
    let present: BTreeSet<char> = literals.filter(|c| !"%?-._".contains(*c)).collect();
    let mut known: Vec<Vec<char>> = Vec::new();
    for kept in KEPT {
        let chosen = present.iter().copied();
        let chosen: Vec<char> = chosen.filter(|c| *c != '~' && !kept.contains(*c)).collect();
        if known.contains(&chosen) {
            continue;
        }
        let is_chosen = |c: char| chosen.contains(&c);
        for section in rest.sections(|piece| piece.literal().is_some_and(is_chosen)) {
            let cause = "the URL was signed with more percent-encoding";
            variants.push(rest.encoded(*section, is_chosen), cause, FIX);
        }
        known.push(chosen);
    }
    let classes: BTreeSet<char> = present.into_iter().map(class_of).collect();
    for class in classes {
        let is_in_class = |c: char| class_of(c) == class;
        for section in rest.sections(|piece| piece.literal().is_some_and(is_in_class)) {
            if variants.is_full() {
                return;
            }
            let cause = || {
                let (name, place) = (name_of(class), section.place());
                format!("the URL was signed with {name}{place} percent-encoded")
            };
            variants.push(rest.encoded(*section, is_in_class), cause, FIX);
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
            let (before, after) = (&rest.text[..*place], &rest.text[place + 1..]);
            variants.push([rest.start, before, escape, after].concat(), cause, FIX);
        }
        for place in &places {
            let (before, after) = rest.text.split_at(*place);
            let after = after.replace(delimiter, escape);
            variants.push([rest.start, before, &after].concat(), cause, FIX);
        }
    }
}

/// Adds the URLs with other spellings of a space.
pub(super) fn spaces(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let is_plus: fn(Piece<'_>) -> bool = |piece| piece.literal() == Some('+');
    let is_space: fn(Piece<'_>) -> bool = |piece| piece.escaped() == Some(' ');
    for (is_chosen, signed, cause) in [
        (
            is_space,
            "+",
            "the URL was signed with + for a space, but now has %20",
        ),
        (
            is_plus,
            "%20",
            "the URL was signed with %20 for a space, but now has +",
        ),
        (
            is_plus,
            " ",
            "the URL was signed with spaces that are now +",
        ),
    ] {
        for section in rest.sections(is_chosen) {
            let text = rest.mapped(*section, |piece, text| {
                if is_chosen(piece) {
                    text.push_str(signed);
                } else {
                    piece.write(text);
                }
            });
            variants.push(text, cause, FIX);
        }
    }
}

/// Adds the URLs in which one of several equal characters is written otherwise: what became the same cannot be told apart.
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
        for (place, _) in rest.text.match_indices(now).take(MOST) {
            let (before, after) = (&rest.text[..place], &rest.text[place + now.len()..]);
            let cause = || {
                let (signed, now) = (quoted(signed), quoted(now));
                format!("the URL was signed with {signed} that is now {now}")
            };
            variants.push([rest.start, before, signed, after].concat(), cause, FIX);
        }
    }
}

/// Adds the URLs with the hexadecimal digits of the escapes in the other case.
pub(super) fn hexadecimal_case(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let lower = rest.escapes_mapped(|escape| escape.to_ascii_lowercase());
    variants.push(lower, "the URL was signed with lower-case %xx", FIX);
    let upper = rest.escapes_mapped(|escape| escape.to_ascii_uppercase());
    variants.push(upper, "the URL was signed with upper-case %XX", FIX);
}

/// Adds the URLs that were encoded once more or once less.
pub(super) fn repeated_encoding(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let once = "the URL was percent-encoded again after signing";
    variants.push(rest.with(&rest.text.replace("%25", "%")), once, FIX);
    let is_percent = |c: char| c == '%';
    let is_escape = |piece: Piece<'_>| {
        matches!(piece, Piece::Escape(..)) || piece.literal().is_some_and(is_percent)
    };
    for section in rest.sections(is_escape) {
        let text = rest.mapped(*section, |piece, text| match piece {
            Piece::Escape(escape, _) => text.push_str(&escape.replace('%', "%25")),
            Piece::Literal('%') => text.push_str("%25"),
            piece => piece.write(text),
        });
        let cause = "the URL was signed with percent-encoding applied twice";
        variants.push(text, cause, FIX);
    }
    for class in escaped_classes(rest) {
        let text = rest.mapped(Section::Both, |piece, text| match piece {
            Piece::Escape(escape, c) if c.map(class_of) == Some(class) => {
                text.push_str(&escape.replace('%', "%25"));
            }
            piece => piece.write(text),
        });
        let cause = || {
            format!(
                "the URL was signed with {} percent-encoded twice",
                name_of(class)
            )
        };
        variants.push(text, cause, FIX);
    }
    let bare = rest.encoded(Section::Both, is_percent);
    variants.push(bare, "the URL was signed with %25 that is now %", FIX);
}

/// Adds the URLs with other forms of characters outside ASCII: Unicode normalization (UAX 15) and Latin-1.
pub(super) fn unicode(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    if rest.text.is_ascii() && !rest.text.contains('%') {
        return;
    }
    let fix = "normalize names once (NFC), and sign the URL that clients request";
    let nfc = renormalized(rest, |text| text.nfc().collect());
    variants.push(
        nfc,
        "the URL was signed in Unicode form NFC, but now has NFD",
        fix,
    );
    let nfd = renormalized(rest, |text| text.nfd().collect());
    variants.push(
        nfd,
        "the URL was signed in Unicode form NFD, but now has NFC",
        fix,
    );
    let latin = rest.mapped(Section::Both, |piece, text| match piece {
        Piece::Escape(_, Some(c @ '\u{80}'..='\u{ff}')) => *text += &format!("%{:02X}", c as u32),
        piece => piece.write(text),
    });
    variants.push(
        latin,
        "the URL was signed in Latin-1, but is now UTF-8",
        fix,
    );
    let utf8 = rest.mapped(Section::Both, |piece, text| match piece {
        Piece::Escape(escape, None) => {
            let byte = u8::from_str_radix(&escape[1..], 16).unwrap_or_default();
            push_escaped(char::from(byte), text);
        }
        piece => piece.write(text),
    });
    variants.push(utf8, "the URL was signed in UTF-8, but is now Latin-1", fix);
}

/// The URL with its runs of characters outside ASCII in another normalization form.
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
                push_escaped(c, text);
            }
        }
        run.clear();
        *was_escaped = false;
    };
    for piece in rest.pieces() {
        match piece {
            Piece::Escape(_, Some(c)) if !c.is_ascii() => {
                run.push(c);
                was_escaped = true;
            }
            Piece::Literal(c) if !c.is_ascii() => run.push(c),
            Piece::Word(word) => {
                flush(&mut run, &mut was_escaped, &mut text);
                let (start, last) = word.split_at(word.len() - 1);
                text.push_str(start);
                run.push_str(last);
            }
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

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~".contains(c)
}

/// The classes of characters that have escapes.
fn escaped_classes(rest: &Rest<'_>) -> BTreeSet<char> {
    rest.pieces()
        .filter_map(Piece::escaped)
        .map(class_of)
        .collect()
}
