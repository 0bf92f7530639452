//! Cookies in a real client: curl sends what `cfsign cookies` made, and only where it should.

use std::fs;

use crate::common::edge::Edge;
use crate::common::{Sandbox, is_here, stdout_of};

#[test]
fn curl_sends_the_cookies() {
    if !is_here("curl", "cookies in curl") {
        return;
    }
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.join("served/videos")).unwrap();
    sandbox.write("served/videos/a.mp4", "video");
    sandbox.write("served/other.mp4", "other");
    let edge = Edge::start(&sandbox.join("served"), &sandbox.join("p256-public.pem"));
    let url = &edge.url;
    let cookies = |resource: &str, flags: &str| {
        let signing = "-k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 1h --quiet";
        let line = format!("cfsign cookies '{url}{resource}' {signing} {flags}");
        stdout_of(&mut sandbox.shell(&line))
    };
    let curl = |arguments: &str| {
        stdout_of(&mut sandbox.shell(&format!("curl --silent --noproxy '*' {arguments}")))
    };

    // A cookie of a jar goes to its path only; the answer to a request without any is MissingKey.
    let jar = cookies("/videos/*", "--format netscape --no-secure --path /videos/");
    sandbox.write("jar", jar);
    assert_eq!(curl(&format!("--cookie jar {url}/videos/a.mp4")), "video");
    let other = curl(&format!("--cookie jar {url}/other.mp4"));
    assert!(other.contains("<Code>MissingKey</Code>"), "{other}");

    let secure = cookies("/videos/*", "--format netscape").replace("127.0.0.1", "cdn.example.com");
    sandbox.write("secure-jar", secure);
    let address = url.strip_prefix("http://").unwrap();
    let other = curl(&format!(
        "--cookie secure-jar --connect-to cdn.example.com:80:{address} http://cdn.example.com/videos/a.mp4"
    ));
    assert!(other.contains("<Code>MissingKey</Code>"), "{other}");

    let header = cookies("/videos/*", "--format cookie");
    assert_eq!(
        curl(&format!(
            "--header '{}' {url}/videos/a.mp4",
            header.trim_end()
        )),
        "video"
    );
    for resource in ["/videos/a.mp4", "/videos/*"] {
        let command = cookies(resource, "--format curl");
        let command = command.trim_end().strip_prefix("curl ").unwrap();
        let target = match resource.contains('*') {
            true => format!("{url}/videos/a.mp4"),
            false => String::new(),
        };
        assert_eq!(curl(&format!("{command} {target}")), "video", "{command}");
    }

    // The command has curl leave the path as it is, and no bracket is a range.
    let command = cookies("/videos/*", "--format curl");
    let command = command.trim_end().strip_prefix("curl ").unwrap();
    edge.take_answers();
    curl(&format!("{command} '{url}/videos/[1]/../a'"));
    let answers = edge.take_answers();
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (answers[0].status, answers[0].path.as_str()),
        (404, "/videos/[1]/../a")
    );
}
