//! A run over all rows: read, sign on several threads, write in order.

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::destination::Destination;
use super::row_signer::{RowSigner, SignedChunk};
use super::tally::Tally;
use crate::Error;
use crate::batch::{Budget, Chunk, Chunks, Layout, pipeline};

/// The memory of all rows that are read and not yet written, roughly, in bytes.
const MEMORY: usize = 64 << 20;

/// The reason why a run ends before its input.
pub enum Stop {
    /// The reader of the output has closed the pipe.
    ClosedPipe,
    /// A row could not be signed, under `--fail-fast`.
    BadRow,
    Failed(Error),
}

/// The rows of a run, ready to be signed.
pub struct Run<R> {
    pub first: Chunk,
    pub chunks: Chunks<R>,
    pub signer: RowSigner,
    pub layout: Layout,
    /// The number of threads.
    pub jobs: NonZeroUsize,
}

impl<R: Read + Send + 'static> Run<R> {
    /// Signs all rows.
    pub fn sign(self, destination: &mut Destination, tally: &mut Tally) -> Result<(), Stop> {
        destination.write(self.layout.header())?;
        let signer = Arc::new(self.signer);
        let fail_fast = signer.fail_fast;
        let layout = self.layout;

        let budget = Arc::new(Budget::new(MEMORY));
        let read_budget = Arc::clone(&budget);
        let read_signer = Arc::clone(&signer);
        let map_signer = Arc::clone(&signer);
        let mut first = Some(self.first);
        let mut chunks = self.chunks;
        let read = move || {
            let next = match first.take() {
                Some(first) => Some(first),
                None => chunks.next_chunk().map_err(Stop::Failed)?,
            };
            if let Some(chunk) = &next {
                read_budget.take(read_signer.cost(chunk));
            }
            Ok(next)
        };
        let write = |mut signed: SignedChunk| {
            destination.write(&signed.output)?;
            budget.release(signed.cost);
            signer.buffers.put(std::mem::take(&mut signed.output));
            tally.add(signed);
            if fail_fast && tally.bad() > 0 {
                return Err(Stop::BadRow);
            }
            Ok(())
        };
        pipeline::run(
            self.jobs,
            read,
            move |chunk| map_signer.sign_chunk(&layout, &chunk),
            write,
        )
    }
}
