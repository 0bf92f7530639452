//! Text is the same in each encoding, and bytes that are no text are refused.
#![no_main]

use cfsign::text::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = decode(bytes) else {
        return;
    };
    // Line ends of old systems become those of others, by the first of them.
    let end = text.find(['\r', '\n']).map(|end| &text[end..]);
    assert!(end.is_none_or(|end| end.starts_with('\n') || end.starts_with("\r\n")));
    if text.contains('\r') || text.contains('\0') || text.starts_with('\u{feff}') {
        return;
    }
    let units: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for encoded in [format!("\u{feff}{text}").into_bytes(), little, big] {
        assert_eq!(decode(&encoded).expect("it is text"), text);
    }
});
