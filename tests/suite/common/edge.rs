//! The example `edge`, which serves a folder to requests that CloudFront would allow.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::CFSIGN;

/// A running edge. It ends with this value.
pub struct Edge {
    process: Child,
    /// Its URL, without a trailing slash.
    pub url: String,
    answers: Arc<Mutex<Vec<Answer>>>,
}

/// An answer, as the edge logs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The path of the request, without its query.
    pub path: String,
}

impl Edge {
    /// Serves `folder` on a free port.
    pub fn start(folder: &Path, public_key: &Path) -> Self {
        // cargo builds the examples before it runs the tests, beside the binary.
        let program = Path::new(CFSIGN).with_file_name("examples").join("edge");
        let mut process = Command::new(program)
            .args([folder, public_key, Path::new("127.0.0.1:0")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap();
        let answers = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&answers);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let (status, path) = line.split_once(' ').unwrap();
                let (status, path) = (status.parse().unwrap(), path.to_owned());
                log.lock().unwrap().push(Answer { status, path });
            }
        });
        Edge {
            process,
            url,
            answers,
        }
    }

    /// The answers since the last call.
    pub fn take_answers(&self) -> Vec<Answer> {
        // The log is read by a thread: the answer to this request tells that those before it are
        // there. A page may go on with others.
        let last = "/the-last-request";
        self.get(last);
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let mut answers = self.answers.lock().unwrap();
            let place = answers.iter().position(|answer| answer.path == last);
            if let Some(place) = place {
                answers.remove(place);
                return std::mem::take(&mut answers);
            }
            drop(answers);
            assert!(
                Instant::now() < deadline,
                "the edge does not log its answers"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The whole answer to a request without cookies, headers included.
    pub fn get(&self, target: &str) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
