//! Players of the web, in a browser, from a server that refuses unsigned requests: hls.js, Shaka
//! Player and dash.js.
//!
//! They are npm packages: `npm install --prefix target/npm hls.js shaka-player dashjs`.
#![expect(
    clippy::print_stdout,
    reason = "the number of requests is of interest to a reader of the log"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
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

const DASH_JS: &str = "new Promise(resolve => {
    const video = document.querySelector('video');
    const end = error => resolve(error || `played ${Math.round(video.currentTime)} s`);
    const player = dashjs.MediaPlayer().create();
    player.on('error', event => end(`error ${event.error.code}`));
    player.initialize(video, 'URL', true);
    player.on('playbackEnded', () => end());
    setTimeout(() => end('too slow'), 40000);
})";
/// Plays until the second reload of the playlist, and says which of its requests had a directive.
const HLS_JS_LOW_LATENCY: &str = "new Promise(resolve => {
    const video = document.querySelector('video');
    const hls = new Hls({ lowLatencyMode: true });
    const end = () => { hls.destroy(); resolve(requested('_HLS_msn')); };
    hls.on(Hls.Events.ERROR, (_, error) => error.fatal && resolve(error.details));
    hls.on(Hls.Events.LEVEL_UPDATED, () => requested('_HLS_msn') > 1 && end());
    hls.loadSource('URL');
    hls.attachMedia(video);
    video.play();
    setTimeout(end, 20000);
})";
/// Plays until the first asset of an interstitial has played.
const HLS_JS_INTERSTITIAL: &str = "new Promise(resolve => {
    const video = document.querySelector('video');
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, error) => error.fatal && resolve(error.details));
    hls.on(Hls.Events.INTERSTITIAL_ASSET_ENDED, () => resolve(requested('_HLS_primary_id')));
    hls.loadSource('URL');
    hls.attachMedia(video);
    video.play();
    setTimeout(() => resolve('too slow'), 40000);
})";
/// The number of requests of the page whose query contains a text.
const REQUESTED: &str = "globalThis.requested = text => performance.getEntriesByType('resource')
    .filter(entry => entry.name.includes(text)).length; 0";

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
        self.browser.evaluate(REQUESTED);
        self.edge.take_answers();
        let result = self.browser.evaluate(&player.replace("URL", url));
        let mut answers = self.edge.take_answers();
        answers.retain(|answer| answer.path != "/favicon.ico");
        (
            result.as_str().map_or(result.to_string(), str::to_owned),
            answers,
        )
    }

    /// The number of requests since the page was opened whose URL contains a text.
    fn requested(&mut self, text: &str) -> u64 {
        let count = self.browser.evaluate(&format!("requested('{text}')"));
        count.as_u64().unwrap()
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

/// A packager rewrites its playlist every second, and cfsign after it; the player reloads it by its
/// signed URL.
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

/// Content steering: the player adds the pathway to the URL of the steering manifest.
#[test]
fn content_steering() {
    let Some(script) = script("hls.js", "dist/hls.min.js") else {
        return;
    };
    let steer = r#"{"VERSION":1,"TTL":300,"PATHWAY-PRIORITY":["A"]}"#;
    let tag = r#"#EXT-X-CONTENT-STEERING:SERVER-URI="steer.json",PATHWAY-ID="A""#;
    let sed =
        format!(r#"sed -i -e '2i {tag}' -e 's/BANDWIDTH=/PATHWAY-ID="A",BANDWIDTH=/' master.m3u8"#);
    let media = format!("ffmpeg -v error {CLIP} {HLS}; {sed}; echo '{steer}' > steer.json");
    let mut stage = Stage::new(script, &media);
    let master = stage.signed("master.m3u8");
    for how in ["", "--each"] {
        stage.shell(&format!(
            "cfsign playlist media/master.m3u8 --base-url EDGE/ SIGNING {how} --recursive --out served"
        ));
        stage.plays(HLS_JS, &master, &format!("steering {how}"));
        assert!(stage.requested("_HLS_pathway=A") > 0, "{how}");
    }
}

/// An asset list and its playlist, to which the player adds the ID of the session.
#[test]
fn interstitials() {
    let Some(script) = script("hls.js", "dist/hls.min.js") else {
        return;
    };
    let date = "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z";
    let range = r#"#EXT-X-DATERANGE:ID="1",CLASS="com.apple.hls.interstitial",START-DATE="2026-01-01T00:00:00Z",X-ASSET-LIST="ads.json",X-RESUME-OFFSET=0"#;
    let edit =
        format!("sed -i -e '/TARGETDURATION/a {date}' -e '/TARGETDURATION/a {range}' 0/v.m3u8");
    let list = r#"{"ASSETS":[{"URI":"../ad/master.m3u8","DURATION":4}]}"#;
    let media = format!(
        "ffmpeg -v error {CLIP} {HLS}; mkdir ad; cp -r 0 master.m3u8 ad; {edit}; echo '{list}' > 0/ads.json"
    );
    let mut stage = Stage::new(script, &media);
    let master = stage.signed("master.m3u8");
    for how in ["", "--each"] {
        stage.shell(&format!(
            "cfsign playlist media/master.m3u8 --base-url EDGE/ SIGNING {how} --recursive --out served"
        ));
        let (result, answers) = stage.play(HLS_JS_INTERSTITIAL, &master);
        assert!(
            result.parse().is_ok_and(|count: u64| count > 0),
            "{how}: {result} {answers:?}"
        );
        assert!(
            answers.iter().all(|answer| answer.status < 400),
            "{how}: {answers:?}"
        );
        for path in ["/0/ads.json", "/ad/master.m3u8", "/ad/0/3.m4s"] {
            assert!(
                answers.iter().any(|answer| answer.path == path),
                "{path}: {answers:?}"
            );
        }
    }
}

/// A live playlist of a master, which the player reloads with delivery directives.
#[test]
fn low_latency() {
    let Some(script) = script("hls.js", "dist/hls.min.js") else {
        return;
    };
    let live = "sed -i -e '/ENDLIST/d' -e '/PLAYLIST-TYPE/d' \
        -e '/TARGETDURATION/a #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3' \
        -e '/TARGETDURATION/a #EXT-X-PART-INF:PART-TARGET=1' 0/v.m3u8";
    let mut stage = Stage::new(script, &format!("ffmpeg -v error {CLIP} {HLS}; {live}"));
    let master = stage.signed("master.m3u8");
    for how in ["", "--each"] {
        stage.shell(&format!(
            "cfsign playlist media/master.m3u8 --base-url EDGE/ SIGNING {how} --recursive --out served"
        ));
        let (result, answers) = stage.play(HLS_JS_LOW_LATENCY, &master);
        assert!(
            result.parse().is_ok_and(|count: u64| count > 0),
            "{how}: {result} {answers:?}"
        );
        assert!(
            answers.iter().all(|answer| answer.status < 400),
            "{how}: {answers:?}"
        );
    }
}

/// A server that is not the distribution: it has nothing, and remembers what it was asked.
struct Stranger {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                log.lock().unwrap().push(line);
                let _ = (&stream).write_all(
                    b"HTTP/1.1 404 Not Found\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                );
            }
        });
        Stranger { url, requests }
    }
}

/// A manifest whose second period is on another host, which must see no signature.
#[test]
fn an_ad_period_on_another_host() {
    let Some(script) = script("shaka-player", "dist/shaka-player.compiled.js") else {
        return;
    };
    let stranger = Stranger::start();
    let ad = format!(
        "sed -e '/<Period/,/<.Period>/!d' -e 's|<Period[^>]*>|<Period id=\"ad\" duration=\"PT4S\"><BaseURL>{}/</BaseURL>|' a.mpd > ad",
        stranger.url
    );
    let media = format!(
        "ffmpeg -v error {CLIP} -f dash -seg_duration 1 a.mpd; \
         sed -i -e 's/<Period [^>]*>/<Period id=\"0\" duration=\"PT4S\">/' a.mpd; \
         {ad}; sed -i -e '/<.Period>/r ad' -e 's/mediaPresentationDuration=\"[^\"]*\"/mediaPresentationDuration=\"PT8S\"/' a.mpd"
    );
    let mut stage = Stage::new(script, &media);
    let manifest = stage.signed("a.mpd");
    for how in ["SIGNING", "SIGNING --each", "-q --query-variables"] {
        stage.shell(&format!(
            "cfsign playlist media/a.mpd --base-url EDGE/a.mpd {how} -o served/a.mpd"
        ));
        let (result, answers) = stage.play(SHAKA, &manifest);
        let asked = std::mem::take(&mut *stranger.requests.lock().unwrap());
        assert!(!asked.is_empty(), "{how}: {result} {answers:?}");
        assert!(
            asked
                .iter()
                .all(|request| !request.contains("Signature") && !request.contains("Policy")),
            "{how}: {asked:?}"
        );
        assert!(
            answers.iter().all(|answer| answer.status < 400),
            "{how}: {answers:?}"
        );
        assert!(
            answers.iter().any(|answer| answer.path.ends_with(".m4s")),
            "{how}: {answers:?}"
        );
    }
}

#[test]
fn dash_js() {
    let Some(script) = script("dashjs", "dist/modern/umd/dash.all.min.js") else {
        return;
    };
    let steer = r#"{"VERSION":1,"TTL":300,"PATHWAY-PRIORITY":["a"]}"#;
    let element = r#"<BaseURL serviceLocation="a">./</BaseURL><ContentSteering defaultServiceLocation="a" queryBeforeStart="true">steer.json</ContentSteering>"#;
    let media = format!(
        "ffmpeg -v error {CLIP} -f dash -seg_duration 1 a.mpd; echo '{steer}' > steer.json; \
         sed -i -e '0,/<Period/s|<Period|{element}&|' a.mpd"
    );
    let mut stage = Stage::new(script, &media);
    let manifest = stage.signed("a.mpd");
    for how in ["SIGNING", "SIGNING --each"] {
        stage.shell(&format!(
            "cfsign playlist media/a.mpd --base-url EDGE/a.mpd {how} -o served/a.mpd"
        ));
        stage.plays(DASH_JS, &manifest, &format!("dash.js {how}"));
        assert!(stage.requested("steer.json?") > 0, "{how}");
    }
}

/// A font for subtitles (DVB), which dash.js loads. Shaka Player 5.2 does not decode the `&amp;` in
/// its URL, so there a font needs cookies.
#[test]
fn a_font_for_subtitles() {
    let Some(script) = script("dashjs", "dist/modern/umd/dash.all.min.js") else {
        return;
    };
    let font = r#"<SupplementalProperty schemeIdUri="urn:dvb:dash:fontdownload:2014" value="1" dvb:url="a.woff" dvb:fontFamily="a" dvb:mimeType="application/font-woff"/>"#;
    let subtitles = format!(
        r#"<AdaptationSet contentType="text" mimeType="text/vtt" lang="en">{font}<Representation id="t" bandwidth="1"><BaseURL>a.vtt</BaseURL></Representation></AdaptationSet>"#
    );
    let media = format!(
        "ffmpeg -v error {CLIP} -f dash -seg_duration 1 a.mpd; echo font > a.woff; \
         printf 'WEBVTT\n\n00:00.000 --> 00:04.000\na\n' > a.vtt; \
         sed -i -e 's|</Period>|{subtitles}&|' \
             -e 's|<MPD|& xmlns:dvb=\"urn:dvb:dash:dash-extensions:2014-1\"|' a.mpd"
    );
    let mut stage = Stage::new(script, &media);
    let manifest = stage.signed("a.mpd");
    for how in ["SIGNING", "SIGNING --each"] {
        stage.shell(&format!(
            "cfsign playlist media/a.mpd --base-url EDGE/a.mpd {how} -o served/a.mpd"
        ));
        stage.plays(DASH_JS, &manifest, &format!("dash.js and a font {how}"));
        assert_eq!(stage.requested("/a.woff?"), 1, "{how}");
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
