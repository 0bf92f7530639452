//! Small playlists written for the purpose, each with the references that have to be signed and
//! those that have to be counted, by the specifications that its label names.

use std::cell::RefCell;
use std::rc::Rc;

use cfsign::playlist::{Base, By, Finding, Preparation, Reader, Signing, Unsigned};
use cfsign::{Conditions, Policy, Resource, Signer, Timestamp};

use crate::common::private_key;

const HLS: &str = include_str!("structures/hls.txt");
const DASH: &str = include_str!("structures/dash.txt");

const FROM_URL: By = By::PlaylistUrl {
    hash_algorithm: false,
};

fn base() -> Base {
    Base::new("https://h.example/v/main")
}

fn signer() -> Signer {
    let id = "K2JCJMDEHXQW5F".parse().unwrap();
    Signer::new(id, private_key("p256-pkcs8.pem"))
}

fn policy(resource: &Resource) -> Policy {
    let expires = Timestamp::from_unix(1_800_000_000).unwrap();
    Policy::custom(resource, Conditions::until(expires)).unwrap()
}

/// The number of references with a finding.
fn number_of(signing: &Signing, finding: Finding) -> usize {
    let found = signing.coverage().found.get(&finding);
    found.map_or(0, |found| found.count)
}

/// The label and the lines of each structure.
fn structures(text: &str) -> Vec<(&str, &str)> {
    let parts = text.split("\n== ").skip(1);
    let parts = parts.map(|part| part.split_once('\n').unwrap());
    parts
        .map(|(label, lines)| (label, lines.trim_end_matches('\n')))
        .collect()
}

/// The playlist with `«?»`, `«&»` and `«»` for signatures and their separators, and the number of
/// references that are outside.
fn signed(text: &str) -> Result<(String, usize), String> {
    let playlist = Reader::new(base()).read(text).map_err(|e| e.to_string())?;
    let covered = base().below();
    let policy = signer().sign(policy(&covered)).unwrap();
    let by = By::One(policy.clone());
    let mut signing = Signing::new(&covered, Preparation::default(), by);
    let output = signing.rewrite(&playlist);
    let mut output = output.map_err(|e| e.to_string())?;
    let (query, escaped) = (policy.query(), policy.query().replace('&', "&amp;"));
    for query in [query, &escaped] {
        for (separator, mark) in [("?", "?"), ("&amp;", "&"), ("&", "&")] {
            output = output.replace(&format!("{separator}{query}"), &format!("«{mark}»"));
        }
        output = output.replace(query, "«»");
    }
    // The `?` of an empty query is the playlist's own.
    Ok((
        output.replace("3.ts«?»#", "3.ts?«»#"),
        number_of(&signing, Finding::Outside),
    ))
}

#[test]
fn references_are_signed_or_counted() {
    let all = [structures(HLS), structures(DASH)].concat();
    assert!(all.len() >= 60, "{}", all.len());
    let mut wrong = Vec::new();
    for (label, lines) in all {
        let (expected, error) = match lines.rsplit_once("\n! ") {
            Some((text, error)) => (text, Some(error)),
            None => (lines, None),
        };
        let input = ["«?»", "«&»", "«»", "«o»"]
            .iter()
            .fold(expected.to_owned(), |text, mark| text.replace(mark, ""));
        let outcome = signed(&input);
        let expected = match error {
            Some(error) => Err(error.to_owned()),
            None => Ok((expected.replace("«o»", ""), expected.matches("«o»").count())),
        };
        if outcome != expected {
            wrong.push(format!(
                "{label}\nexpected {expected:?}\nfound    {outcome:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The resources of the policies when each reference has its own.
fn resources(text: &str) -> Vec<String> {
    let playlist = Reader::new(base()).read(text).unwrap();
    let found = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&found);
    let policy_of = move |unsigned: &Unsigned<'_>| {
        log.borrow_mut().push(unsigned.resource.as_str().to_owned());
        Ok(policy(&unsigned.resource))
    };
    let by = By::Each(signer(), Box::new(policy_of));
    let mut signing = Signing::new(&base().below(), Preparation::default(), by);
    signing.rewrite(&playlist).unwrap();
    assert_eq!(number_of(&signing, Finding::AddedQuery), 0, "{text}");
    found.take()
}

/// A `*` at the end covers what players add to the query: `_HLS_pathway`, `_HLS_primary_id`,
/// `_HLS_msn`, `_DASH_pathway`.
#[test]
fn each_policy_covers_what_players_add() {
    for (text, expected) in [
        (
            "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"s\"",
            ["s*"].as_slice(),
        ),
        (
            "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"s?v=1\"",
            &["s?v=1*"],
        ),
        (
            "#EXTM3U\n#EXT-X-DATERANGE:X-ASSET-LIST=\"l\"\n#EXT-X-DATERANGE:X-ASSET-URI=\"u\"",
            &["l*", "u*"],
        ),
        (
            "#EXTM3U\n#EXT-X-RENDITION-REPORT:URI=\"r\"\n#EXT-X-PART:URI=\"p\"",
            &["r*", "p"],
        ),
        (
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n#EXT-X-MEDIA:URI=\"m\"",
            &["v*", "m*"],
        ),
        (
            "#EXTM3U\n1.ts\n#EXT-X-KEY:URI=\"k\"\n#EXT-X-MAP:URI=\"i\"",
            &["1.ts", "k", "i"],
        ),
        (
            "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"t\"\n1.ts?t={$t}\na/{$t}.ts",
            &["1.ts?t=*", "a/*.ts"],
        ),
        (
            "{\"ASSETS\":[{\"URI\":\"a\"}],\"RELOAD-URI\":\"r\"}",
            &["a*", "r*"],
        ),
        (
            "<MPD><ContentSteering>s</ContentSteering><Location>l</Location></MPD>",
            &["s*", "l"],
        ),
        (
            "<MPD><Period><SegmentTemplate media=\"$Number$/$RepresentationID$.m4s\"/></Period></MPD>",
            &["*/*.m4s"],
        ),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .map(|end| format!("https://h.example/v/{end}"))
            .collect();
        assert_eq!(resources(text), expected, "{text}");
    }
}

/// Where one policy does not cover what players add, that is counted.
#[test]
fn a_narrow_policy_is_counted() {
    for (text, resource, count) in [
        (
            "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"s.json\"",
            "https://h.example/v/*.json",
            1,
        ),
        (
            "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"s.json\"",
            "https://h.example/v/*",
            0,
        ),
        (
            "#EXTM3U\n#EXT-X-DATERANGE:X-ASSET-LIST=\"s.json\"",
            "https://h.example/v/s.json",
            1,
        ),
        (
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8",
            "https://h.example/v/*.m3u8",
            0,
        ),
        (
            "<MPD><ContentSteering>s?a=1</ContentSteering></MPD>",
            "https://h.example/v/s?a=1",
            1,
        ),
        (
            "<MPD><ContentSteering>s?a=1</ContentSteering></MPD>",
            "https://h.example/v/s?a=1*",
            0,
        ),
    ] {
        let playlist = Reader::new(base()).read(text).unwrap();
        let resource: Resource = resource.parse().unwrap();
        let by = By::One(signer().sign(policy(&resource)).unwrap());
        let mut signing = Signing::new(&resource, Preparation::default(), by);
        signing.rewrite(&playlist).unwrap();
        let added = number_of(&signing, Finding::AddedQuery);
        assert_eq!(added, count, "{text} {resource}");
    }
}

/// A manifest with the descriptor that passes on the query of its URL, `[q]`, and with the one that
/// adds nothing, `[n]`.
#[test]
fn the_query_is_passed_on_where_no_request_leaves_the_folder() {
    const PROPERTY: &str = "<EssentialProperty schemeIdUri=\"urn:mpeg:dash:urlparam:2014\"><up:UrlQueryInfo xmlns:up=\"urn:mpeg:dash:schema:urlparam:2014\" queryTemplate=\"$querypart$\" useMPDUrlQuery=\"true\"/></EssentialProperty>";
    const NOTHING: &str = "<SupplementalProperty schemeIdUri=\"urn:mpeg:dash:urlparam:2014\"><up:UrlQueryInfo xmlns:up=\"urn:mpeg:dash:schema:urlparam:2014\" queryTemplate=\"$none$\" queryString=\"none\"/></SupplementalProperty>";
    const OWN: &str = "<SegmentTemplate media=\"1.m4s\"/><Representation/>";
    const FOREIGN: &str =
        "<SegmentTemplate media=\"https://other.example/1.m4s\"/><Representation/>";
    for (label, text, without) in [
        (
            "all sets",
            "<Period><AdaptationSet>[q]OWN</AdaptationSet><AdaptationSet>[q]OWN</AdaptationSet></Period>",
            0,
        ),
        (
            "an ad period on another host",
            "<Period><AdaptationSet>[q]OWN</AdaptationSet></Period><Period><BaseURL>https://ads.example/</BaseURL><AdaptationSet>[n]OWN</AdaptationSet></Period>",
            0,
        ),
        (
            "a set on another host",
            "<Period><AdaptationSet>FOREIGN</AdaptationSet><AdaptationSet>[q]OWN</AdaptationSet><AdaptationSet>[n]FOREIGN</AdaptationSet></Period>",
            0,
        ),
        (
            "a representation on another host",
            "<Period><AdaptationSet><SegmentTemplate media=\"1.m4s\"/><Representation/><Representation><BaseURL>https://other.example/</BaseURL></Representation></AdaptationSet></Period>",
            1,
        ),
        (
            "an alternative base URL on another host",
            "<BaseURL>./</BaseURL><BaseURL>https://other.example/</BaseURL><Period><AdaptationSet>OWN</AdaptationSet></Period>",
            1,
        ),
        (
            "one foreign reference among others",
            "<Period><AdaptationSet><Representation><SegmentList><SegmentURL media=\"1\"/><SegmentURL media=\"//other.example/2\"/></SegmentList></Representation></AdaptationSet></Period>",
            1,
        ),
        (
            "a template of the period for two sets, one of them foreign",
            "<Period><SegmentTemplate media=\"1.m4s\"/><AdaptationSet><Representation/></AdaptationSet><AdaptationSet><BaseURL>https://other.example/</BaseURL><Representation/></AdaptationSet></Period>",
            1,
        ),
        (
            "a file as the base URL",
            "<Period><AdaptationSet>[q]<Representation><BaseURL>a.mp4</BaseURL></Representation></AdaptationSet><AdaptationSet>[n]<Representation><BaseURL>//other.example/a.mp4</BaseURL></Representation></AdaptationSet></Period>",
            0,
        ),
        (
            "a file in CDATA",
            "<Period><AdaptationSet>[q]<Representation><BaseURL><![CDATA[a.mp4]]></BaseURL></Representation></AdaptationSet></Period>",
            0,
        ),
        (
            "requests that are not for segments",
            "<Location>a.mpd</Location><Period><AdaptationSet>[q]OWN</AdaptationSet></Period>",
            1,
        ),
        (
            "after protection and before the rest",
            "<Period><AdaptationSet><ContentProtection/><ContentProtection><x/></ContentProtection>[q]<Role/>OWN</AdaptationSet></Period>",
            0,
        ),
        ("an empty set", "<Period><AdaptationSet/></Period>", 0),
    ] {
        let text = format!(
            "<MPD>{}</MPD>",
            text.replace("OWN", OWN).replace("FOREIGN", FOREIGN)
        );
        let input = text.replace("[q]", "").replace("[n]", "");
        let playlist = Reader::new(base()).read(&input).unwrap();
        let mut signing = Signing::new(&base().below(), Preparation::default(), FROM_URL);
        let output = signing.rewrite(&playlist).unwrap();
        let expected = text.replace("[q]", PROPERTY).replace("[n]", NOTHING);
        assert_eq!(output, expected, "{label}");
        assert_eq!(
            [Finding::WithoutQuery, Finding::SignedOutside].map(|found| number_of(&signing, found)),
            [without, 0],
            "{label}"
        );
    }
}

/// Playlists that already send the signature of their own URL to another host.
#[test]
fn a_signature_that_leaves_the_folder_is_counted() {
    const QUERY: &str = "<EssentialProperty schemeIdUri=\"urn:mpeg:dash:urlparam:2014\"><up:UrlQueryInfo xmlns:up=\"urn:mpeg:dash:schema:urlparam:2014\" queryTemplate=\"$querypart$\" useMPDUrlQuery=\"true\"/></EssentialProperty>";
    let dash = format!(
        "<MPD><Period><BaseURL>https://ads.example/</BaseURL><AdaptationSet>{QUERY}<SegmentTemplate media=\"1.m4s\"/></AdaptationSet></Period></MPD>"
    );
    for (text, first) in [
        (
            "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"Signature\"\nhttps://ads.example/1.ts?s={$Signature}",
            "https://ads.example/1.ts?s=",
        ),
        (dash.as_str(), "https://ads.example/1.m4s"),
    ] {
        let playlist = Reader::new(base()).read(text).unwrap();
        let mut signing = Signing::new(&base().below(), Preparation::default(), FROM_URL);
        let output = signing.rewrite(&playlist).unwrap();
        assert_eq!(output, text);
        assert_eq!(
            signing.coverage().found[&Finding::SignedOutside].first,
            first
        );
    }
}
