//! What clients send: every class of characters and escapes, in a path and in a query, requested
//! from a server that records the request lines. What is signed without a warning arrives as it was
//! signed, and a warning is true of the client that it names.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use cfsign::UnsignedUrl;
use cfsign::url::ClientChange;
use cfsign::url::percent::{encode, encode_component};

use crate::common::{Sandbox, is_here, outcome, skipped};

/// A server that answers every request, and the targets of the requests by the number that each
/// path begins with.
struct Recorder {
    origin: String,
    targets: Arc<Mutex<BTreeMap<usize, String>>>,
}

impl Recorder {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let targets = Arc::<Mutex<BTreeMap<usize, String>>>::default();
        let recorded = Arc::clone(&targets);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let recorded = Arc::clone(&recorded);
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    let mut line = String::new();
                    while reader.read_line(&mut line).unwrap_or(0) > 0 {
                        let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                        let number = target.split('/').nth(1).and_then(|n| n.parse().ok());
                        if let Some(number) = number {
                            recorded.lock().unwrap().insert(number, target);
                        }
                        while line.trim() != "" {
                            line.clear();
                            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                                return;
                            }
                        }
                        line.clear();
                        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                        if stream.write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Recorder { origin, targets }
    }
}

/// Every printable character and every escape of ASCII, in small letters too, by place.
fn urls(origin: &str) -> Vec<String> {
    // A % that begins no escape has a warning of its own.
    let characters = (b'!'..=b'~').filter(|byte| *byte != b'%');
    let mut pieces: Vec<String> = characters.map(|byte| char::from(byte).into()).collect();
    for byte in b' '..=b'~' {
        pieces.push(format!("%{byte:02X}"));
        pieces.push(format!("%{byte:02x}"));
    }
    pieces.extend(["%C3%A9".into(), "%c3%a9".into()]);
    let mut urls = Vec::new();
    for piece in pieces {
        for place in ["/a{}bc", "/a?k=x{}ee"] {
            let url = format!("{origin}/{}{}", urls.len(), place.replace("{}", &piece));
            if UnsignedUrl::parse(&url).is_ok() {
                urls.push(url);
            }
        }
    }
    // What cfsign itself writes for text.
    for text in [
        "https://e.org/p?q=1&r",
        "a b+c[1]*(x)",
        "it's 50%;=",
        "naïve",
    ] {
        let (number, value) = (urls.len(), encode_component(text));
        urls.push(format!("{origin}/{number}/a?u={value}"));
        let number = urls.len();
        urls.push(encode(&format!("{origin}/{number}/[a] b{{c}}.jpg?x[]=é")));
    }
    urls
}

/// A client that requests each line of the file `urls`, which JavaScript finds in `urls.js`.
struct Client {
    /// As the warnings name it.
    name: &'static str,
    program: &'static str,
    script: &'static str,
}

const CLIENTS: [Client; 7] = [
    Client {
        name: "curl",
        program: "curl",
        script: "sed 's/.*/url = \"&\"/' urls > config; curl -s -o /dev/null --noproxy '*' --globoff -K config",
    },
    Client {
        name: "browsers",
        program: "chromium",
        script: "echo '<body><script src=urls.js></script><script type=module>
                for (const url of urls) await fetch(url, { mode: \"no-cors\" })
                document.body.append(\"all requested\")</script>' > page.html
            chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=profile \\
                --virtual-time-budget=600000 --dump-dom page.html 2> /dev/null | grep -q '^all requested'",
    },
    Client {
        name: "Node",
        program: "node",
        script: "node -e 'const fs = require(\"fs\"); (async () => { for (const url of fs.readFileSync(\"urls\", \"utf8\").trim().split(\"\\n\")) await (await fetch(url)).text(); })()'",
    },
    Client {
        name: "requests",
        program: "python3",
        script: "python3 -c 'import requests; s = requests.Session(); s.trust_env = False; [s.get(u.strip()) for u in open(\"urls\")]'",
    },
    Client {
        name: "httpx",
        program: "python3",
        script: "python3 -c 'import httpx; c = httpx.Client(trust_env=False); [c.get(u.strip()) for u in open(\"urls\")]'",
    },
    Client {
        name: "aiohttp",
        program: "python3",
        script: "python3 -c '
import aiohttp, asyncio
async def main():
    async with aiohttp.ClientSession() as session:
        for url in open(\"urls\"):
            async with session.get(url.strip()) as answer:
                await answer.read()
asyncio.run(main())'",
    },
    // Its URI is that of RFC 2396, which has no brackets in paths and queries: it requests nothing
    // then.
    Client {
        name: "Java",
        program: "javac",
        script: "cat > Get.java <<'END'
            import java.net.URI;
            import java.net.http.*;
            import java.nio.file.*;
            class Get {
                public static void main(String[] arguments) throws Exception {
                    HttpClient client = HttpClient.newHttpClient();
                    for (String url : Files.readAllLines(Path.of(\"urls\"))) {
                        URI uri;
                        try {
                            uri = new URI(url);
                        } catch (java.net.URISyntaxException error) {
                            continue;
                        }
                        client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
                    }
                }
            }
END
            java Get.java",
    },
];

fn is_importable(module: &str) -> bool {
    let import = format!("import {module}");
    let found = Command::new("python3").args(["-c", &import]).output();
    found.is_ok_and(|output| output.status.success())
}

#[test]
fn warnings_are_what_clients_do() {
    for client in CLIENTS {
        let Client {
            name: client,
            program,
            script,
        } = client;
        let test = format!("what {client} sends");
        if !is_here(program, &test) {
            continue;
        }
        if program == "python3" && !is_importable(client) {
            skipped(&test, &format!("{client} is not installed"));
            continue;
        }
        let recorder = Recorder::start();
        let urls = urls(&recorder.origin);
        assert!(urls.len() > 300, "{}", urls.len());
        let sandbox = Sandbox::new();
        fs::write(sandbox.join("urls"), urls.join("\n") + "\n").unwrap();
        let list = serde_json::to_string(&urls).unwrap();
        fs::write(sandbox.join("urls.js"), format!("const urls = {list}")).unwrap();
        let (status, _, stderr) = outcome(&sandbox, script);
        assert_eq!(status, Some(0), "{client}: {stderr}");
        let targets = recorder.targets.lock().unwrap();
        for (number, url) in urls.iter().enumerate() {
            let Some(sent) = targets.get(&number) else {
                let is_rejected = client == "Java" && url.contains(['[', ']']);
                assert!(is_rejected, "{client}: no {url}");
                continue;
            };
            let sent = format!("{}{sent}", recorder.origin);
            let changes = UnsignedUrl::parse(url).unwrap().client_changes();
            let is_named = |change: &&ClientChange| change.clients.contains(client);
            match changes.iter().find(is_named) {
                None => assert_eq!(sent, *url, "{client} changes it, without a warning"),
                Some(_) => assert_ne!(sent, *url, "{client} does not change it"),
            }
        }
    }
}
