//! DASH manifests: the elements and attributes of an MPD that hold a URL.
//!
//! A `BaseURL` is looked at twice. It is what the references below it start from, which need signatures of their own: a
//! query on a base is lost on the way to them, so there it gets none. And where a representation has no segments but is
//! one file, or has them as byte ranges, the `BaseURL` is the reference to that file, and is signed.
//!
//! Not looked at is what is no file of the distribution: licence servers in `ContentProtection`, clocks in `UTCTiming`, and
//! web pages.
//!
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.3.9 (segments), 5.5 (remote elements) and 5.6 (base URLs).

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::escape::{EscapeError, unescape};
use quick_xml::events::{BytesStart, Event};

use self::levels::{DOCUMENT, Levels, Segments};
use self::xml::{name_of, without_fragment};
use super::base::{Base, is_http};
use super::{Notation, Reference, Target, at, place};
use crate::error::{Error, Result, printable, quoted};

mod levels;
mod template;
mod xml;

pub(super) use xml::escaped;

/// A text in the manifest that is a URL.
struct Found<'a> {
    line: usize,
    text: Cow<'a, str>,
    place: Range<usize>,
    notation: Notation,
    start: Start,
}

/// What a reference is resolved against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// The bases of a level.
    Level(usize),
    /// The bases of the representations of a level, which inherit the reference.
    Representations(usize),
    /// The same, with identifiers for clients to fill in.
    Template(usize),
    /// The bases above a level that this one is a base of.
    Base(usize),
}

/// The references in `body`, the part of `text` behind a byte-order mark, of a manifest that clients get from `url`.
pub(super) fn references<'a>(
    text: &'a str,
    body: &'a str,
    url: &Base,
) -> Result<Vec<Reference<'a>>> {
    let mut manifest = Manifest {
        text,
        found: Vec::new(),
        levels: Levels::new(),
        line: 1,
        counted: 0,
    };
    manifest.read(body)?;
    let Manifest {
        found, mut levels, ..
    } = manifest;
    levels.resolve(url)?;
    let mut references = Vec::with_capacity(found.len());
    for found in found {
        references.extend(resolved(found, &mut levels)?);
    }
    Ok(references)
}

/// The reference that a text is, if it is one and is fetched over http.
fn resolved<'a>(found: Found<'a>, levels: &mut Levels) -> Result<Option<Reference<'a>>> {
    let Found {
        line,
        text,
        place,
        notation,
        start,
    } = found;
    let bases = match start {
        Start::Base(level)
            if !levels.has_file(level)
                || text
                    .split('?')
                    .next()
                    .is_some_and(|path| path.ends_with('/')) =>
        {
            return Ok(None);
        }
        Start::Level(level) => levels.bases(level),
        Start::Base(level) => levels.bases_above(level),
        Start::Representations(level) | Start::Template(level) => levels
            .bases_of_representations(level)
            .map_err(|e| e.context(format_args!("line {line}:")))?,
    };
    let mut targets: Vec<Target> = Vec::with_capacity(1);
    for base in bases {
        let target = match start {
            Start::Template(_) => Target {
                url: base.resolve(&template::example(&text)),
                pattern: Some(base.resolve(&template::pattern(&text))),
            },
            _ => Target {
                url: base.resolve(&text),
                pattern: None,
            },
        };
        if is_http(&target.url) && !targets.contains(&target) {
            targets.push(target);
        }
    }
    let (written, substituted, names_playlist) = (text, None, false);
    let reference = Reference {
        line,
        written,
        substituted,
        place,
        notation,
        targets,
        names_playlist,
    };
    Ok((!reference.targets.is_empty()).then_some(reference))
}

struct Manifest<'a> {
    text: &'a str,
    found: Vec<Found<'a>>,
    levels: Levels,
    /// The line that begins or goes on at `counted`.
    line: usize,
    counted: usize,
}

impl<'a> Manifest<'a> {
    fn read(&mut self, body: &'a str) -> Result<()> {
        let start = self.text.len() - body.len();
        let mut reader = NsReader::from_str(body);
        let mut open = 0_usize;
        // The namespace of the root, to which all that is the manifest's own belongs.
        let mut namespace = None;
        loop {
            let (is_own, event) = match reader.read_resolved_event() {
                Ok((resolved, event)) => {
                    let own = name_of(&resolved);
                    if open == 0 && matches!(event, Event::Start(_) | Event::Empty(_)) {
                        namespace = Some(own.clone().into_owned());
                    }
                    (namespace.as_deref() == Some(&*own), event)
                }
                Err(e) => {
                    let position = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                    return Err(self.ill_formed(start.saturating_add(position), &e));
                }
            };
            match event {
                // What an event holds is for the application, and elements of others are for others.
                Event::Start(element) if !is_own || element.local_name().as_ref() == "Event" => {
                    let position = place(element.name().as_ref(), self.text).start;
                    reader
                        .read_to_end(element.to_end().name())
                        .map_err(|e| self.ill_formed(position, &e))?;
                }
                Event::Empty(_) if !is_own => {}
                Event::Start(element) if open > 0 && is_url(element.local_name().as_ref()) => {
                    let position = place(element.name().as_ref(), self.text).start;
                    let content = reader
                        .read_text(element.to_end().name())
                        .map_err(|e| self.ill_formed(position, &e))?;
                    if let Cow::Borrowed(content) = content.into_inner() {
                        self.element(element.local_name().as_ref(), place(content, self.text))?;
                    }
                }
                Event::Start(element) => {
                    open += 1;
                    self.attributes(&element, open)?;
                }
                Event::Empty(element) => {
                    self.attributes(&element, open + 1)?;
                    self.levels.close(open + 1);
                }
                Event::End(_) => {
                    self.levels.close(open);
                    open -= 1;
                }
                Event::Eof if open > 0 || self.levels.is_empty() => {
                    return Err(self.ill_formed(self.text.len(), &"it ends before its root does"));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// The URL that an element holds.
    fn element(&mut self, element: &str, content: Range<usize>) -> Result<()> {
        let level = self.levels.current();
        let start = match element {
            "BaseURL" => Start::Base(level),
            "Location" | "PatchLocation" => Start::Level(DOCUMENT),
            _ => Start::Level(level),
        };
        let raw = self.text[content].trim();
        let cdata = raw
            .strip_prefix("<![CDATA[")
            .and_then(|raw| raw.strip_suffix("]]>"));
        let (raw, notation) = match cdata {
            Some(cdata) => (cdata.trim(), Notation::Plain),
            None => (raw, Notation::Xml),
        };
        if raw.contains('<') {
            let line = self.line_of(place(raw, self.text).start);
            return Err(at(
                line,
                format_args!("{element} holds markup, and a URL is text"),
            )
            .with_hint("take comments and elements out of it"));
        }
        self.add(raw, notation, start)?;
        if let (Start::Base(_), Some(found)) =
            (start, self.found.last().filter(|_| !raw.is_empty()))
        {
            self.levels.add_base(&found.text, found.line);
        }
        Ok(())
    }

    /// The URLs in the attributes of an element that is open as the `depth`th.
    fn attributes(&mut self, element: &BytesStart<'_>, depth: usize) -> Result<()> {
        let name = element.local_name();
        let name = name.as_ref();
        let position = place(element.name().as_ref(), self.text).start;
        if depth == 1 && name != "MPD" {
            return Err(at(
                self.line_of(position),
                format_args!("a DASH manifest is an MPD, and this is {}", quoted(name)),
            )
            .with_hint("give the file of the manifest itself: manifest.mpd"));
        }
        let enclosing = self.levels.current();
        self.levels.open(name, depth);
        let level = self.levels.current();
        let mut names_file = false;
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| self.ill_formed(position, &e))?;
            let (prefix, local) = (attribute.key.prefix(), attribute.key.local_name());
            let start = match (name, local.as_ref()) {
                // xlink:href, of an element that is elsewhere
                (_, "href") if prefix.is_some() => Start::Level(enclosing),
                (
                    "SegmentTemplate",
                    "media" | "index" | "initialization" | "bitstreamSwitching",
                ) => Start::Template(level),
                ("SegmentURL", "media" | "index") => Start::Representations(level),
                ("Initialization" | "RepresentationIndex" | "BitstreamSwitching", "sourceURL") => {
                    Start::Representations(level)
                }
                ("InitializationSet", "initialization") => Start::Level(level),
                _ => continue,
            };
            names_file |= matches!(local.as_ref(), "media" | "sourceURL");
            let raw = &self.text[place(&attribute.value, self.text)];
            self.add(raw.trim(), Notation::Xml, start)?;
        }
        match name {
            "SegmentBase" => self.levels.add_segments(Segments::RangesOfFile),
            "SegmentTemplate" if names_file => self.levels.add_segments(Segments::Files),
            "SegmentList" => self.levels.add_segments(Segments::Files),
            "SegmentURL" | "Initialization" | "RepresentationIndex" if !names_file => {
                self.levels.add_segments(Segments::RangesOfFile);
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds a text, without the white space around it; an empty one is no reference.
    fn add(&mut self, raw: &'a str, notation: Notation, start: Start) -> Result<()> {
        let place = place(raw, self.text);
        let line = self.line_of(place.start);
        let (raw, text) = match notation {
            Notation::Xml => {
                let raw = without_fragment(raw);
                (
                    raw,
                    unescape(raw).map_err(|e| self.unreadable(place.start, &e))?,
                )
            }
            _ => {
                let raw = raw.split('#').next().unwrap_or_default();
                (raw, Cow::Borrowed(raw))
            }
        };
        if !raw.is_empty() {
            let place = place.start..place.start + raw.len();
            self.found.push(Found {
                line,
                text,
                place,
                notation,
                start,
            });
        }
        Ok(())
    }

    fn line_of(&mut self, position: usize) -> usize {
        // Elements are read in order, so each line is counted once; an element's errors may point back.
        let position = position.min(self.text.len());
        if position >= self.counted {
            self.line += self.text.as_bytes()[self.counted..position]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            self.counted = position;
        }
        self.line
    }

    fn unreadable(&mut self, position: usize, error: &EscapeError) -> Error {
        let EscapeError::UnrecognizedEntity(_, name) = error else {
            return self.ill_formed(position, error);
        };
        let entity = quoted(&format!("&{name};"));
        at(
            self.line_of(position),
            format_args!("the value of {entity} is in a DTD, which is not read"),
        )
        .with_hint("xmllint --noent FILE writes a manifest with the values in their places")
    }

    fn ill_formed(&mut self, position: usize, error: &dyn std::fmt::Display) -> Error {
        let line = self.line_of(position);
        at(
            line,
            format_args!(
                "the manifest is not well-formed XML: {}",
                printable(&error.to_string())
            ),
        )
        .with_hint(WHOLE)
    }
}

const WHOLE: &str = "xmllint --noout FILE shows what a manifest lacks";

/// Whether an element's text is a URL.
fn is_url(element: &str) -> bool {
    matches!(
        element,
        "BaseURL" | "Location" | "PatchLocation" | "ContentSteering" | "ImportedMPD"
    )
}
