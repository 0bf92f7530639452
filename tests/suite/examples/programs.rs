//! Runs everything in `examples/`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::edge::Edge;
use crate::common::{
    CFSIGN, Sandbox, is_here, openssl_is_here, openssl_verifies, parameter, root, skipped,
    stdout_of, text,
};

/// The canned policy over a URL that ends with the signing parameters.
fn canned_policy(signed: &str) -> String {
    let resource = signed.split(['?', '&']).next().unwrap();
    let own: Vec<&str> = signed
        .trim_end()
        .split_once('?')
        .unwrap()
        .1
        .split('&')
        .filter(|part| part.starts_with("response-"))
        .collect();
    let resource = if own.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}?{}", own.join("&"))
    };
    format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#,
        parameter(signed, "Expires")
    )
}

fn verified(sandbox: &Sandbox, signed: &str) -> bool {
    openssl_verifies(
        sandbox,
        "rsa2048-public.pem",
        "-sha1",
        &canned_policy(signed),
        signed,
    )
}

#[test]
fn quickstart() {
    let sandbox = Sandbox::new();
    let script = root().join("examples/quickstart.sh");
    let said = stdout_of(
        sandbox
            .shell(&format!("sh '{}'", script.display()))
            .env("CFSIGN", CFSIGN),
    );
    if openssl_is_here("the signature of the quickstart") {
        assert!(said.contains("\nVerified OK\n"), "{said}");
    }
    let after = |heading: &str| {
        let (_, rest) = said.split_once(&format!("\n{heading}\n")).unwrap();
        rest.lines().next().unwrap()
    };
    let signed = after("the signed URL:");
    assert!(
        signed.starts_with("https://d111111abcdef8.cloudfront.net/image.jpg?Expires="),
        "{said}"
    );
    assert!(said.contains(&canned_policy(signed)), "{said}");
    assert_eq!(after("cfsign is"), CFSIGN);
    assert!(said.contains("\nnext:\n  cargo install "), "{said}");
}

/// A line for the shell, in which `{examples}` is the folder, with the key pair ID and the key in
/// the environment.
fn with_key(sandbox: &Sandbox, line: &str) -> Command {
    let mut command =
        sandbox.shell(&line.replace("{examples}", &root().join("examples").display().to_string()));
    command
        .env("CFSIGN_KEY_PAIR_ID", "K2JCJMDEHXQW5F")
        .env("CFSIGN_PRIVATE_KEY", "rsa2048-pkcs8.pem");
    command
}

#[test]
fn download_links() {
    if !openssl_is_here("the signatures of the download links") {
        return;
    }
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.join("dist/docs")).unwrap();
    sandbox.write("dist/app.zip", "");
    sandbox.write("dist/docs/read me.txt", "");
    let line = "sh '{examples}/download-links.sh' dist https://h.example/builds/42";
    let said = stdout_of(&mut with_key(&sandbox, line));
    let links: Vec<&str> = said.lines().collect();
    let disposition = "?response-content-disposition=attachment%3B%20filename%3D%22";
    for (link, beginning) in links.iter().zip([
        format!("- [app.zip](https://h.example/builds/42/app.zip{disposition}app.zip%22&Expires="),
        format!(
            "- [docs/read me.txt](https://h.example/builds/42/docs/read%20me.txt{disposition}read%20me.txt%22&Expires="
        ),
    ]) {
        assert!(link.starts_with(&beginning), "{link}");
        assert!(verified(&sandbox, link.split_once("](").unwrap().1.trim_end_matches(')')), "{link}");
    }
    assert_eq!(links.len(), 2);
}

/// The README runs the table too; here openssl looks at the signatures.
#[test]
fn customers() {
    if !openssl_is_here("the signatures of the customers' links") {
        return;
    }
    let sandbox = Sandbox::new();
    let line = "cfsign batch '{examples}/customers.csv' --expires 30d --now 2026-12-01 --to jsonl";
    let said = stdout_of(&mut with_key(&sandbox, line));
    let condition = r#""Condition":{"DateLessThan":{"AWS:EpochTime""#;
    let rows: Vec<&str> = said.lines().collect();
    for (row, (customer, name, conditions)) in rows.iter().zip([
        ("Baker, Ann", "ann", "1801353600}"),
        (
            "Chen & Sons",
            "chen",
            r#"1814356800},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}"#,
        ),
        ("Ødegård AS", "odegard", "1798675200}"),
    ]) {
        assert!(
            row.starts_with(&format!(r#"{{"customer":"{customer}","#)),
            "{row}"
        );
        let url = format!("https://d111111abcdef8.cloudfront.net/reports/{name}.pdf");
        let signed = row
            .split_once(r#""signed_url":""#)
            .unwrap()
            .1
            .trim_end_matches("\"}");
        assert!(signed.starts_with(&format!("{url}?")), "{signed}");
        let policy =
            format!(r#"{{"Statement":[{{"Resource":"{url}",{condition}:{conditions}}}}}]}}"#);
        assert!(
            openssl_verifies(&sandbox, "rsa2048-public.pem", "-sha1", &policy, signed),
            "{row}"
        );
    }
    assert_eq!(rows.len(), 3);
}

#[test]
fn gnu_parallel() {
    let version = Command::new("parallel").arg("--version").output();
    if !version.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel")) {
        return skipped("examples/gnu-parallel.sh", "GNU parallel is not installed");
    }
    if !openssl_is_here("the signatures of GNU parallel's blocks") {
        return;
    }
    let sandbox = Sandbox::new();
    let urls: Vec<String> = (1..=3)
        .map(|number| format!("https://h.example/{number}"))
        .collect();
    sandbox.write("urls.txt", urls.join("\n") + "\n");
    let line = "sh '{examples}/gnu-parallel.sh' < urls.txt | gzip -d";
    let said = stdout_of(&mut with_key(&sandbox, line));
    assert_eq!(said.lines().count(), urls.len());
    for (signed, url) in said.lines().zip(urls) {
        assert!(signed.starts_with(&format!("{url}?Expires=")), "{signed}");
        assert!(verified(&sandbox, signed), "{signed}");
    }
}

/// The last step of the job, as the runner would run it.
#[test]
fn github_actions() {
    if !openssl_is_here("the signatures of the GitHub Actions job") {
        return;
    }
    let job = fs::read_to_string(root().join("examples/github-actions.yml")).unwrap();
    let (_, script) = job.split_once("        run: |\n").unwrap();
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.join("dist")).unwrap();
    sandbox.write("dist/app.zip", "");
    sandbox.write("dist/read me.txt", "");
    let mut command = sandbox.shell(script);
    command
        .env("GITHUB_STEP_SUMMARY", "summary.md")
        .env("PREFIX", "https://h.example/builds/0a1b2c");
    command
        .env("CFSIGN_KEY_PAIR_ID", "K2JCJMDEHXQW5F")
        .env("CFSIGN_PRIVATE_KEY", "env:CLOUDFRONT_PRIVATE_KEY");
    command.env(
        "CLOUDFRONT_PRIVATE_KEY",
        text(&sandbox.read("rsa2048-pkcs1.pem")),
    );
    assert_eq!(stdout_of(&mut command), "");
    let summary = text(&sandbox.read("summary.md"));
    let links: Vec<&str> = summary.lines().collect();
    assert!(
        links[0].starts_with("- [app.zip](https://h.example/builds/0a1b2c/app.zip?Expires="),
        "{summary}"
    );
    assert!(
        links[1]
            .starts_with("- [read me.txt](https://h.example/builds/0a1b2c/read%20me.txt?Expires="),
        "{summary}"
    );
    assert!(
        links.iter().all(|link| verified(
            &sandbox,
            link.split_once("](").unwrap().1.trim_end_matches(')')
        )),
        "{summary}"
    );
    assert_eq!(links.len(), 2);
}

#[test]
fn kms() {
    if !openssl_is_here("the signatures of the KMS example") {
        return;
    }
    let sandbox = Sandbox::new();
    let mocks = root().join("tests/mocks");
    let script = root().join("examples/kms.sh");
    let line = format!(
        "PATH='{}':$PATH; sh '{}' https://h.example/a.zip https://h.example/b.zip",
        mocks.display(),
        script.display()
    );
    let mut command = sandbox.shell(&line);
    let said = stdout_of(
        command
            .env("CFSIGN_KEY_PAIR_ID", "K2JCJMDEHXQW5F")
            .env("KMS_KEY", "alias/cloudfront"),
    );
    let urls: Vec<&str> = said.lines().collect();
    for (url, name) in urls.iter().zip(["a.zip", "b.zip"]) {
        assert!(
            url.starts_with(&format!("https://h.example/{name}?Expires=")),
            "{url}"
        );
        assert!(
            openssl_verifies(
                &sandbox,
                "rsa2048-public.pem",
                "-sha256",
                &canned_policy(url),
                url
            ),
            "{url}"
        );
    }
    assert_eq!(urls.len(), 2);
}

#[test]
fn library() {
    if !openssl_is_here("the signatures of the library example") {
        return;
    }
    let sandbox = Sandbox::new();
    // cargo builds the examples before it runs the tests, beside the binary.
    let example = Path::new(CFSIGN).with_file_name("examples").join("library");
    let said = stdout_of(Command::new(example).arg(sandbox.join("rsa2048-pkcs8.pem")));
    let urls: Vec<&str> = said.lines().collect();
    assert_eq!(urls.len(), 3);
    assert!(verified(&sandbox, urls[0]), "{said}");
    for (url, name) in urls[1..].iter().zip(["intro.mp4", "outro.mp4"]) {
        assert!(
            url.starts_with(&format!(
                "https://d111111abcdef8.cloudfront.net/videos/{name}?Policy="
            )),
            "{url}"
        );
        let policy = text(&crate::common::from_cloudfront_base64(parameter(
            url, "Policy",
        )));
        assert!(
            policy.starts_with(
                r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/videos/*","#
            ),
            "{policy}"
        );
        assert!(
            openssl_verifies(&sandbox, "rsa2048-public.pem", "-sha1", &policy, url),
            "{url}"
        );
    }
}

/// A line for the shell with the key pair ID in the environment, and programs that stand in for
/// secret stores and AWS.
fn with_stores(sandbox: &Sandbox, line: &str) -> Command {
    let stores = root().join("tests/mocks/stores");
    let line = format!("PATH='{}':$PATH; {line}", stores.display());
    let mut command = with_key(sandbox, &line);
    command.env_remove("CFSIGN_PRIVATE_KEY");
    command
}

#[test]
fn secret_stores() {
    if !openssl_is_here("the signatures with keys from secret stores") {
        return;
    }
    let sandbox = Sandbox::new();
    for store in ["secrets-manager", "parameter-store", "1password", "vault"] {
        let line = format!("sh '{{examples}}/secret-stores.sh' {store} https://h.example/a.zip");
        let signed = stdout_of(&mut with_stores(&sandbox, &line));
        assert!(verified(&sandbox, &signed), "{store}: {signed}");
    }
}

#[test]
fn s3_listing() {
    if !is_here("jq", "the S3 listing") || !openssl_is_here("the signatures of the S3 listing") {
        return;
    }
    let sandbox = Sandbox::new();
    let listing = r#"{"Contents": [{"Key": "builds/42/a.zip", "Size": 1}, {"Key": "builds/42/b c+d*?#%é.zip"}]}"#;
    sandbox.write("listing.json", listing);
    let line = "CFSIGN_PRIVATE_KEY=rsa2048-pkcs8.pem sh '{examples}/s3-listing.sh' my-bucket builds/42/ https://h.example 2> warnings.txt";
    let said = stdout_of(&mut with_stores(&sandbox, line));
    let urls: Vec<&str> = said.lines().collect();
    let names = ["a.zip", "b%20c%2Bd%2A%3F%23%25%C3%A9.zip"];
    assert_eq!(urls.len(), names.len(), "{said}");
    for (url, name) in urls.iter().zip(names) {
        let start = format!("https://h.example/builds/42/{name}?Expires=");
        assert!(url.starts_with(&start), "{url}");
        assert!(verified(&sandbox, url), "{url}");
    }
    let warnings = text(&sandbox.read("warnings.txt"));
    assert!(
        warnings.contains("aiohttp contain * in place of %2A"),
        "{warnings}"
    );
}

#[test]
fn rotate_key() {
    if !is_here("jq", "the rotation of a key") {
        return;
    }
    let sandbox = Sandbox::new();
    let group = r#"{"KeyGroup": {"KeyGroupConfig": {"Name": "videos", "Items": ["KOLDKEY0000001"]}}, "ETag": "E1"}"#;
    sandbox.write("group.json", group);
    let links = "cfsign url https://h.example/a https://h.example/b?x=1 -k KOLDKEY0000001 -p rsa2048-pkcs8.pem -e";
    stdout_of(&mut sandbox.shell(&format!("{links} 1h > links.txt; {links} 2h >> links.txt")));
    let line = "sh '{examples}/rotate-key.sh' group-1 links.txt new.pem 2> said.txt";
    let signed = stdout_of(&mut with_stores(&sandbox, line));
    let old = text(&sandbox.read("links.txt"));
    assert_eq!(signed.lines().count(), 4);
    for (new, old) in signed.lines().zip(old.lines()) {
        assert_eq!(new.split('&').next(), old.split('&').next());
        assert_eq!(parameter(new, "Key-Pair-Id"), "KNEWKEY0000001");
        assert_eq!(parameter(new, "Expires"), parameter(old, "Expires"));
        let line =
            format!("cfsign verify '{new}' --public-key KNEWKEY0000001=new.pub.pem > answer.txt");
        stdout_of(&mut sandbox.shell(&line));
    }
    let items = stdout_of(&mut sandbox.shell("jq -c .KeyGroup.KeyGroupConfig.Items group.json"));
    assert_eq!(items, "[\"KOLDKEY0000001\",\"KNEWKEY0000001\"]\n");
    stdout_of(&mut sandbox.shell("jq -j .EncodedKey created.json | cmp - new.pub.pem"));
}

/// Whether CloudFront would allow a request with cookies that were set by a route.
fn cookies_open_the_videos(sandbox: &Sandbox, set_cookie: &str) {
    let attributes = ["Domain=example.com", "HttpOnly", "Path=/videos/", "Secure"];
    let lines: Vec<&str> = set_cookie.lines().collect();
    assert_eq!(lines.len(), 3, "{set_cookie}");
    for line in lines {
        let has_all = attributes.iter().all(|attribute| line.contains(attribute));
        assert!(has_all, "{line}");
    }
    sandbox.write("cookies.txt", set_cookie);
    let request = "https://cdn.example.com/videos/a.mp4 --cookies cookies.txt";
    let verify = format!("cfsign verify {request} --public-key rsa2048-public.pem > answer.txt");
    stdout_of(&mut sandbox.shell(&verify));
}

#[test]
fn express() {
    let modules = root().join("target/npm/node_modules");
    if !is_here("node", "the Express route") || !is_here("curl", "the Express route") {
        return;
    }
    if !modules.join("express").exists() {
        return skipped(
            "the Express route",
            "npm install --prefix target/npm express",
        );
    }
    let sandbox = Sandbox::new();
    let mut command = with_key(&sandbox, "exec node '{examples}/express.js'");
    command.env("NODE_PATH", modules).env("PORT", "0");
    let server = Server::start(command);
    server.opens_the_videos(&sandbox);
}

/// A web server that prints its URL, or a URL below it, when it is ready. It ends with this value.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut url).unwrap();
        let url = url.trim_end().trim_end_matches("/watch").to_owned();
        Server { process, url }
    }

    fn headers(&self, sandbox: &Sandbox, path: &str) -> String {
        let url = format!("{}{path}", self.url);
        let curl = format!("curl --silent --noproxy '*' --output body --dump-header - '{url}'");
        stdout_of(&mut sandbox.shell(&curl))
    }

    /// Checks that the cookies of `/watch` open the videos.
    fn opens_the_videos(&self, sandbox: &Sandbox) {
        let headers = self.headers(sandbox, "/watch");
        let cookies: Vec<String> = headers
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .map(|(_, cookie)| format!("Set-Cookie: {cookie}"))
            .collect();
        cookies_open_the_videos(sandbox, &cookies.join("\n"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn axum() {
    if !is_here("curl", "the axum server") || !openssl_is_here("the URLs of the axum server") {
        return;
    }
    let sandbox = Sandbox::new();
    let example = Path::new(CFSIGN).with_file_name("examples").join("axum");
    let mut command = with_key(&sandbox, &format!("exec '{}'", example.display()));
    command.env("ADDRESS", "127.0.0.1:0");
    let server = Server::start(command);
    server.opens_the_videos(&sandbox);

    let headers = server.headers(&sandbox, "/download/reports/ann.pdf");
    assert!(headers.starts_with("HTTP/1.1 307 "), "{headers}");
    let signed = headers
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap();
    assert!(signed.starts_with("https://cdn.example.com/reports/ann.pdf?Expires="));
    assert!(verified(&sandbox, signed), "{headers}");
    // Decoded, as axum does, the path has a space, which clients would encode.
    let headers = server.headers(&sandbox, "/download/an%20na.pdf");
    assert!(headers.starts_with("HTTP/1.1 400 "), "{headers}");
    let body = text(&sandbox.read("body"));
    assert!(
        body.contains("an na.pdf") && body.contains("percent-encode"),
        "{body}"
    );
}

#[test]
fn django() {
    let sandbox = Sandbox::new();
    let has_django = sandbox
        .shell("python3 -c 'import django'")
        .output()
        .unwrap();
    if !has_django.status.success() {
        return skipped("the Django view", "pip install django");
    }
    sandbox.write(
        "run.py",
        "import sys; sys.path.append(sys.argv[1])
from django.conf import settings; settings.configure()
from django.test import RequestFactory
from django_views import watch
print(watch(RequestFactory().get('/watch')).cookies.output())
",
    );
    let line = "PYTHONDONTWRITEBYTECODE=1 python3 run.py '{examples}'";
    let cookies = stdout_of(&mut with_key(&sandbox, line));
    cookies_open_the_videos(&sandbox, &cookies);
}

#[test]
fn edge() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.join("served/v")).unwrap();
    sandbox.write("served/v/a.txt", "0123456789");
    let edge = Edge::start(&sandbox.join("served"), &sandbox.join("rsa2048-public.pem"));
    let sign = |name: &str, expires: &str| {
        let flags = "-q -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --starts 2020-01-01 -e";
        let line = format!("cfsign url '{}{name}' {flags} {expires}", edge.url);
        let signed = stdout_of(&mut sandbox.shell(&line));
        signed
            .trim_end()
            .strip_prefix(&edge.url)
            .unwrap()
            .to_owned()
    };
    let target = sign("/v/a.txt", "1h");
    let bad = [
        ("unsigned", "/v/a.txt".to_owned(), "MissingKey"),
        ("parameter added", format!("{target}&x=1"), "AccessDenied"),
        ("expired", sign("/v/a.txt", "2021-01-01"), "AccessDenied"),
    ];
    for (what, target, code) in bad {
        let answer = edge.get(&target);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{what}: {answer}");
        assert!(
            answer.contains(&format!("<Code>{code}</Code>")),
            "{what}: {answer}"
        );
        assert!(answer.contains("\r\nx-cause: "), "{what}: {answer}");
    }
    let whole = edge.get(&target);
    assert!(
        whole.starts_with("HTTP/1.1 200 ") && whole.ends_with("\r\n\r\n0123456789"),
        "{whole}"
    );
    let range = format!("{target} HTTP/1.1\r\nRange: bytes=2-4\r\nX:");
    let part = edge.get(&range);
    assert!(
        part.starts_with("HTTP/1.1 206 ") && part.ends_with("\r\n\r\n234"),
        "{part}"
    );
    let outside = edge.get(&sign("/v/../../rsa2048-pkcs8.pem", "1h"));
    assert!(outside.starts_with("HTTP/1.1 404 "), "{outside}");
    let statuses: Vec<u16> = edge
        .take_answers()
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(statuses, [403, 403, 403, 200, 206, 404]);
}
