//! Properties of all playlists, hostile ones included, and `--resign`.

use std::fs;

use cfsign::playlist::{Base, Playlist, Reader};
use cfsign::{SignedUrl, Timestamp};
use proptest::prelude::*;

use crate::common::requests::{ID, NOW, judge, trusted};
use crate::common::{Sandbox, root, stdout_of, text};

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

/// Checks that a playlist without signatures stays as it is, that with signatures nothing else
/// changes, and that its references are then the same except for them.
fn check(text: &str) {
    let Ok(playlist) = Reader::new(base()).read(text) else {
        return;
    };
    assert_eq!(playlist.with_parameters(""), text);
    let signed = playlist.with_parameters("SIGNED");
    let again = Reader::new(base()).read(&signed).unwrap();
    let lines = |playlist: &Playlist<'_>| {
        playlist
            .references()
            .iter()
            .map(|reference| playlist.place_of(reference))
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
            Reader::new(base())
                .read(&manifest)
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

/// The files of a tree, with the options that their references were signed with.
const SIGNED_TREE: [(&str, &[[&str; 2]]); 3] = [
    (
        "master.m3u8",
        &[
            ["low/v.m3u8", "-e 1h"],
            ["high/v.m3u8", "-e 2h -r 'https://h.example/v/*'"],
        ],
    ),
    (
        "low/v.m3u8",
        &[
            ["low/1.ts", "-e 3h"],
            ["low/2.ts?x=1", "-e 3h --ip 192.0.2.0/24"],
            ["low/3.ts", "-e 4h --custom"],
            ["low/4.ts", "-e 3h --hash sha256"],
        ],
    ),
    (
        "high/v.m3u8",
        &[
            ["high/1.ts", "-e 5h -r 'https://h.example/v/high/*'"],
            ["high/2.ts", "-e 6h --starts 2026-01-01"],
        ],
    ),
];

#[test]
fn references_move_to_another_key_with_their_own_conditions() {
    let sandbox = Sandbox::new();
    stdout_of(&mut sandbox.shell("mkdir -p old/low old/high"));
    for (file, references) in SIGNED_TREE {
        let tag = if file == "master.m3u8" {
            "#EXT-X-STREAM-INF:BANDWIDTH=1"
        } else {
            "#EXTINF:1,"
        };
        let mut playlist = "#EXTM3U\n".to_owned();
        for [url, conditions] in references {
            let key = "-k K1AAAAAAAAAAAA -p p256-pkcs8.pem";
            let line = format!(
                "cfsign url 'https://h.example/v/{url}' -q --now @{NOW} {key} {conditions}"
            );
            let signed = stdout_of(&mut sandbox.shell(&line));
            playlist += &format!("{tag}\n{signed}");
        }
        sandbox.write(&format!("old/{file}"), playlist);
    }
    let urls = |file: String| -> Vec<SignedUrl> {
        let playlist = text(&sandbox.read(&file));
        let lines = playlist.lines().filter(|line| line.starts_with("https:"));
        lines.map(|line| SignedUrl::parse(line).unwrap()).collect()
    };
    let keys = [trusted(Some(ID), "rsa2048-pkcs8.pem")];
    let later = NOW + 86_400;
    for (flags, expires) in [
        (String::new(), None),
        ("--each".into(), None),
        (format!("-e {later}"), Some(later)),
    ] {
        let base = "--base-url https://h.example/v/ --recursive --out new";
        let key = format!("-k {ID} -p rsa2048-pkcs8.pem");
        let line = format!(
            "cfsign playlist old/master.m3u8 --resign -q --now @{NOW} {base} {key} {flags}"
        );
        stdout_of(&mut sandbox.shell(&line));
        for (file, references) in SIGNED_TREE {
            let (old, new) = (urls(format!("old/{file}")), urls(format!("new/{file}")));
            assert_eq!(new.len(), references.len(), "{file} {flags}");
            for (new, old) in new.iter().zip(&old) {
                let ip = "192.0.2.10".parse().ok();
                assert!(judge(new.as_str(), &keys, ip).allowed(), "{new}");
                assert_eq!(new.unsigned(), old.unsigned());
                let [new, old] = [new, old].map(|url| url.policy().unwrap().unwrap());
                if let Some(expires) = expires {
                    let mut conditions = old.conditions();
                    conditions.expires = Timestamp::from_unix(expires).unwrap();
                    assert_eq!(new.conditions(), conditions, "{flags}");
                    assert_eq!(new.resource(), old.resource(), "{flags}");
                } else {
                    assert_eq!(new, old, "{flags}");
                }
            }
        }
    }
}
