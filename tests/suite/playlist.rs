//! Properties of all playlists, hostile ones included.

use std::fs;

use cfsign::playlist::{Base, Playlist, Reference, Rewrite};
use proptest::prelude::*;

use crate::common::root;

/// The examples of RFC 3986, sections 5.4.1 and 5.4.2, but for those with a fragment.
#[test]
fn references_resolve_as_in_rfc_3986() {
    let base = Base::new("http://a/b/c/d;p?q");
    for (reference, url) in [
        ("g:h", "g:h"),
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        (".g", "http://a/b/c/.g"),
        ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
    ] {
        assert_eq!(base.resolve(reference), url, "{reference}");
    }
}

fn base() -> Base {
    Base::new("https://h.example/v/a?tok=1")
}

fn nothing(_: &Reference<'_>) -> cfsign::Result<Option<Rewrite>> {
    Ok(None)
}

fn signature(_: &Reference<'_>) -> cfsign::Result<Option<Rewrite>> {
    Ok(Some(Rewrite {
        replacement: None,
        parameters: "SIGNED".into(),
    }))
}

/// Checks that a playlist without signatures stays as it is, that with signatures nothing else changes, and that its
/// references are then the same except for them.
fn check(text: &str) {
    let Ok(playlist) = Playlist::parse(text, &base()) else {
        return;
    };
    assert_eq!(playlist.rewritten(nothing).unwrap(), text);
    let signed = playlist.rewritten(signature).unwrap();
    let again = Playlist::parse(&signed, &base()).unwrap();
    let lines = |playlist: &Playlist<'_>| {
        playlist
            .references()
            .iter()
            .map(Reference::line)
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(&again), lines(&playlist), "{text:?}");
    for (before, after) in playlist.references().iter().zip(again.references()) {
        let rest = after.text().strip_prefix(before.text()).unwrap();
        assert!(
            ["?SIGNED", "&SIGNED", "SIGNED"].contains(&rest),
            "{text:?}: {rest:?}"
        );
    }
    let mut rest = text;
    for part in signed.split("SIGNED") {
        let separators = ["&amp;", "&", "?"]
            .iter()
            .filter_map(|separator| part.strip_suffix(separator));
        let unsigned = std::iter::once(part)
            .chain(separators)
            .find_map(|part| rest.strip_prefix(part));
        rest = unsigned.unwrap_or_else(|| panic!("{text:?} became {signed:?}"));
    }
    assert_eq!(rest, "");
}

/// Playlists that contain every kind of reference.
fn manifests() -> Vec<String> {
    let folder = root().join("tests/manifests");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    files.collect()
}

#[test]
fn manifests_keep_their_bytes() {
    let manifests = manifests();
    assert!(manifests.len() >= 5);
    for manifest in manifests {
        assert!(
            Playlist::parse(&manifest, &base())
                .unwrap()
                .references()
                .len()
                >= 3,
            "{manifest}"
        );
        check(&manifest);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A manifest with one piece cut out and another put in, at any character.
    #[test]
    fn damaged_manifests_do_no_harm(
        which in any::<prop::sample::Index>(),
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        put in "[#&;<>\"'$%{}?/=.\\[\\]! a-zA-Z\r\n\u{feff}]{0,6}",
    ) {
        let manifests = manifests();
        let characters: Vec<char> = which.get(&manifests).chars().collect();
        let start = cut.0.index(characters.len());
        let end = (start + cut.1.index(40)).min(characters.len());
        let damaged: String = characters[..start].iter().copied().chain(put.chars()).chain(characters[end..].iter().copied()).collect();
        check(&damaged);
    }

    #[test]
    fn any_text_does_no_harm(text in any::<String>(), tag in "[A-Z-]{0,8}") {
        for text in [format!("#EXTM3U\n{text}"), format!("#EXTM3U\n#EXT-X-{tag}:{text}"), format!("<MPD><BaseURL {text}</MPD>"), text.clone()] {
            check(&text);
        }
    }
}
