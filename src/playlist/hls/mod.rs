//! HLS playlists: the lines that are URIs, and the attributes of tags that contain one.
//!
//! Every tag is searched, known or not: in all tags that exist, an attribute called `URI`, or one
//! that ends in `-URI`, is a URI, and future tags will probably follow. The only other name is
//! `X-ASSET-LIST`, of interstitials.
//!
//! Source: RFC 8216, sections 4.1 and 4.2; draft-pantos-hls-rfc8216bis, section 4.3 (variable
//! substitution) and appendix D (interstitials).

use self::attributes::AttributeList;
use super::at;
use super::base::{Base, is_http};
use super::reference::{Kind, Notation, Reference, Target};
use super::span::Span;
use crate::error::{Result, quoted};

mod attributes;
mod query_variables;
mod variables;

pub(super) use query_variables::QueryVariables;
pub(super) use variables::Variables;

/// A tag whose value is not an attribute list, though a title may look like one.
const TITLE: &str = "#EXTINF";

/// The tags whose `URI` is another playlist.
const NAMING_PLAYLISTS: [&str; 3] = [
    "#EXT-X-MEDIA",
    "#EXT-X-I-FRAME-STREAM-INF",
    "#EXT-X-IMAGE-STREAM-INF",
];

/// The tags in which a URI must be quoted.
const URI_MUST_BE_QUOTED: [&str; 12] = [
    "#EXT-X-CONTENT-STEERING",
    "#EXT-X-DATERANGE",
    "#EXT-X-I-FRAME-STREAM-INF",
    "#EXT-X-IMAGE-STREAM-INF",
    "#EXT-X-KEY",
    "#EXT-X-MAP",
    "#EXT-X-MEDIA",
    "#EXT-X-PART",
    "#EXT-X-PRELOAD-HINT",
    "#EXT-X-RENDITION-REPORT",
    "#EXT-X-SESSION-DATA",
    "#EXT-X-SESSION-KEY",
];

/// The content of an HLS playlist.
pub(super) struct Content<'a> {
    pub references: Vec<Reference<'a>>,
    pub variables: Variables,
}

/// Reads the playlist in `body`, which clients get from `url`. It may import the `importable`
/// variables.
pub(super) fn read<'a>(body: Span<'a>, url: &Base, importable: &Variables) -> Result<Content<'a>> {
    let mut reader = Reader {
        url,
        variables: Variables::default(),
        references: Vec::new(),
    };
    let mut start = body.start;
    let mut after_stream_inf = false;
    for (line, text) in (1..).zip(body.text.split_inclusive('\n')) {
        let content = Span::new(text, start).trim();
        start += text.len();
        if content.text.contains('\r') {
            return Err(
                at(line, "the line contains a carriage return (CR)").with_hint(
                    "HLS lines end with LF or CRLF; this converts CR: tr '\\r' '\\n' < FILE",
                ),
            );
        }
        if !content.text.starts_with('#') {
            let kind = if after_stream_inf {
                Kind::Playlist
            } else {
                Kind::Media
            };
            reader.add(line, content, kind)?;
            after_stream_inf &= content.is_empty();
        } else if content.text.starts_with("#EXT") {
            let (tag, list) = content
                .split_once(':')
                .unwrap_or((content, content.skip(usize::MAX)));
            after_stream_inf |= tag.text == "#EXT-X-STREAM-INF";
            let list = AttributeList::new(list);
            match tag.text {
                TITLE => {}
                "#EXT-X-DEFINE" => reader.variables.define(list, url, importable),
                tag => reader.tag(line, tag, list)?,
            }
        }
    }
    Ok(Content {
        references: reader.references,
        variables: reader.variables,
    })
}

struct Reader<'a, 'b> {
    url: &'b Base,
    variables: Variables,
    references: Vec<Reference<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn tag(&mut self, line: usize, tag: &str, list: AttributeList<'a>) -> Result<()> {
        for attribute in list.filter(|attribute| is_reference(attribute.name)) {
            let name = attribute.name;
            let Some(uri) = attribute.unquoted() else {
                // In an unknown tag, the value may be something else than a URI.
                if !URI_MUST_BE_QUOTED.contains(&tag) {
                    continue;
                }
                let message = format_args!("the {name} of {tag} is not in double quotes");
                return Err(at(line, message).with_hint(format!("{name}=\"...\"")));
            };
            self.add(line, uri.trim(), kind_of(tag, name))?;
        }
        Ok(())
    }

    /// Adds a reference, unless clients do not fetch it over HTTP.
    fn add(&mut self, line: usize, uri: Span<'a>, kind: Kind) -> Result<()> {
        let written = uri.before('#');
        if written.is_empty() {
            return Ok(());
        }
        let substituted = self.variables.substitute(line, written.text)?;
        let (substituted, carries_signature) = match substituted {
            Some(substituted) => (Some(substituted.text), substituted.carries_signature),
            None => (None, false),
        };
        let text = substituted.as_deref().unwrap_or(written.text);
        if text.contains('#') {
            let message = format_args!(
                "a variable in {} contains a fragment (#)",
                quoted(written.text)
            );
            return Err(at(line, message).with_hint(
                "the signature goes before the fragment, so write the # in the reference itself",
            ));
        }
        let url = self.url.resolve(text);
        if is_http(&url) {
            self.references.push(Reference {
                line,
                written: written.text.into(),
                substituted,
                range: written.range(),
                notation: Notation::Plain,
                targets: vec![Target { url, pattern: None }],
                kind,
                carries_signature,
            });
        }
        Ok(())
    }
}

fn is_reference(attribute: &str) -> bool {
    attribute == "URI" || attribute.ends_with("-URI") || attribute == "X-ASSET-LIST"
}

fn kind_of(tag: &str, attribute: &str) -> Kind {
    let is_playlist = match attribute {
        "URI" => NAMING_PLAYLISTS.contains(&tag),
        "X-ASSET-URI" | "X-ASSET-LIST" => tag == "#EXT-X-DATERANGE",
        _ => false,
    };
    if is_playlist {
        Kind::Playlist
    } else {
        Kind::Media
    }
}
