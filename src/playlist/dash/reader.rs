//! Reads a manifest: the URLs in it, with their positions and levels.

use std::borrow::Cow;
use std::fmt;

use quick_xml::escape::EscapeError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceError, QName};
use quick_xml::{Error as XmlError, NsReader};

use super::levels::Levels;
use super::query_levels::Insertion;
use super::roles::{self, Role, Start};
use super::xml::{Attribute, attributes, namespace_name, value_of, without_fragment};
use crate::error::{Error, Result, printable, quoted};
use crate::playlist::at;
use crate::playlist::notation::{Notation, unescape_xml};
use crate::playlist::reference::Kind;
use crate::playlist::span::Span;

/// The most XML namespaces in scope: each name is looked up among them.
const MAX_NAMESPACES: usize = 1000;

/// A URL in the manifest, before it is resolved.
pub(super) struct FoundUrl<'a> {
    /// The unescaped URL, without its fragment.
    pub text: Cow<'a, str>,
    /// The escaped text that it was read from.
    pub written: Span<'a>,
    pub notation: Notation,
    pub role: Role,
    pub level: usize,
}

/// Reads the URLs of a manifest and the levels that they are resolved against.
pub(super) fn read(body: Span<'_>) -> Result<(Vec<FoundUrl<'_>>, Levels)> {
    let mut xml = NsReader::from_str(body.text);
    xml.resolver_mut()
        .set_max_namespace_bindings(MAX_NAMESPACES);
    let mut reader = Reader {
        body,
        xml,
        namespace: None,
        tag_start: body.start,
        depth: 0,
        event_scheme: String::new(),
        urls: Vec::new(),
        levels: Levels::new(),
    };
    reader.read()?;
    Ok((reader.urls, reader.levels))
}

struct Reader<'a> {
    body: Span<'a>,
    xml: NsReader<&'a [u8]>,
    /// The namespace of the root, and of all elements of the manifest.
    namespace: Option<String>,
    /// The byte offset in the playlist of the tag that is being read.
    tag_start: usize,
    /// The number of open elements.
    depth: usize,
    /// The scheme of the event stream that is being read.
    event_scheme: String,
    urls: Vec<FoundUrl<'a>>,
    levels: Levels,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<()> {
        loop {
            self.tag_start = self.position();
            let (namespace, event) = match self.xml.read_resolved_event() {
                Ok((resolved, event)) => (namespace_name(&resolved).into_owned(), event),
                Err(e) => {
                    let position = self.offset(self.xml.error_position());
                    return Err(self.unreadable(position, &e));
                }
            };
            match event {
                Event::Start(element) => self.start_element(&element, &namespace)?,
                Event::Empty(element) if self.is_own(&namespace) => {
                    let name = element.local_name();
                    self.open(name.as_ref())?;
                    self.levels.close(self.depth + 1);
                    self.end_element(element.name());
                }
                Event::Empty(element) => self.foreign_element(&element, &namespace)?,
                Event::End(element) => {
                    self.levels.close(self.depth);
                    self.depth -= 1;
                    self.end_element(element.name());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if self.depth > 0 || self.namespace.is_none() {
            let end = self.body.range().end;
            return Err(self.malformed(end, &"it ends before its root element does"));
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
        if name == "Event" && !roles::is_for_player(&self.event_scheme) {
            return self.skip_content(element);
        }
        let role = roles::of_text(name, &self.event_scheme);
        if let Some(role) = role.filter(|_| self.depth > 0) {
            self.open(name)?;
            self.levels.close(self.depth + 1);
            let start = self.position();
            let content = self.xml.read_text(element.to_end().name());
            let len = match content {
                Ok(content) => content.len(),
                Err(e) => return Err(self.unreadable(start, &e)),
            };
            let start = start - self.body.start;
            return self.text_content(name, self.body.slice(start, start + len), role);
        }
        self.open(name)?;
        self.depth += 1;
        if name == "AdaptationSet" {
            self.set_insertion(element.name());
        }
        Ok(())
    }

    /// Moves the place for a descriptor after an element that precedes it in the schema.
    fn end_element(&mut self, name: QName<'_>) {
        let precedes = matches!(
            name.local_name().as_ref(),
            "FramePacking" | "AudioChannelConfiguration" | "ContentProtection" | "OutputProtection"
        );
        if precedes {
            self.levels.move_insertion(self.depth, self.position());
        }
    }

    /// Sets the place for a descriptor in the adaptation set that has just been opened.
    fn set_insertion(&mut self, element: QName<'_>) {
        let prefix = element.prefix();
        self.levels.set_insertion(Insertion {
            position: self.position(),
            prefix: prefix.map_or(String::new(), |prefix| format!("{}:", prefix.as_ref())),
            is_empty: false,
        });
    }

    /// Reads past the end of an element.
    fn skip_content(&mut self, element: &BytesStart<'_>) -> Result<()> {
        match self.xml.read_to_end(element.to_end().name()) {
            Ok(_) => Ok(()),
            Err(e) => Err(self.unreadable(self.tag_start, &e)),
        }
    }

    /// Reads the tag of an element in the manifest's namespace.
    fn open(&mut self, name: &str) -> Result<()> {
        let attributes = self.attributes()?;
        let scheme = value_of(&attributes, "schemeIdUri").unwrap_or_default();
        self.levels.open(name, self.depth + 1);
        if name == "EventStream" {
            self.event_scheme = scheme.to_owned();
        }
        if name == "RequestParam" && roles::passes_signature(&attributes) {
            self.levels.take_query();
        }
        let mut names_file = false;
        for attribute in &attributes {
            let role = roles::of_attribute(name, attribute, scheme, &self.event_scheme);
            let Some(role) = role else {
                continue;
            };
            names_file |= matches!(attribute.name, "media" | "sourceURL");
            if role.is_list {
                for word in attribute.value.words() {
                    self.add(word, Notation::Xml, role)?;
                }
            } else {
                self.add(attribute.value.trim(), Notation::Xml, role)?;
            }
        }
        self.levels.add_segments(name, names_file);
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
        let attributes = self.attributes()?;
        if roles::passes_signature(&attributes) {
            self.levels.take_query();
        }
        let link = Role::new(Start::Level, Kind::Update);
        for attribute in attributes {
            if attribute.has_prefix && attribute.name == "href" {
                self.add(attribute.value.trim(), Notation::Xml, link)?;
            }
        }
        Ok(())
    }

    /// The attributes of the tag that has just been read.
    fn attributes(&self) -> Result<Vec<Attribute<'a>>> {
        let start = self.tag_start - self.body.start;
        let end = self.position() - self.body.start;
        attributes(self.body.slice(start, end))
            .ok_or_else(|| self.malformed(self.tag_start, &"an attribute has no value in quotes"))
    }

    /// Adds the URL that an element contains as text.
    fn text_content(&mut self, element: &str, content: Span<'a>, role: Role) -> Result<()> {
        let content = content.trim();
        let (url, notation) = match content.between("<![CDATA[", "]]>") {
            Some(cdata) => (cdata.trim(), Notation::Plain),
            None => (content, Notation::Xml),
        };
        if url.text.contains('<') {
            let line = self.body.line_of(url.start);
            return Err(
                at(line, format_args!("{element} contains markup in its URL"))
                    .with_hint("remove the comments and elements from it"),
            );
        }
        self.add(url, notation, role)?;
        if let (Start::Base, Some(base)) = (role.start, self.urls.last())
            && !url.is_empty()
        {
            self.levels.add_base(&base.text, base.written.start);
        }
        Ok(())
    }

    /// Adds a URL without its fragment, unless that is empty.
    fn add(&mut self, url: Span<'a>, notation: Notation, role: Role) -> Result<()> {
        let position = url.start;
        let (written, text) = match notation {
            Notation::Xml => {
                let written = without_fragment(url);
                let text = match unescape_xml(written.text) {
                    Ok(text) => text,
                    Err(e) => return Err(self.unreadable_entity(position, &e)),
                };
                (written, text)
            }
            _ => {
                let written = url.before('#');
                (written, Cow::Borrowed(written.text))
            }
        };
        if !written.is_empty() {
            self.urls.push(FoundUrl {
                text,
                written,
                notation,
                role,
                level: self.levels.current(),
            });
        }
        Ok(())
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

    fn unreadable_entity(&self, position: usize, error: &EscapeError) -> Error {
        let EscapeError::UnrecognizedEntity(_, name) = error else {
            return self.malformed(position, error);
        };
        let entity = quoted(&format!("&{name};"));
        let line = self.body.line_of(position);
        at(
            line,
            format_args!("the entity {entity} is defined in a DTD, which is not supported"),
        )
        .with_hint("expand it: xmllint --noent FILE")
    }

    fn unreadable(&self, position: usize, error: &XmlError) -> Error {
        let limit = match error {
            XmlError::Namespace(NamespaceError::TooManyBindings(most)) => {
                format!("more than {most} XML namespaces are declared")
            }
            XmlError::Namespace(NamespaceError::TooDeeplyNested(most)) => {
                format!("elements are nested more than {most} deep")
            }
            _ => return self.malformed(position, error),
        };
        at(self.body.line_of(position), limit)
    }

    fn malformed(&self, position: usize, error: &dyn fmt::Display) -> Error {
        let line = self.body.line_of(position);
        let reason = printable(&error.to_string());
        at(line, format_args!("malformed XML: {reason}"))
            .with_hint("this shows all errors: xmllint --noout FILE")
    }
}
