//! Reads a manifest: the URLs in it, with their positions and levels.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::NamespaceError;
use quick_xml::{Error as XmlError, NsReader};

use super::descriptor::Descriptor;
use super::levels::{FoundUrl, Levels};
use super::roles::{self, Start, Use};
use super::template;
use super::xml::{Attribute, attributes, namespace_name, value_of, without_fragment};
use crate::error::{Error, Result, printable, quoted};
use crate::playlist::base::Base;
use crate::playlist::in_line;
use crate::playlist::position::line_of;
use crate::playlist::reference::{Notation, Reference};

/// The root elements of manifests and of the files that remote elements are in.
const ROOTS: [&str; 6] = [
    "MPD",
    "Period",
    "AdaptationSet",
    "EventStream",
    "InitializationSet",
    "SegmentList",
];

/// The namespace of elements that describe how players change URLs.
const URL_PARAMETERS: &str = "urn:mpeg:dash:schema:urlparam:";

/// The white space of XML.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Reads the URLs of a manifest, which clients get from the URL in `bases`, and the levels that
/// they are resolved against.
pub(super) fn read<'a>(
    body: &'a str,
    bases: &Arc<[Base]>,
) -> Result<(Vec<FoundUrl<'a>>, Levels<'a>)> {
    let mut xml = NsReader::from_str(body);
    xml.config_mut().expand_empty_elements = true;
    let mut reader = Reader {
        body,
        bases,
        xml,
        namespace: None,
        at: body,
        depth: 0,
        event_scheme: String::new(),
        urls: Vec::new(),
        levels: Levels::new(bases),
    };
    match reader.read() {
        Ok(()) => Ok((reader.urls, reader.levels)),
        Err(e) => Err(in_line(e, line_of(body, reader.at))),
    }
}

struct Reader<'a, 'b> {
    body: &'a str,
    bases: &'b Arc<[Base]>,
    xml: NsReader<&'a [u8]>,
    /// The namespace of the root, and of all elements of the manifest.
    namespace: Option<String>,
    /// The manifest from the tag or URL on that is being read.
    at: &'a str,
    /// The number of open elements.
    depth: usize,
    /// The scheme of the event stream that is being read.
    event_scheme: String,
    urls: Vec<FoundUrl<'a>>,
    levels: Levels<'a>,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) -> Result<()> {
        loop {
            self.at = self.rest();
            let (namespace, event) = match self.xml.read_resolved_event() {
                Ok((resolved, event)) => (namespace_name(&resolved), event),
                Err(e) => return Err(self.unreadable(&e)),
            };
            match event {
                Event::Start(element) => self.start(&element, namespace)?,
                Event::End(element) => self.end(element.local_name().as_ref()),
                Event::Eof if self.depth > 0 || self.namespace.is_none() => {
                    return Err(malformed("it ends before its root element does"));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Reads a start tag, and the content of the element if that is a URL or does not matter.
    fn start(&mut self, element: &BytesStart<'_>, namespace: String) -> Result<()> {
        let name = element.local_name();
        let name = name.as_ref();
        if self.namespace.is_none() && !ROOTS.contains(&name) {
            let root = quoted(name);
            let message = format!("the root element of a DASH manifest is MPD, but this is {root}");
            return Err(
                Error::new(message).with_hint("give the manifest file itself: manifest.mpd")
            );
        }
        let is_own = *self.namespace.get_or_insert_with(|| namespace.clone()) == namespace;
        // The content of an event is the application's, unless the player acts on the event itself.
        let is_opaque = name == "Event" && !roles::is_for_player(&self.event_scheme);
        if is_opaque || !is_own && !namespace.starts_with(URL_PARAMETERS) {
            return self.content(element).map(drop);
        }
        self.depth += 1;
        self.levels.open(name);
        let attributes = attributes(element, self.body);
        let attributes =
            attributes.ok_or_else(|| malformed("an attribute has no value in quotes"))?;
        self.attributes(name, &attributes)?;
        let is_empty = self.body[..self.position()].ends_with("/>");
        let place = &self.rest()[..0];
        if name == "AdaptationSet"
            && !is_empty
            && let Some(descriptor) = self.levels.descriptor()
        {
            let prefix = element.name().prefix();
            let prefix = prefix.map_or(String::new(), |prefix| format!("{}:", prefix.as_ref()));
            *descriptor = Some(Descriptor { place, prefix });
        }
        if let Some(usage) = roles::use_of(name, roles::TEXT, "", &self.event_scheme) {
            let content = self.content(element)?.trim();
            let cdata = content.strip_prefix("<![CDATA[");
            let (url, notation) = match cdata.and_then(|text| text.strip_suffix("]]>")) {
                Some(text) => (text.trim(), Notation::Plain),
                None => (content, Notation::Xml),
            };
            self.add(url, notation, usage)?;
            self.end(name);
        }
        Ok(())
    }

    /// Reads past the end of an element, and returns its content.
    fn content(&mut self, element: &BytesStart<'_>) -> Result<&'a str> {
        match self.xml.read_to_end(element.to_end().name()) {
            Ok(range) => Ok(&self.body[offset(range.start)..offset(range.end)]),
            Err(e) => Err(self.unreadable(&e)),
        }
    }

    /// Adds the URLs in attributes.
    fn attributes(&mut self, name: &str, attributes: &[Attribute<'a>]) -> Result<()> {
        let scheme = value_of(attributes, "schemeIdUri").unwrap_or_default();
        if name == "EventStream" {
            self.event_scheme = scheme.to_owned();
        }
        if roles::passes_signature(name, attributes) {
            self.levels.level().takes_query = true;
        }
        let mut names_file = false;
        for attribute in attributes {
            let usage = roles::use_of(name, attribute.name, scheme, &self.event_scheme);
            let Some(usage) = usage else {
                continue;
            };
            names_file |= matches!(attribute.name, "media" | "sourceURL");
            let mut rest = attribute.value;
            while !rest.is_empty() {
                let url = match rest.find(WHITE_SPACE) {
                    Some(end) if attribute.name == roles::LIST => &rest[..end],
                    _ => rest,
                };
                rest = rest[url.len()..].trim();
                self.add(url, Notation::Xml, usage)?;
            }
        }
        self.levels.add_segments(name, names_file);
        Ok(())
    }

    /// Adds a URL without its fragment, unless that is empty.
    fn add(&mut self, url: &'a str, notation: Notation, (start, role): Use) -> Result<()> {
        self.at = url;
        if url.contains('<') {
            return Err(Error::new("a URL contains markup")
                .with_hint("remove the comments and elements from it"));
        }
        let (raw, text) = match notation {
            Notation::Xml => {
                let raw = without_fragment(url);
                (raw, unescape(raw).map_err(malformed)?)
            }
            _ => {
                let raw = url.split('#').next().unwrap_or_default();
                (raw, Cow::Borrowed(raw))
            }
        };
        if raw.is_empty() {
            return Ok(());
        }
        if start == Start::Base {
            let level = self.levels.level();
            level.own.push(text.clone());
            level.last = url;
        }
        let mut reference = Reference::new(raw, text, notation, self.bases, role);
        if start == Start::Template {
            reference.filled = Some(template::filled(&reference.written));
        }
        self.urls.push(FoundUrl {
            reference,
            start,
            level: self.levels.current,
        });
        Ok(())
    }

    fn end(&mut self, name: &str) {
        self.depth -= 1;
        self.levels.close(name);
        // These elements precede descriptors in the schema.
        let precedes = matches!(
            name,
            "FramePacking" | "AudioChannelConfiguration" | "ContentProtection" | "OutputProtection"
        );
        let place = &self.rest()[..0];
        if precedes && let Some(Some(descriptor)) = self.levels.descriptor() {
            descriptor.place = place;
        }
    }

    /// The byte offset of what is read next.
    fn position(&self) -> usize {
        offset(self.xml.buffer_position())
    }

    /// The part of the manifest that has not been read.
    fn rest(&self) -> &'a str {
        &self.body[self.position()..]
    }

    fn unreadable(&mut self, error: &XmlError) -> Error {
        let place = self.body.get(offset(self.xml.error_position())..);
        self.at = place.unwrap_or(self.at);
        match error {
            XmlError::Namespace(NamespaceError::TooManyBindings(most)) => {
                malformed(format!("more than {most} namespaces are declared"))
            }
            _ => malformed(error),
        }
    }
}

/// A position of quick-xml, which counts bytes of the text in memory.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn malformed(reason: impl fmt::Display) -> Error {
    let reason = printable(&reason.to_string());
    Error::new(format!("malformed XML: {reason}"))
        .with_hint("xmllint --noout FILE shows all errors; --noent expands the entities of a DTD")
}
