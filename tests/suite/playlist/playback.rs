//! Signed playlists played by ffmpeg, from a server that refuses unsigned requests.

use std::fs;
use std::path::Path;

use crate::common::edge::Edge;
use crate::common::{Sandbox, is_here, stdout_of, text};

const CLIP: &str = "-f lavfi -i testsrc=duration=3:size=64x48:rate=10 -f lavfi -i sine=duration=3 \
    -c:v libx264 -preset ultrafast -g 10 -c:a aac clip.mp4";
const HLS: &str = "-f hls -hls_time 1 -hls_playlist_type vod";
const VARIANTS: &str =
    "-map 0:v -map 0:a -map 0:v -map 0:a -var_stream_map 'v:0,a:0 v:1,a:1' -master_pl_name a.m3u8";
const DASH: &str = "-f dash -seg_duration 1";

/// A kind of stream: its name, how ffmpeg makes it of the clip, its first playlist, and the
/// references in all of them.
type Stream = (&'static str, &'static str, &'static str, usize);

/// With three segments each, of video and sound in one stream (HLS) or in two (DASH).
const STREAMS: [Stream; 7] = [
    (
        "fmp4",
        "HLS -hls_segment_type fmp4 -hls_segment_filename %v/%d.m4s VARIANTS %v/v.m3u8",
        "a.m3u8",
        2 * (1 + 1 + 3),
    ),
    (
        "key",
        "HLS -hls_key_info_file ../../key-info -hls_segment_filename %v-%d.ts VARIANTS %v.m3u8",
        "a.m3u8",
        2 * (1 + 1 + 3),
    ),
    ("ranges", "HLS -hls_flags single_file a.m3u8", "a.m3u8", 3),
    ("number", "DASH a.mpd", "a.mpd", 2 * 2),
    (
        "time",
        "DASH -media_seg_name 'chunk-$RepresentationID$-$Time$.m4s' a.mpd",
        "a.mpd",
        2 * 2,
    ),
    (
        "list",
        "DASH -use_template 0 -use_timeline 0 a.mpd",
        "a.mpd",
        2 * (1 + 3),
    ),
    (
        "one-file",
        "DASH -use_template 0 -use_timeline 0 -single_file 1 a.mpd",
        "a.mpd",
        2,
    ),
];

#[test]
fn every_request_of_a_player_is_signed() {
    if !is_here("ffmpeg", "playing signed playlists") {
        return;
    }
    let sandbox = Sandbox::new();
    let shell = |line: &str| stdout_of(&mut sandbox.shell(line));
    shell(&format!("mkdir origin signed; ffmpeg -v error {CLIP}"));
    shell("printf 0123456789abcdef > file.key; printf 'file.key\\n../../file.key\\n' > key-info");
    for (name, made, first, references) in STREAMS {
        let folder = format!("origin/{name}");
        let made = made
            .replace("HLS", HLS)
            .replace("VARIANTS", VARIANTS)
            .replace("DASH", DASH);
        shell(&format!(
            "mkdir {folder} && cd {folder} && ffmpeg -v error -i ../../clip.mp4 -c copy {made}"
        ));
        if name == "key" {
            shell(&format!("cp file.key {folder}"));
        }
        let served = sandbox.join("served");
        let edge = Edge::start(&served, &sandbox.join("rsa2048-public.pem"));
        // In a list, this player truncates URLs that are much longer than that of the manifest.
        let url = format!("{}/{first}?{}", edge.url, "room".repeat(200));
        let flags = "-q -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 1h";
        let play = format!("ffmpeg -v error -i \"$(cfsign url '{url}' {flags})\" -map 0 -f null -");

        shell(&format!(
            "rm -rf served signed; mkdir signed; cp -r {folder} served"
        ));
        assert!(
            !sandbox.shell(&play).output().unwrap().status.success(),
            "{name} plays without its signatures"
        );
        assert!(
            edge.take_answers()
                .iter()
                .any(|answer| answer.status == 403)
                || name == "one-file"
        );

        for how in ["", "--each", "--each --custom --hash sha256"] {
            shell("rm -r signed; mkdir signed");
            let to = match name {
                "fmp4" | "key" => "--recursive --out signed".into(),
                _ => format!("-o signed/{first}"),
            };
            assert_eq!(
                shell(&format!(
                    "cfsign playlist {folder}/{first} --base-url '{url}' {flags} {how} {to}"
                )),
                ""
            );
            shell(&format!(
                "rm -r served; cp -r {folder} served; cp -r signed/. served"
            ));
            let signed: Vec<String> = files(&sandbox.join("signed"))
                .iter()
                .flat_map(|file| signed_urls(&sandbox, &edge.url, file))
                .collect();
            assert_eq!(signed.len(), references, "{name} {how}");
            for url in signed {
                let verify = ["verify", &url, "--public-key", "rsa2048-public.pem"];
                assert!(
                    sandbox.cfsign(&verify).output().unwrap().status.success(),
                    "{name} {how}: {url}"
                );
            }
            if name == "one-file" {
                // This player has no such lists, signed or not.
                continue;
            }
            let played = sandbox.shell(&play).output().unwrap();
            let answers = edge.take_answers();
            assert!(
                played.status.success(),
                "{name} {how}: {}",
                text(&played.stderr)
            );
            assert!(
                answers.iter().all(|answer| answer.status != 403),
                "{name} {how}: {answers:?}"
            );
            let mut got: Vec<String> = answers
                .iter()
                .filter(|answer| answer.status < 300)
                .map(|answer| answer.path.clone())
                .collect();
            got.sort();
            got.dedup();
            let all = files(&sandbox.join(&folder));
            match name {
                // This player begins them with the second segment, signed or not, and goes beyond
                // the last with $Time$.
                "time" | "list" => assert_eq!(got.len(), all.len() - 2, "{answers:?}"),
                _ => assert_eq!(
                    (text(&played.stderr), got),
                    (String::new(), all),
                    "{name} {how}"
                ),
            }
        }
    }
}

/// The references with a signature in a playlist, all of them relative to its folder, found by what
/// surrounds them.
fn signed_urls(sandbox: &Sandbox, host: &str, file: &str) -> Vec<String> {
    let playlist = text(&sandbox.read(&format!("signed{file}")));
    let folder = file.rsplit_once('/').unwrap().0;
    let references = playlist
        .split(['"', '<', '>', '\n'])
        .filter(|part| part.contains("Signature="));
    let example = |text: &str| {
        text.replace("$RepresentationID$", "0")
            .replace("$Number%05d$", "00002")
            .replace("$Time$", "10240")
    };
    references
        .map(|reference| {
            format!(
                "{host}{folder}/{}",
                example(&reference.replace("&amp;", "&"))
            )
        })
        .collect()
}

/// Every file below a folder, as the path of a URL.
fn files(folder: &Path) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(format!("/{}", path.strip_prefix(folder).unwrap().display())),
            }
        }
    }
    files.sort();
    files
}
