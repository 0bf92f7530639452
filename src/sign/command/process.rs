//! One run of a command, bounded in what it may print and in how long it may take.
//!
//! The command stays in the process group of its caller: Ctrl-C reaches it, and it may ask for a PIN at the terminal.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result, io_reason};

/// The most that is kept of either output, in bytes.
const LARGEST: usize = 64 * 1024;

/// What a command left behind.
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// The platform's shell, about to read `line`.
#[cfg(not(windows))]
pub(super) fn shell(line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]);
    shell
}

/// The platform's shell, about to read `line`.
#[cfg(windows)]
pub(super) fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    // With /S, cmd takes off the outer quotes and reads what is between them as it stands.
    shell
        .args(["/D", "/S", "/C"])
        .raw_arg(format!("\"{line}\""));
    shell
}

/// Runs `command` with `input` on its standard input, which it need not read.
///
/// Both outputs are read while it runs, so that it never waits for a reader. What it has started may outlive it, but is
/// not waited for beyond `timeout`.
pub(super) fn run(mut command: Command, input: &[u8], timeout: Duration) -> Result<Finished> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| Error::new(format!("could not be started: {}", io_reason(&e))))?;
    let outcome = attend(&mut child, input, timeout, start);
    if outcome.is_err() {
        // Both fail where it has ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

fn attend(child: &mut Child, input: &[u8], timeout: Duration, start: Instant) -> Result<Finished> {
    let failed = |e: io::Error| Error::new(format!("could not be run: {}", io_reason(&e)));
    let left = || timeout.saturating_sub(start.elapsed());
    let stdout = child
        .stdout
        .take()
        .map(|pipe| collect(pipe, Excess::Refused))
        .transpose()
        .map_err(failed)?;
    let stderr = child
        .stderr
        .take()
        .map(|pipe| collect(pipe, Excess::Dropped))
        .transpose()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // A command that does not want its input closes the pipe, and may be right to.
        thread::Builder::new()
            .spawn(move || drop(stdin.write_all(&input)))
            .map_err(failed)?;
    }
    let received = |output: Option<Receiver<Vec<u8>>>| {
        output.map(|output| output.recv_timeout(left())).transpose()
    };
    let stdout = received(stdout).map(Option::unwrap_or_default);
    if stdout.as_ref().is_ok_and(|stdout| stdout.len() > LARGEST) {
        return Err(Error::new(format!(
            "printed more than {LARGEST} bytes, and a signature has at most 512"
        ))
        .with_hint(
            "only the signature belongs on its standard output, the rest on standard error",
        ));
    }
    let stderr = received(stderr).map(Option::unwrap_or_default);
    let status = wait(child, left).map_err(|e| {
        Error::new(format!("could not be waited for: {}", io_reason(&e))).with_hint(
            "where the caller of cfsign ignores SIGCHLD: env --default-signal=CHLD cfsign ...",
        )
    })?;
    match (status, stdout, stderr) {
        (Some(status), Ok(stdout), Ok(stderr)) => Ok(Finished { status, stdout, stderr }),
        (Some(_), _, _) => Err(Error::new("has ended, and something that it started keeps its output open")
            .with_hint("what runs on in the background needs an output of its own: >/dev/null 2>&1 &")),
        (None, _, _) => Err(Error::new(format!("has not ended after {timeout:?}")).with_hint(
            "--sign-timeout 5m gives it more time; a command that asks a question has to do so at the terminal",
        )),
    }
}

/// The end of a process whose outputs have ended, which is near; `None` where it does not come in time.
///
/// It is looked for, as the standard library waits without end or not at all, and a handler for SIGCHLD is not a library's
/// to install.
fn wait(child: &mut Child, left: impl Fn() -> Duration) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        let status = child.try_wait()?;
        if status.is_some() || left().is_zero() {
            return Ok(status);
        }
        thread::sleep(pause.min(left()));
        pause = (2 * pause).min(Duration::from_millis(100));
    }
}

/// What becomes of an output beyond [`LARGEST`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Excess {
    /// The pipe is closed after one byte too many, which ends most programs.
    Refused,
    /// It is read and forgotten: messages do not make a command fail.
    Dropped,
}

/// Reads a pipe to its end, in a thread of its own.
fn collect(mut pipe: impl Read + Send + 'static, excess: Excess) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that cannot be read any further has said what it had to say.
        let _ = pipe
            .by_ref()
            .take(LARGEST as u64 + 1)
            .read_to_end(&mut bytes);
        if excess == Excess::Dropped {
            bytes.truncate(LARGEST);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        // Nobody listens once the time is up.
        let _ = sender.send(bytes);
    })?;
    Ok(receiver)
}
