//! A bound on the memory of items that are on their way through a pipeline.

use std::sync::{Condvar, Mutex, PoisonError};

/// A number of bytes that several threads share.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    used: Mutex<usize>,
    released: Condvar,
}

impl Budget {
    /// A budget of `limit` bytes, none of them used.
    pub fn new(limit: usize) -> Self {
        Budget {
            limit,
            used: Mutex::new(0),
            released: Condvar::new(),
        }
    }

    /// Takes `bytes` out of the budget, and waits for them if need be. More than the limit is
    /// available once nothing else is in use.
    pub fn take(&self, bytes: usize) {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |used: &mut usize| *used > 0 && *used + bytes > self.limit;
        let mut used = self
            .released
            .wait_while(used, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        *used += bytes;
    }

    /// Puts `bytes` back.
    pub fn release(&self, bytes: usize) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(bytes);
        self.released.notify_one();
    }
}
