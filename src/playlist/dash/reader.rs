//! Reads a manifest: the URLs in it, with their positions and levels.

use std::borrow::Cow;

use quick_xml::NsReader;
use quick_xml::escape::{EscapeError, unescape};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::LocalName;

use super::Insertion;
use super::found::{Found, FoundUrl, Start};
use super::url_roles::{self, Role};
use super::xml::{Attribute, attributes, namespace_name, value_of, without_fragment};
use crate::error::{Error, Result, printable, quoted};
use crate::playlist::at;
use crate::playlist::reference::{Kind, Notation};
use crate::playlist::span::{LineCounter, Span};

pub(super) fn read(body: Span<'_>) -> Result<Found<'_>> {
    let mut reader = Reader {
        body,
        xml: NsReader::from_str(body.text),
        lines: LineCounter::new(body),
        namespace: None,
        tag_start: body.start,
        depth: 0,
        event_scheme: String::new(),
        found: Found::new(),
    };
    reader.read()?;
    Ok(reader.found)
}

struct Reader<'a> {
    body: Span<'a>,
    xml: NsReader<&'a [u8]>,
    lines: LineCounter<'a>,
    /// The namespace of the root, and of all elements of the manifest.
    namespace: Option<String>,
    /// The byte offset in the playlist of the tag that is being read.
    tag_start: usize,
    /// The number of open elements.
    depth: usize,
    /// The scheme of the event stream that is being read.
    event_scheme: String,
    found: Found<'a>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<()> {
        loop {
            self.tag_start = self.position();
            let (namespace, event) = match self.xml.read_resolved_event() {
                Ok((resolved, event)) => (namespace_name(&resolved).into_owned(), event),
                Err(e) => {
                    let position = self.offset(self.xml.error_position());
                    return Err(self.malformed(position, &e));
                }
            };
            match event {
                Event::Start(element) => self.start_element(&element, &namespace)?,
                Event::Empty(element) if self.is_own(&namespace) => {
                    self.open(&element)?;
                    self.found.levels.close(self.depth + 1);
                    self.move_insertion(&element.local_name());
                }
                Event::Empty(element) => self.foreign_element(&element, &namespace)?,
                Event::End(element) => {
                    self.found.levels.close(self.depth);
                    self.depth -= 1;
                    self.move_insertion(&element.local_name());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if self.depth > 0 || self.found.levels.is_empty() {
            return Err(self.malformed(
                self.body.range().end,
                &"it ends before its root element does",
            ));
        }
        Ok(())
    }

    /// Reads a start tag, and the content of the element if that is a URL or does not matter.
    fn start_element(&mut self, element: &BytesStart<'_>, namespace: &str) -> Result<()> {
        let name = element.local_name();
        let name = name.as_ref();
        if !self.is_own(namespace) {
            self.foreign_element(element, namespace)?;
            return self.skip_content(element);
        }
        // The content of an event is the application's, unless the player acts on the event itself.
        if name == "Event" && !url_roles::is_for_player(&self.event_scheme) {
            return self.skip_content(element);
        }
        let level = self.found.levels.current();
        let role = url_roles::of_text(name, &self.event_scheme, level);
        if let Some(role) = role.filter(|_| self.depth > 0) {
            self.open(element)?;
            self.found.levels.close(self.depth + 1);
            let start = self.position();
            let content = self
                .xml
                .read_text(element.to_end().name())
                .map_err(|e| self.malformed(start, &e))?;
            let start = start - self.body.start;
            let content = self.body.slice(start, start + content.len());
            return self.text_content(name, content, role);
        }
        self.open(element)?;
        self.depth += 1;
        Ok(())
    }

    /// Reads past the end of an element.
    fn skip_content(&mut self, element: &BytesStart<'_>) -> Result<()> {
        match self.xml.read_to_end(element.to_end().name()) {
            Ok(_) => Ok(()),
            Err(e) => Err(self.malformed(self.tag_start, &e)),
        }
    }

    /// Reads the tag of an element in the manifest's namespace.
    fn open(&mut self, element: &BytesStart<'_>) -> Result<()> {
        let name = element.local_name();
        let name = name.as_ref();
        if self.depth == 0 && name != "MPD" {
            let message = format_args!(
                "the root element of a DASH manifest is MPD, but this is {}",
                quoted(name)
            );
            return Err(at(self.lines.line_of(self.tag_start), message)
                .with_hint("give the manifest file itself: manifest.mpd"));
        }
        let attributes = self.attributes(element)?;
        let scheme = value_of(&attributes, "schemeIdUri").unwrap_or_default();
        let enclosing = self.found.levels.current();
        self.found.levels.open(name, self.depth + 1);
        let level = self.found.levels.current();
        match name {
            "EventStream" => self.event_scheme = scheme.to_owned(),
            "AdaptationSet" if level != enclosing => {
                let prefix = element.name().prefix();
                self.found.insertions.push(Insertion {
                    position: self.position(),
                    prefix: prefix.map_or(String::new(), |prefix| format!("{}:", prefix.as_ref())),
                    level,
                    depth: self.depth,
                });
            }
            "RequestParam" if url_roles::passes_signature(&attributes) => {
                self.found.levels.take_query()
            }
            _ => {}
        }

        let mut names_file = false;
        for attribute in &attributes {
            let role = url_roles::of_attribute(name, attribute, scheme, &self.event_scheme, level);
            let Some(mut role) = role else {
                continue;
            };
            names_file |= matches!(attribute.name, "media" | "sourceURL");
            if role.kind == Kind::RemoteElement {
                role.start = Start::Level(enclosing);
            }
            if role.is_list {
                for word in attribute.value.words() {
                    self.add(word, Notation::Xml, role)?;
                }
            } else {
                self.add(attribute.value.trim(), Notation::Xml, role)?;
            }
        }
        self.found.levels.add_segments(name, names_file);
        Ok(())
    }

    /// Reads the tag of an element from another namespace: only descriptions of URL parameters
    /// matter.
    fn foreign_element(&mut self, element: &BytesStart<'_>, namespace: &str) -> Result<()> {
        let name = element.local_name();
        let is_query_info = matches!(name.as_ref(), "UrlQueryInfo" | "ExtUrlQueryInfo");
        if !is_query_info || !namespace.starts_with("urn:mpeg:dash:schema:urlparam:") {
            return Ok(());
        }
        let attributes = self.attributes(element)?;
        if url_roles::passes_signature(&attributes) {
            self.found.levels.take_query();
        }
        let link = Role::new(
            Start::Level(self.found.levels.current()),
            Kind::RemoteElement,
        );
        for attribute in attributes {
            if attribute.has_prefix && attribute.name == "href" {
                self.add(attribute.value.trim(), Notation::Xml, link)?;
            }
        }
        Ok(())
    }

    fn attributes(&mut self, element: &BytesStart<'_>) -> Result<Vec<Attribute<'a>>> {
        attributes(element, self.body).map_err(|e| self.malformed(self.tag_start, &e))
    }

    /// Adds the URL that an element contains as text.
    fn text_content(&mut self, element: &str, content: Span<'a>, role: Role) -> Result<()> {
        let content = content.trim();
        let (url, notation) = match content.between("<![CDATA[", "]]>") {
            Some(cdata) => (cdata.trim(), Notation::Plain),
            None => (content, Notation::Xml),
        };
        if url.text.contains('<') {
            let line = self.lines.line_of(url.start);
            return Err(
                at(line, format_args!("{element} contains markup in its URL"))
                    .with_hint("remove the comments and elements from it"),
            );
        }
        self.add(url, notation, role)?;
        if let (true, Some(base)) = (element == "BaseURL", self.found.urls.last())
            && !url.is_empty()
        {
            self.found.levels.add_base(&base.text, base.line);
        }
        Ok(())
    }

    /// Adds a URL without its fragment, unless that is empty.
    fn add(&mut self, url: Span<'a>, notation: Notation, role: Role) -> Result<()> {
        let position = url.start;
        let (written, text) = match notation {
            Notation::Xml => {
                let written = without_fragment(url);
                let text = unescape(written.text).map_err(|e| self.unreadable(position, &e))?;
                (written, text)
            }
            _ => {
                let written = url.before('#');
                (written, Cow::Borrowed(written.text))
            }
        };
        if !written.is_empty() {
            let line = self.lines.line_of(position);
            self.found.urls.push(FoundUrl {
                line,
                text,
                written,
                notation,
                start: role.start,
                kind: role.kind,
            });
        }
        Ok(())
    }

    fn move_insertion(&mut self, element: &LocalName<'_>) {
        let position = self.position();
        self.found
            .move_insertion(element.as_ref(), self.depth, position);
    }

    fn is_own(&mut self, namespace: &str) -> bool {
        let own = self.namespace.get_or_insert_with(|| namespace.to_owned());
        own == namespace
    }

    /// The byte offset in the playlist of what is read next.
    fn position(&self) -> usize {
        self.offset(self.xml.buffer_position())
    }

    fn offset(&self, position: u64) -> usize {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        self.body.start.saturating_add(position)
    }

    fn unreadable(&mut self, position: usize, error: &EscapeError) -> Error {
        let EscapeError::UnrecognizedEntity(_, name) = error else {
            return self.malformed(position, error);
        };
        let entity = quoted(&format!("&{name};"));
        let line = self.lines.line_of(position);
        at(
            line,
            format_args!("the entity {entity} is defined in a DTD, which is not supported"),
        )
        .with_hint("expand it: xmllint --noent FILE")
    }

    fn malformed(&mut self, position: usize, error: &dyn std::fmt::Display) -> Error {
        let line = self.lines.line_of(position);
        let reason = printable(&error.to_string());
        at(line, format_args!("malformed XML: {reason}"))
            .with_hint("this shows all errors: xmllint --noout FILE")
    }
}
