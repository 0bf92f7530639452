//! The elements and attributes of a manifest that contain a URL.
//!
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.5 (remote elements), 5.8.4.7 (UTC timing),
//! 5.10 (events), 5.11 (chaining and fallback), annex I (URL parameters), and the sixth edition's
//! alternative MPDs; ETSI TS 103 285 (DVB), section 7.2 (fonts); ETSI TS 103 998 (content
//! steering).

use super::xml::{Attribute, value_of};
use crate::playlist::reference::{Added, Kind, Role};

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

/// The use of a URL.
pub(super) type Use = (Start, Role);

const UPDATE: Role = Role::new(Kind::Update, Added::Nothing);
const STEERING: Role = Role::new(Kind::Update, Added::Always("_DASH_pathway"));
const MPD: Role = Role::new(Kind::Playlist, Added::Nothing);
const CLOCK: Role = Role::new(Kind::Clock, Added::Nothing);
const REMOTE: Role = Role::new(Kind::RemoteElement, Added::Nothing);

/// In place of an attribute: the text of the element.
pub(super) const TEXT: &str = "#text";

/// An attribute with several URLs, separated by white space.
pub(super) const LIST: &str = "value";

/// The beginnings of the schemes of events on which players act, rather than hand them to the
/// application.
const CALLBACK: &str = "urn:mpeg:dash:event:callback:2015";
const ALTERNATIVE: &str = "urn:mpeg:dash:event:alternativeMPD:";

/// The use of an attribute, or of the [text](TEXT) of an element, if it is a URL; `scheme` is the
/// element's, `event` that of the event stream around it.
pub(super) fn use_of(element: &str, attribute: &str, scheme: &str, event: &str) -> Option<Use> {
    let found = match (element, attribute) {
        ("BaseURL", TEXT) => (Start::Base, Role::MEDIA),
        ("Location" | "PatchLocation", TEXT) => (Start::Document, UPDATE),
        ("ContentSteering", TEXT) => (Start::Level, STEERING),
        ("ImportedMPD", TEXT | "uri") => (Start::Level, MPD),
        ("Event", TEXT | "messageData") if event.starts_with(CALLBACK) => (Start::Level, UPDATE),
        ("AlternativeMPD" | "InsertPresentation" | "ReplacePresentation", "uri" | "url")
            if event.starts_with(ALTERNATIVE) =>
        {
            (Start::Level, MPD)
        }
        ("SegmentTemplate", "media" | "index" | "initialization" | "bitstreamSwitching") => {
            (Start::Template, Role::MEDIA)
        }
        ("SegmentURL", "media" | "index") => (Start::Representations, Role::MEDIA),
        ("Initialization" | "RepresentationIndex" | "BitstreamSwitching", "sourceURL") => {
            (Start::Representations, Role::MEDIA)
        }
        ("InitializationSet", "initialization") => (Start::Level, UPDATE),
        ("EssentialProperty" | "SupplementalProperty", LIST) if names_mpd(scheme) => {
            (Start::Level, MPD)
        }
        ("UTCTiming", LIST) if scheme.starts_with("urn:mpeg:dash:utc:http-") => {
            (Start::Document, CLOCK)
        }
        ("UrlQueryInfo" | "ExtUrlQueryInfo", ":href") => (Start::Level, UPDATE),
        // A level that is replaced has no part in the resolution.
        ("Period" | "AdaptationSet", ":href") => (Start::Above, REMOTE),
        (_, ":href") => (Start::Level, REMOTE),
        (_, ":url") if scheme == "urn:dvb:dash:fontdownload:2014" => (Start::Level, UPDATE),
        _ => return None,
    };
    Some(found)
}

/// Returns whether a property names the MPD to play next, or instead.
fn names_mpd(scheme: &str) -> bool {
    scheme == "urn:mpeg:dash:chaining:2016" || scheme == "urn:mpeg:dash:fallback:2016"
}

/// Returns whether players act on the events of this scheme.
pub(super) fn is_for_player(event_scheme: &str) -> bool {
    event_scheme.starts_with(ALTERNATIVE) || event_scheme.starts_with(CALLBACK)
}

/// Returns whether an element makes players add the manifest's signature to requests.
pub(super) fn passes_signature(element: &str, attributes: &[Attribute<'_>]) -> bool {
    let describes_query = ["RequestParam", "UrlQueryInfo", "ExtUrlQueryInfo"].contains(&element);
    let uses_query = value_of(attributes, "useMPDUrlQuery");
    let template = value_of(attributes, "queryTemplate").unwrap_or_default();
    let has_signature = template.contains("$querypart$") || template.contains("$query:Signature$");
    describes_query && has_signature && matches!(uses_query, Some("true" | "1"))
}
