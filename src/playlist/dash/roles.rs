//! The elements and attributes of a manifest that contain a URL.
//!
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.5 (remote elements), 5.8.4.7 (UTC timing),
//! 5.10 (events), 5.11 (chaining and fallback), and the sixth edition's alternative MPDs; ETSI TS
//! 103 285 (DVB), section 7.2 (fonts); ETSI TS 103 998 (content steering).

use super::xml::{Attribute, value_of};
use crate::playlist::reference::{Added, Kind};

/// The bases that a URL is resolved against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Those of the document.
    Document,
    /// Those of the level.
    Level,
    /// Those above the level, which the URL replaces.
    Above,
    /// Those above the level; the URL is a base of the level itself.
    Base,
    /// Those of the representations in the level, which inherit the reference.
    Representations,
    /// The same, for a template.
    Template,
}

/// The role of a URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    pub start: Start,
    pub kind: Kind,
    /// A query parameter that players add to the URL.
    pub added: Option<Added>,
    /// Several URLs, separated by white space.
    pub is_list: bool,
}

impl Role {
    pub const fn new(start: Start, kind: Kind) -> Self {
        Role {
            start,
            kind,
            added: None,
            is_list: false,
        }
    }

    const fn list(start: Start, kind: Kind) -> Self {
        let is_list = true;
        Role {
            is_list,
            ..Role::new(start, kind)
        }
    }

    const STEERING: Role = Role {
        added: Some(Added::Always("_DASH_pathway")),
        ..Role::new(Start::Level, Kind::Update)
    };
}

/// The role of the text of an element, if it is a URL.
pub(super) fn of_text(element: &str, event_scheme: &str) -> Option<Role> {
    match element {
        "BaseURL" => Some(Role::new(Start::Base, Kind::Media)),
        "Location" | "PatchLocation" => Some(Role::new(Start::Document, Kind::Update)),
        "ContentSteering" => Some(Role::STEERING),
        "ImportedMPD" => Some(Role::new(Start::Level, Kind::Playlist)),
        "Event" if is_callback(event_scheme) => Some(Role::new(Start::Level, Kind::Update)),
        _ => None,
    }
}

/// The role of an attribute of an element, if it is a URL; `scheme` is the element's,
/// `event_scheme` that of the event stream around it.
pub(super) fn of_attribute(
    element: &str,
    attribute: &Attribute<'_>,
    scheme: &str,
    event_scheme: &str,
) -> Option<Role> {
    if attribute.has_prefix {
        return of_foreign_attribute(element, attribute.name, scheme);
    }
    match (element, attribute.name) {
        ("SegmentTemplate", "media" | "index" | "initialization" | "bitstreamSwitching") => {
            Some(Role::new(Start::Template, Kind::Media))
        }
        ("SegmentURL", "media" | "index")
        | ("Initialization" | "RepresentationIndex" | "BitstreamSwitching", "sourceURL") => {
            Some(Role::new(Start::Representations, Kind::Media))
        }
        ("InitializationSet", "initialization") => Some(Role::new(Start::Level, Kind::Update)),
        ("ImportedMPD", "uri") => Some(Role::new(Start::Level, Kind::Playlist)),
        ("AlternativeMPD" | "InsertPresentation" | "ReplacePresentation", "uri" | "url")
            if is_alternative(event_scheme) =>
        {
            Some(Role::new(Start::Level, Kind::Playlist))
        }
        ("EssentialProperty" | "SupplementalProperty", "value") if is_other_mpd(scheme) => {
            Some(Role::list(Start::Level, Kind::Playlist))
        }
        ("UTCTiming", "value") if scheme.starts_with("urn:mpeg:dash:utc:http-") => {
            Some(Role::list(Start::Document, Kind::Clock))
        }
        ("Event", "messageData") if is_callback(event_scheme) => {
            Some(Role::new(Start::Level, Kind::Update))
        }
        _ => None,
    }
}

/// The role of an attribute with a prefix: `xlink:href` or `dvb:url`.
fn of_foreign_attribute(element: &str, attribute: &str, scheme: &str) -> Option<Role> {
    match attribute {
        // A level that is replaced has no part in the resolution.
        "href" if matches!(element, "Period" | "AdaptationSet") => {
            Some(Role::new(Start::Above, Kind::RemoteElement))
        }
        "href" => Some(Role::new(Start::Level, Kind::RemoteElement)),
        "url" if scheme == "urn:dvb:dash:fontdownload:2014" => {
            Some(Role::new(Start::Level, Kind::Update))
        }
        _ => None,
    }
}

/// Returns whether players act on the events of this scheme, rather than hand them to the
/// application.
pub(super) fn is_for_player(event_scheme: &str) -> bool {
    is_alternative(event_scheme) || is_callback(event_scheme)
}

fn is_alternative(event_scheme: &str) -> bool {
    event_scheme.starts_with("urn:mpeg:dash:event:alternativeMPD:")
}

fn is_callback(event_scheme: &str) -> bool {
    event_scheme == "urn:mpeg:dash:event:callback:2015"
}

/// Returns whether a property names the MPD to play next, or instead.
fn is_other_mpd(scheme: &str) -> bool {
    matches!(
        scheme,
        "urn:mpeg:dash:chaining:2016" | "urn:mpeg:dash:fallback:2016"
    )
}

/// Returns whether an element that describes URL parameters makes players add the manifest's
/// signature to requests.
pub(super) fn passes_signature(attributes: &[Attribute<'_>]) -> bool {
    let uses_query = value_of(attributes, "useMPDUrlQuery");
    let template = value_of(attributes, "queryTemplate").unwrap_or_default();
    matches!(uses_query, Some("true" | "1"))
        && ["$querypart$", "$query:Signature$"]
            .iter()
            .any(|part| template.contains(part))
}
