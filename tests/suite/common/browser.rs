//! Headless Chromium, driven by the DevTools protocol over a pair of pipes.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::Sandbox;

/// A browser with one page.
pub struct Browser {
    process: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    calls: u64,
    /// The headers of the answer to any request for `/login`, which no server sees.
    pub login: Vec<(String, String)>,
}

/// The flags that a container needs, and those that let videos play by themselves.
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --mute-audio \
    --autoplay-policy=no-user-gesture-required --user-data-dir=profile --remote-debugging-pipe";

impl Browser {
    pub fn start(sandbox: &Sandbox) -> Self {
        // The protocol uses the descriptors 3 and 4.
        let line = format!("mkfifo to from; exec chromium {FLAGS} 3<to 4>from");
        let process = sandbox
            .shell(&line)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !sandbox.join("from").exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let to = OpenOptions::new().write(true).open(sandbox.join("to"));
        let mut browser = Browser {
            process,
            to: to.unwrap(),
            from: BufReader::new(File::open(sandbox.join("from")).unwrap()),
            session: None,
            calls: 0,
            login: Vec::new(),
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser.call("Page.enable", json!({}));
        let patterns = json!({ "patterns": [{ "urlPattern": "*/login" }] });
        browser.call("Fetch.enable", patterns);
        browser
    }

    /// Opens a page and waits until it has loaded.
    pub fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        self.evaluate("new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', done))");
    }

    /// The value of a JavaScript expression; that of a promise once it is fulfilled.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert_eq!(result.get("exceptionDetails"), None, "{expression:.200}");
        result["result"]["value"].clone()
    }

    /// The cookies that a request for `url` would send.
    pub fn cookies(&mut self, url: &str) -> Vec<Value> {
        let result = self.call("Network.getCookies", json!({ "urls": [url] }));
        result["cookies"].as_array().unwrap().clone()
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters);
        loop {
            let mut message = Vec::new();
            self.from.read_until(0, &mut message).unwrap();
            message.pop();
            let message: Value = serde_json::from_slice(&message).expect("the browser runs");
            if message["method"] == "Fetch.requestPaused" {
                self.answer_login(&message["params"]["requestId"]);
            }
            if message["id"] == id {
                assert_eq!(message.get("error"), None, "{method}");
                return message["result"].clone();
            }
        }
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        self.calls
    }

    fn answer_login(&mut self, request: &Value) {
        let header = |(name, value): &(String, String)| json!({ "name": name, "value": value });
        let headers: Vec<Value> = self.login.iter().map(header).collect();
        let answer =
            json!({ "requestId": request, "responseCode": 200, "responseHeaders": headers });
        self.send("Fetch.fulfillRequest", answer);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
