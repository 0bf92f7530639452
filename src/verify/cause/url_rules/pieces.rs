//! The escapes and characters of a URL, and the URL with some of them written otherwise.

use super::Rest;
use crate::error::quoted;

/// A piece of a URL.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    /// ASCII letters and digits.
    Word(&'a str),
    /// `%XX`, one or several that stand for one character; `None` if they are not UTF-8.
    Escape(&'a str, Option<char>),
    /// Any other character.
    Literal(char),
}

/// The part of a URL to which a rule applies.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Section {
    Both,
    Path,
    Query,
}

impl Section {
    /// The name in a cause.
    pub(super) fn place(self) -> &'static str {
        match self {
            Section::Both => "",
            Section::Path => " in the path",
            Section::Query => " in the query",
        }
    }
}

impl Piece<'_> {
    pub(super) fn write(self, text: &mut String) {
        match self {
            Piece::Word(text_of_piece) | Piece::Escape(text_of_piece, _) => {
                text.push_str(text_of_piece);
            }
            Piece::Literal(c) => text.push(c),
        }
    }

    /// The character of an escape.
    pub(super) fn escaped(self) -> Option<char> {
        match self {
            Piece::Escape(_, c) => c,
            _ => None,
        }
    }

    /// A character that is not escaped, apart from letters and digits.
    pub(super) fn literal(self) -> Option<char> {
        match self {
            Piece::Literal(c) => Some(c),
            _ => None,
        }
    }
}

impl Rest<'_> {
    /// The pieces of path and query, with the `?` between them.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mark = self.text.contains('?').then_some(Piece::Literal('?'));
        let (path, query) = (self.path.iter(), self.query.iter());
        path.copied().chain(mark).chain(query.copied())
    }

    /// The sections in which pieces are chosen: each by itself only where they are in both.
    pub(super) fn sections(&self, chosen: impl Fn(Piece<'_>) -> bool) -> &'static [Section] {
        let in_path = self.path.iter().any(|piece| chosen(*piece));
        let in_query = self.query.iter().any(|piece| chosen(*piece));
        match (in_path, in_query) {
            (true, true) => &[Section::Both, Section::Path, Section::Query],
            (false, false) => &[],
            _ => &[Section::Both],
        }
    }

    /// The URL with the escapes of the chosen characters decoded.
    pub(super) fn decoded(&self, section: Section, chosen: impl Fn(char) -> bool) -> String {
        self.mapped(section, |piece, text| match piece {
            Piece::Escape(_, Some(c)) if chosen(c) => text.push(c),
            piece => piece.write(text),
        })
    }

    /// The URL with the chosen characters percent-encoded.
    pub(super) fn encoded(&self, section: Section, chosen: impl Fn(char) -> bool) -> String {
        self.mapped(section, |piece, text| match piece {
            Piece::Literal(c) if chosen(c) => push_escaped(c, text),
            piece => piece.write(text),
        })
    }

    /// The URL with its escapes in another form.
    pub(super) fn escapes_mapped(&self, map: impl Fn(&str) -> String) -> String {
        self.mapped(Section::Both, |piece, text| match piece {
            Piece::Escape(escape, _) => text.push_str(&map(escape)),
            piece => piece.write(text),
        })
    }

    /// The URL with the pieces of a section written by `map`.
    pub(super) fn mapped(&self, section: Section, map: impl Fn(Piece<'_>, &mut String)) -> String {
        let mut text = String::with_capacity(self.start.len() + self.text.len() + 32);
        text.push_str(self.start);
        let path = self.path.iter();
        path.for_each(|piece| match section {
            Section::Query => piece.write(&mut text),
            _ => map(*piece, &mut text),
        });
        if self.text.contains('?') {
            text.push('?');
        }
        let query = self.query.iter();
        query.for_each(|piece| match section {
            Section::Path => piece.write(&mut text),
            _ => map(*piece, &mut text),
        });
        text
    }
}

/// Adds the character, percent-encoded in UTF-8.
pub(super) fn push_escaped(c: char, text: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        text.push('%');
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
        }
    }
}

const NOT_ASCII: char = '\u{ffff}';

/// The class of a character: brackets go in pairs, and what is not ASCII together.
pub(super) fn class_of(c: char) -> char {
    match c {
        ')' => '(',
        ']' => '[',
        c if c.is_ascii() => c,
        _ => NOT_ASCII,
    }
}

/// The name of a class in a cause.
pub(super) fn name_of(class: char) -> String {
    match class {
        NOT_ASCII => "non-ASCII characters".into(),
        ' ' => "spaces".into(),
        '(' => "\"(\" and \")\"".into(),
        '[' => "\"[\" and \"]\"".into(),
        c => quoted(&c.to_string()),
    }
}

/// The pieces of a path or query.
pub(super) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::with_capacity(text.len() / 2);
    while let Some(c) = text.chars().next() {
        let (piece, length) = if c.is_ascii_alphanumeric() {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric());
            let word = &text[..end.unwrap_or(text.len())];
            (Piece::Word(word), word.len())
        } else if escape_at(text, 0).is_some() {
            let character = escaped_character(text);
            let length = character.map_or(3, |c| 3 * c.len_utf8());
            (Piece::Escape(&text[..length], character), length)
        } else {
            (Piece::Literal(c), c.len_utf8())
        };
        pieces.push(piece);
        text = &text[length..];
    }
    pieces
}

/// The character that the escapes at the beginning of the text stand for in UTF-8.
fn escaped_character(text: &str) -> Option<char> {
    let mut bytes = [0; 4];
    let mut length = 0;
    while length < 4
        && let Some(byte) = escape_at(text, 3 * length)
    {
        bytes[length] = byte;
        length += 1;
        if let Ok(character) = std::str::from_utf8(&bytes[..length]) {
            return character.chars().next();
        }
    }
    None
}

/// The byte that the `%XX` at this place stands for.
fn escape_at(text: &str, place: usize) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    match text.as_bytes().get(place..place + 3)? {
        [b'%', high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}
