//! The tags and attributes that contain a URI, and the query parameters that players add to it.
//!
//! Tags that are not listed are searched too: an attribute called `URI`, or one that ends in
//! `-URI`, is a URI in all tags that exist.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.4 (tags), 6.2.5 (delivery directives), 7
//! (content steering) and appendix D (interstitials); the prefetch tags of the community's
//! low-latency HLS, and of Twitch.

use crate::playlist::reference::{Added, Kind};

/// The role of a URI.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    pub kind: Kind,
    /// A query parameter that players add to the URL.
    pub added: Option<Added>,
}

impl Role {
    pub const MEDIA: Role = Role {
        kind: Kind::Media,
        added: None,
    };
    /// A media playlist: players add delivery directives if its server supports them, which only
    /// the media playlist shows.
    pub const PLAYLIST: Role = Role {
        kind: Kind::Playlist,
        added: Some(Added::Possibly("_HLS_msn")),
    };
    /// A rendition report names a playlist that the master playlist names too.
    const REPORT: Role = Role {
        kind: Kind::Media,
        added: Some(Added::Always("_HLS_msn")),
    };
    const INTERSTITIAL: Role = Role {
        kind: Kind::Playlist,
        added: Some(Added::Always("_HLS_primary_id")),
    };
    const STEERING: Role = Role {
        kind: Kind::Update,
        added: Some(Added::Always("_HLS_pathway")),
    };
}

/// In place of an attribute: the whole value of the tag is the URI.
const VALUE: &str = "";

const ROLES: [(&str, &str, Role); 17] = [
    ("#EXT-X-CONTENT-STEERING", "SERVER-URI", Role::STEERING),
    ("#EXT-X-DATERANGE", "X-ASSET-LIST", Role::INTERSTITIAL),
    ("#EXT-X-DATERANGE", "X-ASSET-URI", Role::INTERSTITIAL),
    ("#EXT-X-DATERANGE", "X-URI", Role::MEDIA),
    ("#EXT-X-I-FRAME-STREAM-INF", "URI", Role::PLAYLIST),
    ("#EXT-X-IMAGE-STREAM-INF", "URI", Role::PLAYLIST),
    ("#EXT-X-KEY", "URI", Role::MEDIA),
    ("#EXT-X-MAP", "URI", Role::MEDIA),
    ("#EXT-X-MEDIA", "URI", Role::PLAYLIST),
    ("#EXT-X-PART", "URI", Role::MEDIA),
    ("#EXT-X-PREFETCH", VALUE, Role::MEDIA),
    ("#EXT-X-PRELOAD-HINT", "URI", Role::MEDIA),
    ("#EXT-X-RENDITION-REPORT", "URI", Role::REPORT),
    ("#EXT-X-SESSION-DATA", "URI", Role::MEDIA),
    ("#EXT-X-SESSION-KEY", "URI", Role::MEDIA),
    ("#EXT-X-STREAM-INF", "URI", Role::PLAYLIST),
    ("#EXT-X-TWITCH-PREFETCH", VALUE, Role::MEDIA),
];

/// The role of an attribute, if it is listed.
pub(super) fn listed(tag: &str, attribute: &str) -> Option<Role> {
    let row = ROLES
        .iter()
        .find(|row| row.0 == tag && row.1 == attribute)?;
    Some(row.2)
}

/// The role of the whole value of a tag, if that is a URI.
pub(super) fn of_value(tag: &str) -> Option<Role> {
    listed(tag, VALUE)
}

/// The role of an attribute of a tag that is not listed, if the value is a URI.
pub(super) fn unlisted(attribute: &str) -> Option<Role> {
    let is_uri = attribute == "URI" || attribute.ends_with("-URI");
    is_uri.then_some(Role::MEDIA)
}

/// Returns whether an attribute list that cannot be read may contain a URI.
pub(super) fn may_name_uri(list: &str) -> bool {
    ["URI", "X-ASSET-LIST"]
        .iter()
        .any(|name| list.contains(name))
}
