//! An HLS playlist is rewritten with nothing but signatures, each where clients find it; see `check_playlist`.
#![no_main]

use cfsign_fuzz::check_playlist;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if text.starts_with("#EXTM3U") {
        check_playlist(text);
    }
});
