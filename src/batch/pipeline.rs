//! An ordered parallel map over a stream: one reader, some workers, one writer.
//!
//! ```text
//! read -> item -> worker, worker, worker -> result -> write, in the order of the items
//! ```
//!
//! Results keep the order of the items. Channels are bounded, so a slow writer applies
//! back-pressure to the workers, and they to the reader. The handover costs a few microseconds:
//! items should be worth some tens each.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

/// The items in flight for each worker: waiting for it, with it, or waiting for the writer. While
/// the writer waits for one of them, the workers have others; with fewer, they would be idle.
const ITEMS_PER_WORKER: usize = 4;

/// The most items in flight, whatever the number of workers: an item may have a megabyte.
const MOST_ITEMS: usize = 128;

/// Maps every item that `read` returns with `map`, on up to `workers` threads, and passes the
/// results to `write` in order.
///
/// `read` runs on a thread of its own and returns `None` at the end; `write` runs on the caller's
/// thread. Where the system grants fewer threads, the run uses those. With a single worker, or
/// where the system grants too few threads, everything runs on the caller's thread.
///
/// # Errors
/// That of `read`, after everything that was read before it has been written. That of `write`, at
/// once: `read` may be waiting for input that never comes, and is not waited for.
///
/// # Panics
/// If one of the three panics.
pub fn run<I, O, E>(
    workers: NonZeroUsize,
    read: impl FnMut() -> Result<Option<I>, E> + Send + 'static,
    map: impl Fn(I) -> O + Send + Sync + 'static,
    mut write: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send + 'static,
    O: Send + 'static,
    E: Send + 'static,
{
    // A closure is lost with a thread that cannot be started, so both are shared.
    let read = Arc::new(Mutex::new(read));
    let map = Arc::new(map);
    // Each item is sent to the workers with the sender of a channel for its result, and the writer
    // gets the receivers, in the order of the items.
    let most_workers = workers.get().min(MOST_ITEMS);
    let (work, waiting) = bounded::<(I, Sender<O>)>(most_workers);
    let mut started = 0;
    while started < most_workers && most_workers > 1 {
        let (waiting, map) = (waiting.clone(), Arc::clone(&map));
        let worker = thread::Builder::new().spawn(move || {
            for (item, result) in waiting {
                // There is no receiver if the writer has ended the run.
                let _ = result.send(map(item));
            }
        });
        if worker.is_err() {
            break;
        }
        started += 1;
    }
    drop(waiting);
    let (order, results) = bounded::<Receiver<O>>(MOST_ITEMS.min(ITEMS_PER_WORKER * started));
    let shared_read = Arc::clone(&read);
    let read_all = move || -> Result<(), E> {
        let mut read = shared_read.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(item) = read()? {
            let (result, next) = bounded(1);
            if order.send(next).is_err() || work.send((item, result)).is_err() {
                break;
            }
        }
        Ok(())
    };
    let reader = (started > 0).then(|| thread::Builder::new().spawn(read_all));
    let Some(Ok(reader)) = reader else {
        let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(item) = read()? {
            write(map(item))?;
        }
        return Ok(());
    };
    for result in results {
        match result.recv() {
            Ok(result) => write(result)?,
            Err(_) => resume_unwind(Box::new("a worker has panicked")),
        }
    }
    let ended = reader.join();
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}
