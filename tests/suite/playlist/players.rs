//! Players of the web, in a browser, from a server that refuses unsigned requests: hls.js and Shaka Player.
//!
//! They are npm packages: `npm install --prefix target/npm hls.js shaka-player`.
#![expect(
    clippy::print_stdout,
    reason = "the number of requests is of interest to a reader of the log"
)]

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::common::browser::Browser;
use crate::common::edge::{Answer, Edge};
use crate::common::{Sandbox, is_here, root, skipped, stdout_of, text};

const SIGNING: &str = "-q -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 1h";
/// Four segments of a second each, with video and sound.
const CLIP: &str = "-f lavfi -i testsrc=duration=4:size=64x48:rate=10 -f lavfi -i sine=duration=4 \
    -c:v libx264 -pix_fmt yuv420p -preset ultrafast -g 10 -c:a aac";
const HLS: &str = "-f hls -hls_time 1 -hls_playlist_type vod -hls_segment_type fmp4 \
    -hls_segment_filename %v/%d.m4s -master_pl_name master.m3u8 -var_stream_map v:0,a:0 %v/v.m3u8";

/// Plays `url` to its end, and says where that was.
const HLS_JS: &str = "new Promise(resolve => {
    const video = document.querySelector('video');
    const end = error => resolve(error || `played ${Math.round(video.currentTime)} s`);
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, error) => error.fatal && end(error.details));
    video.onended = () => end();
    hls.loadSource('URL');
    hls.attachMedia(video);
    video.play();
    setTimeout(() => end('too slow'), 40000);
})";
const SHAKA: &str = "new Promise(resolve => {
    const video = document.querySelector('video');
    const end = error => resolve(error || `played ${Math.round(video.currentTime)} s`);
    video.onended = () => end();
    const player = new shaka.Player();
    player.configure('streaming.retryParameters.maxAttempts', 1);
    player.configure('manifest.retryParameters.maxAttempts', 1);
    player.addEventListener('error', event => end(`error ${event.detail.code}`));
    player.attach(video).then(() => player.load('URL')).then(() => video.play())
        .catch(error => end(`error ${error.code}`));
    setTimeout(() => end('too slow'), 40000);
})";

/// A player's script, if it and a browser are installed.
fn script(package: &str, file: &str) -> Option<String> {
    let test = format!("{package} in Chromium");
    if !is_here("chromium", &test) || !is_here("ffmpeg", &test) {
        return None;
    }
    let path = PathBuf::from("target/npm/node_modules")
        .join(package)
        .join(file);
    let script = fs::read_to_string(root().join(path)).ok();
    if script.is_none() {
        skipped(&test, &format!("npm install --prefix target/npm {package}"));
    }
    script
}

/// A folder that an edge serves, and a browser that shows a page of it with a player.
struct Stage {
    sandbox: Sandbox,
    edge: Edge,
    browser: Browser,
    script: String,
}

impl Stage {
    /// `media` is a line for the shell that makes the files, in the folder `media`.
    fn new(script: String, media: &str) -> Self {
        let sandbox = Sandbox::new();
        let line = format!("mkdir media served; cd media; {media}");
        stdout_of(&mut sandbox.shell(&line));
        sandbox.write("media/page.html", "<!doctype html><video muted></video>");
        let edge = Edge::start(&sandbox.join("served"), &sandbox.join("rsa2048-public.pem"));
        let browser = Browser::start(&sandbox);
        let mut stage = Stage {
            sandbox,
            edge,
            browser,
            script,
        };
        stage.shell("cp -r media/. served");
        stage
    }

    /// A line for the shell, in which `EDGE` is the edge's URL.
    fn shell(&mut self, line: &str) -> String {
        let url = &self.edge.url;
        let line = line.replace("EDGE", url).replace("SIGNING", SIGNING);
        stdout_of(&mut self.sandbox.shell(&line))
            .trim_end()
            .to_owned()
    }

    /// The URL of a file with a signature for the whole folder.
    fn signed(&mut self, name: &str) -> String {
        self.shell(&format!("cfsign url 'EDGE/{name}' -r 'EDGE/*' SIGNING"))
    }

    /// Has `/login` answer with these `Set-Cookie` lines.
    fn log_in(&mut self, set_cookie: &str) {
        let headers = set_cookie.lines().filter_map(|line| line.split_once(": "));
        let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.browser.login = owned.collect();
    }

    /// Plays a URL on a page of its own; returns what happened, and the answers of the edge.
    fn play(&mut self, player: &str, url: &str) -> (String, Vec<Answer>) {
        let page = self.signed("page.html");
        self.browser.open(&page);
        let script = self.script.clone();
        self.browser.evaluate(&format!("{script}; 0"));
        self.edge.take_answers();
        let result = self.browser.evaluate(&player.replace("URL", url));
        let mut answers = self.edge.take_answers();
        answers.retain(|answer| answer.path != "/favicon.ico");
        (result.as_str().unwrap().to_owned(), answers)
    }

    /// Plays a URL to the end of its four seconds without a denied request.
    fn plays(&mut self, player: &str, url: &str, what: &str) {
        let (result, answers) = self.play(player, url);
        assert_eq!(result, "played 4 s", "{what}: {answers:?}");
        assert!(
            answers.iter().all(|answer| answer.status < 400),
            "{what}: {answers:?}"
        );
        let mut files: Vec<&str> = answers.iter().map(|answer| answer.path.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        println!(
            "{what}: {} requests for {} files, none denied",
            answers.len(),
            files.len()
        );
    }
}

#[test]
fn hls_js() {
    let Some(script) = script("hls.js", "dist/hls.min.js") else {
        return;
    };
    let mut stage = Stage::new(script, &format!("ffmpeg -v error {CLIP} {HLS}"));
    let base = "--base-url EDGE/master.m3u8";

    let signed_master = stage.signed("master.m3u8");
    let (result, answers) = stage.play(HLS_JS, "/master.m3u8");
    assert_eq!(result, "manifestLoadError", "{answers:?}");
    let (result, answers) = stage.play(HLS_JS, &signed_master);
    assert_eq!(result, "levelLoadError", "{answers:?}");

    for how in ["", "--each"] {
        stage.shell(&format!(
            "cfsign playlist media/master.m3u8 {base} SIGNING {how} --recursive --out served"
        ));
        stage.plays(HLS_JS, &signed_master, &format!("playlist {how}"));
    }
    stage.shell(&format!(
        "cfsign playlist media/master.m3u8 {base} -q --query-variables --recursive --out served"
    ));
    stage.plays(HLS_JS, &signed_master, "playlist --query-variables");

    // Two viewers, one file: another signature in the URL is another signature on every request.
    let other = "-k KOTHERVIEWER00 -p p256-pkcs8.pem --hash sha1 -q -e 2h";
    let other = stage.shell(&format!("cfsign url EDGE/master.m3u8 -r 'EDGE/*' {other}"));
    let (_, answers) = stage.play(HLS_JS, &other);
    assert!(
        answers.iter().all(|answer| answer.status == 403),
        "{answers:?}"
    );

    stage.shell("cp -r media/. served");
    let cookies = stage.shell("cfsign cookies 'EDGE/*' SIGNING");
    stage.log_in(&cookies);
    let login = format!("{}/login", stage.edge.url);
    stage.browser.open(&login);
    stage.plays(HLS_JS, "/master.m3u8", "cookies");
}

/// A packager rewrites its playlist every second, and cfsign after it; the player reloads it by its signed URL.
#[test]
fn hls_js_live() {
    let Some(script) = script("hls.js", "dist/hls.min.js") else {
        return;
    };
    let mut stage = Stage::new(script, &format!("ffmpeg -v error {CLIP} {HLS}"));
    let playlist = text(&stage.sandbox.read("media/0/v.m3u8"));
    let playlist = playlist.replace("#EXT-X-PLAYLIST-TYPE:VOD\n", "");
    // Up to the first segment, then two lines a segment.
    let lines: Vec<&str> = playlist.lines().collect();
    let head = lines
        .iter()
        .position(|line| line.starts_with("#EXTINF"))
        .unwrap();
    let base = "--base-url EDGE/0/v.m3u8";
    let publish = |stage: &mut Stage, segments: usize| {
        let mut end = head + 2 * segments;
        if segments == 4 {
            end += 1;
        }
        stage
            .sandbox
            .write("live.m3u8", lines[..end].join("\n") + "\n");
        stage.shell(&format!(
            "cfsign playlist live.m3u8 {base} -q --query-variables -o served/0/v.m3u8"
        ));
    };
    publish(&mut stage, 2);
    let url = stage.signed("0/v.m3u8");
    let page = stage.signed("page.html");
    stage.browser.open(&page);
    let script = stage.script.clone();
    stage.browser.evaluate(&format!("{script}; 0"));
    stage.edge.take_answers();
    let player = HLS_JS.replace("URL", &url);
    stage
        .browser
        .evaluate(&format!("globalThis.result = {player}; 0"));
    for segments in 3..=4 {
        thread::sleep(Duration::from_secs(1));
        publish(&mut stage, segments);
    }
    let result = stage.browser.evaluate("globalThis.result");
    let answers = stage.edge.take_answers();
    assert_eq!(result, "played 4 s", "{answers:?}");
    assert!(
        answers.iter().all(|answer| answer.status < 400),
        "{answers:?}"
    );
    let reloads = answers
        .iter()
        .filter(|answer| answer.path == "/0/v.m3u8")
        .count();
    assert!(reloads >= 3, "{answers:?}");
    println!(
        "live playlist: {} requests, {reloads} of them for the playlist, none denied",
        answers.len()
    );
}

#[test]
fn shaka_player() {
    let Some(script) = script("shaka-player", "dist/shaka-player.compiled.js") else {
        return;
    };
    let media = format!("ffmpeg -v error {CLIP} -f dash -seg_duration 1 a.mpd");
    let mut stage = Stage::new(script, &media);
    let manifest = stage.signed("a.mpd");
    let (result, answers) = stage.play(SHAKA, &manifest);
    assert!(result.starts_with("error 1"), "{result}: {answers:?}");
    for how in ["SIGNING", "SIGNING --each", "-q --query-variables"] {
        stage.shell(&format!(
            "cfsign playlist media/a.mpd --base-url EDGE/a.mpd {how} -o served/a.mpd"
        ));
        stage.plays(SHAKA, &manifest, &format!("DASH playlist {how}"));
    }
}

/// Two sets of cookies in one browser, told apart by their paths, until they are cleared.
#[test]
fn cookie_sets() {
    if !is_here("chromium", "sets of cookies in Chromium") {
        return;
    }
    let mut stage = Stage::new(String::new(), "mkdir a b c; touch a/x b/x c/x");
    let page = stage.signed("page.html");
    stage.browser.open(&page);
    let resources = "'EDGE/a/*' 'EDGE/b/*'";
    let sets = stage.shell(&format!("cfsign cookies {resources} SIGNING"));
    let cleared = stage.shell(&format!("cfsign cookies {resources} --clear -q"));
    for (set_cookie, sent, statuses) in [
        (sets, ["a", "b", ""], [200, 200, 403]),
        (cleared, ["", "", ""], [403, 403, 403]),
    ] {
        stage.log_in(&set_cookie);
        stage
            .browser
            .evaluate("fetch('/login').then(answer => answer.status)");
        for ((folder, sent), status) in ["a", "b", "c"].iter().zip(sent).zip(statuses) {
            let cookies = stage
                .browser
                .cookies(&format!("{}/{folder}/x", stage.edge.url));
            assert!(
                cookies
                    .iter()
                    .all(|cookie| cookie["path"] == format!("/{sent}/")),
                "{cookies:?}"
            );
            assert_eq!(
                cookies.len(),
                if sent.is_empty() { 0 } else { 3 },
                "{folder}: {cookies:?}"
            );
            let fetch = format!(
                "fetch('/{folder}/x', {{cache: 'no-store'}}).then(answer => answer.status)"
            );
            assert_eq!(stage.browser.evaluate(&fetch), status, "{folder}");
        }
    }
}
