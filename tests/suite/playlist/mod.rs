//! HLS playlists and DASH manifests, rewritten and played.

#[cfg(unix)]
mod playback;
#[cfg(unix)]
mod players;
mod properties;
mod structures;
