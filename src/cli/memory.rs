//! Memory that the system refuses: the run goes on with fewer threads, or ends with an error, and
//! leaves no file behind.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

#[cfg(unix)]
use rustix::process::{Resource, getrlimit};

use crate::SignCommand;

/// The system's allocator, which ends the run where the standard library would abort it.
#[derive(Debug)]
pub struct Allocator;

// SAFETY: the system's allocator does all the work, and null is never returned.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        let block = unsafe { System.alloc(layout) };
        if block.is_null() { end() } else { block }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let block = unsafe { System.alloc_zeroed(layout) };
        if block.is_null() { end() } else { block }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Ends the run with an error, using no memory.
#[cold]
pub fn end() -> ! {
    static ENDING: AtomicBool = AtomicBool::new(false);
    if ENDING.swap(true, Ordering::Relaxed) {
        // Another thread is about to end the process, or this one needs memory for that after all.
        thread::sleep(Duration::from_secs(1));
    } else {
        report(b"error: out of memory\n");
        SignCommand::terminate_all();
    }
    // Without the work of a regular exit, which may need memory.
    #[cfg(unix)]
    signal_hook::low_level::exit(2);
    #[cfg(not(unix))]
    std::process::exit(2)
}

/// Not through the standard library on Unix, whose buffers this thread may have borrowed.
fn report(message: &[u8]) {
    #[cfg(unix)]
    let _ = rustix::io::write(rustix::stdio::stderr(), message);
    #[cfg(not(unix))]
    let _ = std::io::Write::write_all(&mut std::io::stderr(), message);
}

/// As many threads as wanted, or else as there are CPUs, if a limit of memory (`ulimit -v`) leaves
/// room for them.
pub fn threads(wanted: Option<NonZeroUsize>) -> NonZeroUsize {
    let wanted = wanted.or(thread::available_parallelism().ok());
    let wanted = wanted.unwrap_or(NonZeroUsize::MIN);
    #[cfg(unix)]
    if let Some(limit) = getrlimit(Resource::As).current {
        // The program, its input and its output.
        const OWN: u64 = 32 << 20;
        // A stack and the work; glibc also reserves addresses for each thread's allocations.
        const THREAD: u64 = if cfg!(target_env = "gnu") { 72 } else { 8 } << 20;
        let room = usize::try_from(limit.saturating_sub(OWN) / THREAD).unwrap_or(usize::MAX);
        return NonZeroUsize::new(room).map_or(NonZeroUsize::MIN, |room| room.min(wanted));
    }
    wanted
}
