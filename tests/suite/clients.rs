//! Cookies in a real client: curl sends what `cfsign cookies` made, and only where it should.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use crate::common::{Sandbox, stdout_of, text};

/// Answers `count` requests, each with the `Cookie` header that came with it, and then stops.
fn echo_cookies(count: usize) -> (u16, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        for stream in listener.incoming().take(count) {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map(|line| line.unwrap());
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let cookie = head
                .iter()
                .find_map(|line| line.strip_prefix("Cookie: "))
                .unwrap_or("none");
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{cookie}",
                cookie.len()
            )
            .unwrap();
        }
    });
    (port, server)
}

fn curl_is_here() -> bool {
    let here = Command::new("curl")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !here {
        let line = b"SKIPPED: cookies in curl: curl is not installed\n";
        std::io::stderr().write_all(line).unwrap();
    }
    here
}

#[test]
fn curl_sends_the_cookies() {
    if !curl_is_here() {
        return;
    }
    let sandbox = Sandbox::new();
    let (port, server) = echo_cookies(5);
    let origin = format!("http://127.0.0.1:{port}");
    let cookies = |resource: &str, flags: &str| {
        let line = format!(
            "cfsign cookies '{resource}' -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 1h --now 2026-12-01 --quiet {flags}"
        );
        stdout_of(&mut sandbox.shell(&line))
    };
    let header = cookies(&format!("{origin}/videos/*"), "--format cookie");
    let expected = header.strip_prefix("Cookie: ").unwrap().trim_end();

    // The end is in the past for curl, so the jar holds session cookies.
    sandbox.write(
        "jar",
        cookies(
            &format!("{origin}/videos/*"),
            "--format netscape --no-secure --path /videos/",
        ),
    );
    let with_jar = |path: &str| {
        stdout_of(&mut sandbox.shell(&format!(
            "curl --silent --noproxy '*' --cookie jar '{origin}{path}'"
        )))
    };
    let mut sent: Vec<String> = with_jar("/videos/a.m3u8")
        .split("; ")
        .map(str::to_owned)
        .collect();
    let mut made: Vec<String> = expected.split("; ").map(str::to_owned).collect();
    sent.sort();
    made.sort();
    assert_eq!(sent, made, "curl may order cookies as it likes");
    assert_eq!(with_jar("/other/a.m3u8"), "none");

    sandbox.write(
        "secure-jar",
        cookies(&format!("{origin}/videos/*"), "--format netscape")
            .replace("127.0.0.1", "cdn.example.com"),
    );
    let secure = format!(
        "curl --silent --noproxy '*' --cookie secure-jar --connect-to cdn.example.com:80:127.0.0.1:{port} http://cdn.example.com/videos/a"
    );
    assert_eq!(stdout_of(&mut sandbox.shell(&secure)), "none");

    let command = cookies(&format!("{origin}/videos/a.mp4"), "--format curl");
    let canned = cookies(&format!("{origin}/videos/a.mp4"), "--format cookie");
    let line = command
        .trim_end()
        .replacen("curl", "curl --silent --noproxy '*'", 1);
    assert_eq!(
        stdout_of(&mut sandbox.shell(&line)),
        canned.strip_prefix("Cookie: ").unwrap().trim_end()
    );
    let line = cookies(&format!("{origin}/videos/*"), "--format curl")
        .trim_end()
        .replacen("curl", "curl --silent --noproxy '*'", 1);
    let output = sandbox
        .shell(&format!("{line} '{origin}/videos/[1]/../a'"))
        .output()
        .unwrap();
    assert_eq!(text(&output.stdout), expected);
    server.join().unwrap();
}
