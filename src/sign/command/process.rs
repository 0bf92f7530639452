//! One run of a command, bounded in time and output, and the commands that are running, for a
//! process that is about to be terminated.
//!
//! At a terminal, the command stays in the process group of its caller: it may ask for a PIN there.
//! Otherwise it gets a group of its own, with which everything that it started is killed.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::SignCommand;
use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::temporary;

/// The limit of either output, in bytes.
const LARGEST: usize = 64 * 1024;

/// The platform's shell with `line` as its script.
#[cfg(not(windows))]
pub(super) fn shell(line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]);
    shell
}

/// The platform's shell with `line` as its script.
#[cfg(windows)]
pub(super) fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    // With /S, cmd removes the outer quotes and reads the text between them verbatim.
    shell
        .args(["/D", "/S", "/C"])
        .raw_arg(format!("\"{line}\""));
    shell
}

/// Runs `command` with `input` on its standard input, which it need not read.
///
/// Both outputs are read while it runs, so that it never waits for a reader. It and what it has
/// started is killed after `timeout`.
pub(super) fn run(mut command: Command, input: &[u8], timeout: Duration) -> Result<Output> {
    let deadline = Instant::now() + timeout;
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    if std::fs::File::open("/dev/tty").is_err() {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
    }
    let mut shells = shells();
    let mut child = command.spawn().map_err(|e| failed("started", &e))?;
    shells.insert(child.id());
    drop(shells);
    let outcome = attend(&mut child, input, deadline, timeout);
    if outcome.is_err() {
        end(&mut child);
    }
    outcome
}

/// Kills a process that may have ended by itself.
fn end(child: &mut Child) {
    let mut shells = shells();
    #[cfg(unix)]
    if shells.contains(&child.id()) {
        kill_tree(child.id(), rustix::process::Signal::KILL);
    } else {
        // It has ended, and left others behind in its group, which keep the number taken.
        kill_group(child.id(), rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
    shells.remove(&child.id());
}

/// Sends a signal to a process, to its group if it leads one, and, on Linux, to everything that it
/// has started.
#[cfg(unix)]
fn kill_tree(process: u32, signal: rustix::process::Signal) {
    for child in children(process) {
        kill_tree(child, signal);
    }
    if let Some(id) = pid(process) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(id, signal);
    }
    kill_group(process, signal);
}

/// Sends a signal to the group that a process leads; at a terminal there is none.
#[cfg(unix)]
fn kill_group(leader: u32, signal: rustix::process::Signal) {
    if let Some(id) = pid(leader) {
        let _ = rustix::process::kill_process_group(id, signal);
    }
}

#[cfg(unix)]
fn pid(process: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(process).ok()?)
}

/// The IDs of a process's children (proc_pid_task(5)); none if the system has no such list.
#[cfg(unix)]
fn children(process: u32) -> Vec<u32> {
    let mut children = Vec::new();
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return children;
    };
    for thread in threads.flatten() {
        let list = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        children.extend(list.split_whitespace().flat_map(str::parse::<u32>));
    }
    children
}

fn attend(child: &mut Child, input: &[u8], deadline: Instant, timeout: Duration) -> Result<Output> {
    let (Some(stdout), Some(stderr), Some(mut stdin)) =
        (child.stdout.take(), child.stderr.take(), child.stdin.take())
    else {
        return Err(Error::new("could not be run: its streams are not pipes"));
    };
    let stdout = collect(stdout).map_err(|e| failed("run", &e))?;
    let stderr = collect(stderr).map_err(|e| failed("run", &e))?;
    let input = input.to_vec();
    // A command may close the pipe without reading its input.
    thread::Builder::new()
        .spawn(move || drop(stdin.write_all(&input)))
        .map_err(|e| failed("run", &e))?;

    let stdout = stdout.recv_timeout(left(deadline));
    if stdout.as_ref().is_ok_and(|stdout| stdout.len() > LARGEST) {
        let message = format!("printed more than {LARGEST} bytes; a signature has at most 512");
        let hint = "print only the signature on standard output, and the rest on standard error";
        return Err(Error::new(message).with_hint(hint));
    }
    let stderr = stderr.recv_timeout(left(deadline));
    let hint = "the parent process may ignore SIGCHLD; run: env --default-signal=CHLD cfsign ...";
    let status = wait(child, deadline).map_err(|e| failed("waited for", &e).with_hint(hint))?;
    let Some(status) = status else {
        let message = format!("timed out after {timeout:?}");
        return Err(Error::of_kind(ErrorKind::SignCommandTimeout, message));
    };
    let (Ok(stdout), Ok(stderr)) = (stdout, stderr) else {
        let message = "exited, but a child process holds its output open";
        let hint = "redirect the output of background processes: >/dev/null 2>&1 &";
        return Err(Error::new(message).with_hint(hint));
    };
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

fn failed(what: &str, error: &io::Error) -> Error {
    Error::new(format!("could not be {what}: {}", io_reason(error)))
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// The exit status of a process whose outputs have ended; `None` if it does not exit in time.
///
/// The process is polled: the standard library waits without a timeout or not at all, and a library
/// should not install a handler for SIGCHLD.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        let mut shells = shells();
        let status = child.try_wait()?;
        if status.is_some() {
            shells.remove(&child.id());
        }
        drop(shells);
        if status.is_some() || left(deadline).is_zero() {
            return Ok(status);
        }
        thread::sleep(pause.min(left(deadline)));
        pause = (2 * pause).min(Duration::from_millis(100));
    }
}

/// Reads a pipe to its end, on a new thread.
fn collect(mut pipe: impl Read + Send + 'static) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        let mut start = pipe.by_ref().take(LARGEST as u64 + 1);
        // A pipe that can no longer be read has ended, and there is no receiver after a timeout.
        let _ = start.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
        // However much a command says on standard error, it does not fail.
        let _ = io::copy(&mut pipe, &mut io::sink());
    })?;
    Ok(receiver)
}

/// The IDs of the shells of sign commands that have not been waited for.
static SHELLS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// What runs. While it is locked, no shell is started or reaped.
fn shells() -> MutexGuard<'static, BTreeSet<u32>> {
    SHELLS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SignCommand {
    /// Removes all temporary files and terminates the commands that are running, on Linux with
    /// everything that they have started. No other file or command can be made afterwards: the
    /// process is about to end. On Windows, Ctrl+C has reached the commands as well.
    pub fn terminate_all() {
        // This comes first, since it needs no memory.
        temporary::remove_all();
        let Some(shells) = temporary::lock_at_the_end(&SHELLS) else {
            return;
        };
        #[cfg(unix)]
        for signal in [rustix::process::Signal::TERM, rustix::process::Signal::KILL] {
            for process in &*shells {
                kill_tree(*process, signal);
            }
            if signal == rustix::process::Signal::TERM && !shells.is_empty() {
                thread::sleep(Duration::from_millis(100));
            }
        }
        // Threads that would start the next command, or report that this one was killed, wait for
        // the end of the process.
        std::mem::forget(shells);
    }
}
