//! HLS playlists: the lines that are URIs, and the attributes of tags that hold one.
//!
//! Every tag is looked at, known or not: what is called `URI`, or something that ends in `-URI`, names a file in all tags
//! there are, and a tag that comes later will hardly differ. The one other name is `X-ASSET-LIST`, of interstitials.
//!
//! Source: RFC 8216, sections 4.1 and 4.2; draft-pantos-hls-rfc8216bis, section 4.3 (variable substitution) and appendix D
//! (interstitials).

use std::borrow::Cow;

use super::base::{Base, is_http};
use super::{Notation, Reference, Target, Variables, at, place};
use crate::error::{Result, quoted};
use crate::sign::signed_url::SignedUrl;
use crate::url::percent;

/// A tag whose value is no list of attributes: a title may look like one.
const TITLE: &str = "#EXTINF:";

/// The tags in which `URI` names a playlist, to be rewritten in its turn.
const NAMING_PLAYLISTS: [&str; 3] = [
    "#EXT-X-MEDIA",
    "#EXT-X-I-FRAME-STREAM-INF",
    "#EXT-X-IMAGE-STREAM-INF",
];

/// The tags in which a URI without quotes is a mistake.
const STANDARD: [&str; 12] = [
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

/// The references in `body`, the part of `text` behind a byte-order mark, and the variables that it defines.
pub(super) fn references<'a>(
    text: &'a str,
    body: &'a str,
    url: &Base,
    importable: &Variables,
) -> Result<(Vec<Reference<'a>>, Variables)> {
    let mut reader = Reader {
        text,
        url,
        importable,
        variables: Variables::new(),
        references: Vec::new(),
    };
    let mut after_stream = false;
    for (line, content) in (1..).zip(body.split('\n')) {
        let content = content.trim();
        if !content.starts_with('#') {
            reader.found(line, content, after_stream)?;
            after_stream &= content.is_empty();
        } else if content.starts_with("#EXT") && !content.starts_with(TITLE) {
            let (tag, attributes) = content.split_once(':').unwrap_or((content, ""));
            after_stream |= tag == "#EXT-X-STREAM-INF";
            match tag {
                "#EXT-X-DEFINE" => reader.define(attributes),
                tag => reader.tag(line, tag, attributes)?,
            }
        }
    }
    Ok((reader.references, reader.variables))
}

struct Reader<'a, 'b> {
    text: &'a str,
    url: &'b Base,
    importable: &'b Variables,
    variables: Variables,
    references: Vec<Reference<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn tag(&mut self, line: usize, tag: &str, list: &'a str) -> Result<()> {
        for (name, value) in attributes(list).filter(|(name, _)| is_reference(name)) {
            let reference = match unquoted(value) {
                Some(reference) => reference,
                // In a tag that is not known, it may be something else than a URI.
                None if !STANDARD.contains(&tag) => continue,
                None => {
                    return Err(at(
                        line,
                        format_args!("{name} of {tag} is not a text in double quotes"),
                    )
                    .with_hint(format!("{name}=\"...\"")));
                }
            };
            self.found(
                line,
                reference.trim(),
                name == "URI" && NAMING_PLAYLISTS.contains(&tag),
            )?;
        }
        Ok(())
    }

    fn found(&mut self, line: usize, written: &'a str, names_playlist: bool) -> Result<()> {
        let written = written.split('#').next().unwrap_or_default();
        if written.is_empty() {
            return Ok(());
        }
        let substituted = self.substituted(line, written)?;
        let text = substituted.as_deref().unwrap_or(written);
        if text.contains('#') {
            return Err(at(
                line,
                format_args!("a variable in {} holds a fragment (#)", quoted(written)),
            )
            .with_hint(
                "a signature belongs before the fragment, so the # has to stand in the line itself",
            ));
        }
        let url = self.url.resolve(text);
        if is_http(&url) {
            self.references.push(Reference {
                line,
                written: Cow::Borrowed(written),
                substituted,
                place: place(written, self.text),
                notation: Notation::Plain,
                targets: vec![Target { url, pattern: None }],
                names_playlist,
            });
        }
        Ok(())
    }

    /// `EXT-X-DEFINE`. A variable without a value here is an error where it is used.
    fn define(&mut self, list: &str) {
        let of = |wanted: &str| {
            attributes(list)
                .find(|(name, _)| *name == wanted)
                .and_then(|(_, value)| unquoted(value))
        };
        let (name, value) = if let Some(name) = of("IMPORT") {
            (name, self.importable.get(name).cloned())
        } else if let Some(name) = of("QUERYPARAM") {
            let parameters = self
                .url
                .query()
                .split('&')
                .filter_map(|parameter| parameter.split_once('='));
            let value = parameters
                .map(|(own, value)| (percent::decode(own), value))
                .find(|(own, _)| own == name);
            (
                name,
                value.map(|(_, value)| percent::decode(value).into_owned()),
            )
        } else {
            (
                of("NAME").unwrap_or_default(),
                of("VALUE").map(str::to_owned),
            )
        };
        if let Some(value) = value {
            self.variables.insert(name.to_owned(), value);
        }
    }

    /// `written` with each `{$name}` replaced, once: what a value holds is not looked at again.
    fn substituted(&self, line: usize, written: &str) -> Result<Option<String>> {
        let Some((start, _)) = written.split_once("{$") else {
            return Ok(None);
        };
        let mut text = start.to_owned();
        for piece in written[start.len()..].split("{$").skip(1) {
            let reference = piece.split_once('}').filter(|(name, _)| {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            });
            let Some((name, rest)) = reference else {
                text.extend(["{$", piece]);
                continue;
            };
            let value = self.variables.get(name).ok_or_else(|| {
                at(line, format_args!("the variable {} has no value here", quoted(name))).with_hint(
                    "sign the master playlist with --recursive if it defines the variable, or give --base-url with the query if that does",
                )
            })?;
            text.extend([value.as_str(), rest]);
            if text.len() > SignedUrl::LONGEST {
                let longest = SignedUrl::LONGEST;
                return Err(at(
                    line,
                    format_args!(
                        "the variable {} makes a URL of over {longest} bytes",
                        quoted(name)
                    ),
                )
                .with_hint(format!(
                    "CloudFront takes URLs of up to {longest} bytes, with their signature"
                )));
            }
        }
        Ok(Some(text))
    }
}

fn is_reference(attribute: &str) -> bool {
    attribute == "URI" || attribute.ends_with("-URI") || attribute == "X-ASSET-LIST"
}

fn unquoted(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

/// The attributes of a tag, values with their quotes. What is no attribute ends the list.
fn attributes(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (name, value) = rest.split_once('=')?;
        let name = name.trim();
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        // A comma between quotes ends nothing.
        let quoted = value
            .strip_prefix('"')
            .and_then(|inner| inner.find('"'))
            .map_or(0, |end| end + 2);
        let end = value[quoted..]
            .find(',')
            .map_or(value.len(), |comma| quoted + comma);
        rest = value.get(end + 1..).unwrap_or_default();
        Some((name, value[..end].trim()))
    })
}
