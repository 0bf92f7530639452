//! The tags and attributes that contain a URI, and the query parameters that players add to it.
//!
//! Tags that are not listed are searched too: an attribute called `URI`, or one that ends in
//! `-URI`, is a URI in all tags that exist.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.4 (tags), 6.2.5 (delivery directives), 7
//! (content steering) and appendix D (interstitials); the prefetch tags of the community's
//! low-latency HLS, and of Twitch.

use crate::playlist::reference::{Added, Kind, Role};

/// A media playlist: players add delivery directives if its server supports them, which only the
/// media playlist shows.
pub(super) const PLAYLIST: Role = Role::new(Kind::Playlist, Added::Possibly);

/// A rendition report names a playlist that the master playlist names too.
const REPORT: Role = Role::new(Kind::Media, Added::Always("_HLS_msn"));

pub(super) const INTERSTITIAL: Role = Role::new(Kind::Playlist, Added::Always("_HLS_primary_id"));

pub(super) const STEERING: Role = Role::new(Kind::Update, Added::Always("_HLS_pathway"));

/// In place of an attribute: the whole value of the tag is the URI.
pub(super) const VALUE: &str = "";

const ROLES: [(&str, &str, Role); 17] = [
    ("#EXT-X-CONTENT-STEERING", "SERVER-URI", STEERING),
    ("#EXT-X-DATERANGE", "X-ASSET-LIST", INTERSTITIAL),
    ("#EXT-X-DATERANGE", "X-ASSET-URI", INTERSTITIAL),
    ("#EXT-X-DATERANGE", "X-URI", Role::MEDIA),
    ("#EXT-X-I-FRAME-STREAM-INF", "URI", PLAYLIST),
    ("#EXT-X-IMAGE-STREAM-INF", "URI", PLAYLIST),
    ("#EXT-X-KEY", "URI", Role::MEDIA),
    ("#EXT-X-MAP", "URI", Role::MEDIA),
    ("#EXT-X-MEDIA", "URI", PLAYLIST),
    ("#EXT-X-PART", "URI", Role::MEDIA),
    ("#EXT-X-PREFETCH", VALUE, Role::MEDIA),
    ("#EXT-X-PRELOAD-HINT", "URI", Role::MEDIA),
    ("#EXT-X-RENDITION-REPORT", "URI", REPORT),
    ("#EXT-X-SESSION-DATA", "URI", Role::MEDIA),
    ("#EXT-X-SESSION-KEY", "URI", Role::MEDIA),
    ("#EXT-X-STREAM-INF", "URI", PLAYLIST),
    ("#EXT-X-TWITCH-PREFETCH", VALUE, Role::MEDIA),
];

/// The role of an attribute, if it is listed.
pub(super) fn listed(tag: &str, attribute: &str) -> Option<Role> {
    let mut rows = ROLES.iter();
    let row = rows.find(|row| row.0 == tag && row.1 == attribute)?;
    Some(row.2)
}

/// The role of an attribute of a tag that is not listed, if the value is a URI.
pub(super) fn unlisted(attribute: &str) -> Option<Role> {
    let is_uri = attribute == "URI" || attribute.ends_with("-URI");
    is_uri.then_some(Role::MEDIA)
}
