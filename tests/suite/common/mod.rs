//! What the tests share: a folder to work in, with the test keys, and openssl as the second
//! opinion.

#[cfg(unix)]
pub mod browser;
pub mod by_the_book;
#[cfg(unix)]
pub mod edge;
pub mod requests;
pub mod rows;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};

use cfsign::{KeyFile, PrivateKey};
use tempfile::TempDir;

pub const CFSIGN: &str = env!("CARGO_BIN_EXE_cfsign");

/// The checkout, where `tests/` and `examples/` are.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A private key of `tests/keys/`, not encrypted.
pub fn private_key(name: &str) -> PrivateKey {
    let bytes = fs::read(root().join("tests/keys").join(name)).unwrap();
    KeyFile::read(name, &bytes)
        .unwrap()
        .into_private(None)
        .unwrap()
}

/// A temporary folder that holds the test keys and manifests, each readable by its owner only.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cfsign-test-")
            .tempdir()
            .unwrap();
        for files in ["tests/keys", "tests/manifests"] {
            for entry in fs::read_dir(root().join(files)).unwrap() {
                let file = entry.unwrap().path();
                write_private(
                    &folder.path().join(file.file_name().unwrap()),
                    &fs::read(&file).unwrap(),
                );
            }
        }
        Sandbox(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.join(name)).unwrap()
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        write_private(&self.join(name), contents.as_ref());
    }

    /// `cfsign` in this folder, with nothing of the caller's environment but the path.
    pub fn cfsign(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(CFSIGN);
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("USERPROFILE", self.path())
            .stdin(Stdio::null());
        command
    }

    /// A line for `sh` in this folder, in which `cfsign` is the one under test.
    pub fn shell(&self, line: &str) -> Command {
        let mut path = vec![Path::new(CFSIGN).parent().unwrap().to_path_buf()];
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("umask 077; {line}")])
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null());
        command
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("HOME", self.path());
        command
    }
}

/// What a line for the shell ends with: its exit status, standard output and standard error.
pub fn outcome(sandbox: &Sandbox, line: &str) -> (Option<i32>, String, String) {
    let output = sandbox.shell(line).output().unwrap();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn write_private(path: &Path, contents: &[u8]) {
    fs::write(path, contents).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Runs a command with `input` on its standard input.
pub fn run_with(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not want its input closes the pipe; what it says is in its output.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What `cfsign` prints for these arguments, which must work without a word on standard error.
pub fn stdout_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new()),
        "{command:?}"
    );
    text(&output.stdout)
}

/// Has signals end the commands that are started from now on. Where the tests run in the background
/// or under nohup, some are ignored, and what is ignored stays so in every process that is started;
/// what has a handler does not.
#[cfg(unix)]
pub fn signals_count() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::flag::register_conditional_default(signal, Arc::new(AtomicBool::new(true)))
            .unwrap();
    }
}

/// Whether openssl is here.
pub fn openssl_is_here(test: &str) -> bool {
    is_here("openssl", test)
}

/// Whether a program is here; a test that goes without it says so where it cannot be missed.
pub fn is_here(program: &str, test: &str) -> bool {
    let look = format!("command -v {program}");
    let here = Command::new("sh")
        .args(["-c", &look])
        .output()
        .is_ok_and(|output| output.status.success());
    if !here {
        skipped(test, &format!("{program} is not installed"));
    }
    here
}

/// Says that a test does not run here, and why.
pub fn skipped(test: &str, reason: &str) {
    // Straight to standard error: the test harness would swallow eprintln!.
    std::io::stderr()
        .write_all(format!("SKIPPED: {test}: {reason}\n").as_bytes())
        .unwrap();
}

/// What openssl prints for these arguments.
pub fn openssl(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run_with(
        Command::new("openssl").args(arguments).current_dir(folder),
        input,
    );
    assert!(
        output.status.success(),
        "openssl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// CloudFront's base64, by openssl and by hand: `+` to `-`, `=` to `_`, `/` to `~`.
pub fn cloudfront_base64(bytes: &[u8]) -> String {
    let standard = openssl(root(), &["base64", "-A"], bytes);
    text(&standard)
        .trim_end()
        .chars()
        .map(|c| "-_~".chars().nth("+=/".find(c).unwrap_or(9)).unwrap_or(c))
        .collect()
}

/// The bytes behind CloudFront's base64, by openssl.
pub fn from_cloudfront_base64(encoded: &str) -> Vec<u8> {
    let standard: String = encoded
        .chars()
        .map(|c| "+=/".chars().nth("-_~".find(c).unwrap_or(9)).unwrap_or(c))
        .collect();
    openssl(root(), &["base64", "-d", "-A"], standard.as_bytes())
}

/// The value of a query parameter of a signed URL.
pub fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let query = url.trim_end().split_once('?').unwrap().1;
    query
        .split('&')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_else(|| panic!("no {name} in {url}"))
}

/// Whether openssl accepts the signature of `url` over `policy`.
pub fn openssl_verifies(
    sandbox: &Sandbox,
    public_key: &str,
    hash: &str,
    policy: &str,
    url: &str,
) -> bool {
    sandbox.write(
        "signature.bin",
        from_cloudfront_base64(parameter(url, "Signature")),
    );
    let arguments = [
        "dgst",
        hash,
        "-verify",
        public_key,
        "-signature",
        "signature.bin",
    ];
    run_with(
        Command::new("openssl")
            .args(arguments)
            .current_dir(sandbox.path()),
        policy.as_bytes(),
    )
    .status
    .success()
}
