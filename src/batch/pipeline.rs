//! An ordered parallel map over a stream: one reader, some workers, one writer.
//!
//! ```text
//! read -> item -> worker, worker, worker -> result -> write, in the order of the items
//! ```
//!
//! A result waits for those before it, whoever is done first, and no more than a few items are on their way at any
//! time: a writer that is slow holds up the workers, and they hold up the reader. What the items are, the pipeline does
//! not know; to make the hand-over cheap they should be worth some tens of microseconds each.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Maps every item that `read` gives with `map`, on `workers` threads, and gives the results to `write` in order.
///
/// `read` runs on a thread of its own and gives `None` at the end; `write` runs on the caller's thread.
///
/// # Errors
/// That of `read`, once all that was read before it has been written. That of `write`, at once: `read` may be waiting
/// for input that never comes, and is not waited for.
///
/// # Panics
/// When one of the three does.
pub fn run<I, O, E>(
    workers: NonZeroUsize,
    mut read: impl FnMut() -> Result<Option<I>, E> + Send + 'static,
    map: impl Fn(I) -> O + Send + Sync + 'static,
    mut write: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send + 'static,
    O: Send + 'static,
    E: Send + 'static,
{
    // Each item goes to the workers with the channel for its result, and the other end of that goes to the writer: the
    // line of those ends is the order. It has room for an item a worker and one for the reader to be ahead.
    let (work, waiting) = bounded::<(I, Sender<thread::Result<O>>)>(1);
    let (order, results) = bounded::<Receiver<thread::Result<O>>>(workers.get());
    let map = Arc::new(map);
    for _ in 0..workers.get() {
        let (waiting, map) = (waiting.clone(), Arc::clone(&map));
        thread::spawn(move || {
            for (item, result) in waiting {
                // Nobody takes the result when the writer has ended the run.
                let _ = result.send(catch_unwind(AssertUnwindSafe(|| map(item))));
            }
        });
    }
    let reader = thread::spawn(move || {
        while let Some(item) = read()? {
            let (result, next) = bounded(1);
            if order.send(next).is_err() || work.send((item, result)).is_err() {
                break;
            }
        }
        Ok(())
    });
    for result in results {
        // A worker sends something even when it panics.
        if let Ok(result) = result.recv() {
            write(result.unwrap_or_else(|panic| resume_unwind(panic)))?;
        }
    }
    reader.join().unwrap_or_else(|panic| resume_unwind(panic))
}
