//! Output buffers that are used again.

use std::sync::{Mutex, PoisonError};

/// The number of buffers that are kept.
const MAX_SPARE: usize = 8;

/// The largest buffer that is kept, in bytes.
const MAX_CAPACITY: usize = 1 << 20;

/// Buffers that several threads share. Allocating one for each chunk, and wiping it when it is
/// freed, costs more than filling it.
#[derive(Debug, Default)]
pub struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// An empty buffer, with the memory of one that was put back if there is one.
    pub fn take(&self) -> Vec<u8> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_default()
    }

    /// Keeps the memory of a buffer for [`Buffers::take`], unless enough is kept.
    pub fn put(&self, mut buffer: Vec<u8>) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MAX_SPARE && buffer.capacity() <= MAX_CAPACITY {
            buffer.clear();
            spare.push(buffer);
        }
    }
}
