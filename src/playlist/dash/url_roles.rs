//! The elements and attributes of a manifest that contain a URL.
//!
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.5 (remote elements), 5.8.4.7 (UTC timing), 5.10 (events), 5.11
//! (chaining and fallback), and the sixth edition's alternative MPDs.

use super::levels::DOCUMENT;
use super::reader::Start;
use super::xml::Attribute;
use crate::playlist::reference::Kind;

/// The role of a URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    pub kind: Kind,
    /// Several URLs, separated by white space.
    pub is_list: bool,
    base: RoleBase,
}

#[derive(Debug, Clone, Copy)]
enum RoleBase {
    Document,
    Level,
    Representations,
    Template,
    OwnBase,
}

impl Role {
    const fn new(base: RoleBase, kind: Kind) -> Self {
        Role {
            kind,
            is_list: false,
            base,
        }
    }

    const fn list(base: RoleBase, kind: Kind) -> Self {
        Role {
            kind,
            is_list: true,
            base,
        }
    }

    /// What the URL is resolved against, in an element of this level.
    pub fn start(self, level: usize) -> Start {
        match self.base {
            RoleBase::Document => Start::Level(DOCUMENT),
            RoleBase::Level => Start::Level(level),
            RoleBase::Representations => Start::Representations(level),
            RoleBase::Template => Start::Template(level),
            RoleBase::OwnBase => Start::Base(level),
        }
    }
}

/// The role of an element's text, if it is a URL.
pub(super) fn of_text(element: &str, event_scheme: &str) -> Option<Role> {
    match element {
        "BaseURL" => Some(Role::new(RoleBase::OwnBase, Kind::Media)),
        "Location" | "PatchLocation" => Some(Role::new(RoleBase::Document, Kind::Update)),
        "ContentSteering" => Some(Role::new(RoleBase::Level, Kind::Update)),
        "ImportedMPD" => Some(Role::new(RoleBase::Level, Kind::Playlist)),
        "Event" if is_callback(event_scheme) => Some(Role::new(RoleBase::Level, Kind::Update)),
        _ => None,
    }
}

/// The role of an attribute, if it is a URL; `scheme` is the element's, `event_scheme` that of the event stream around it.
pub(super) fn of_attribute(
    element: &str,
    attribute: &Attribute<'_>,
    scheme: &str,
    event_scheme: &str,
) -> Option<Role> {
    if attribute.prefix.is_some() {
        let is_link = attribute.name == "href";
        return is_link.then_some(Role::new(RoleBase::Level, Kind::RemoteElement));
    }
    match (element, attribute.name) {
        ("SegmentTemplate", "media" | "index" | "initialization" | "bitstreamSwitching") => {
            Some(Role::new(RoleBase::Template, Kind::Media))
        }
        ("SegmentURL", "media" | "index")
        | ("Initialization" | "RepresentationIndex" | "BitstreamSwitching", "sourceURL") => {
            Some(Role::new(RoleBase::Representations, Kind::Media))
        }
        ("InitializationSet", "initialization") => Some(Role::new(RoleBase::Level, Kind::Update)),
        ("ImportedMPD", "uri") => Some(Role::new(RoleBase::Level, Kind::Playlist)),
        ("AlternativeMPD" | "InsertPresentation" | "ReplacePresentation", "uri" | "url")
            if is_alternative(event_scheme) =>
        {
            Some(Role::new(RoleBase::Level, Kind::Playlist))
        }
        ("EssentialProperty" | "SupplementalProperty", "value") if is_other_mpd(scheme) => {
            Some(Role::list(RoleBase::Level, Kind::Playlist))
        }
        ("UTCTiming", "value") if scheme.starts_with("urn:mpeg:dash:utc:http-") => {
            Some(Role::list(RoleBase::Document, Kind::Clock))
        }
        ("Event", "messageData") if is_callback(event_scheme) => {
            Some(Role::new(RoleBase::Level, Kind::Update))
        }
        _ => None,
    }
}

/// Whether players act on the events of this scheme, rather than hand them to the application.
pub(super) fn is_for_player(event_scheme: &str) -> bool {
    is_alternative(event_scheme) || is_callback(event_scheme)
}

fn is_alternative(event_scheme: &str) -> bool {
    event_scheme.starts_with("urn:mpeg:dash:event:alternativeMPD:")
}

fn is_callback(event_scheme: &str) -> bool {
    event_scheme == "urn:mpeg:dash:event:callback:2015"
}

/// Whether a property names the MPD to play next, or instead.
fn is_other_mpd(scheme: &str) -> bool {
    matches!(
        scheme,
        "urn:mpeg:dash:chaining:2016" | "urn:mpeg:dash:fallback:2016"
    )
}
