//! A run over all rows: read, sign on several threads, write in order.

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::destination::Destination;
use super::plain_urls::PlainUrls;
use super::row_signer::{RowSigner, SignedChunk};
use super::tally::Tally;
use crate::Error;
use crate::batch::{Chunk, Chunks, Layout, Row, pipeline};
use crate::text::Reader;

/// The reason why a run ends before its input.
pub enum Stop {
    /// The reader of the output has closed the pipe.
    ClosedPipe,
    /// A row could not be signed, under `--fail-fast`.
    BadRow,
    Failed(Error),
}

/// Everything that is the same for all rows of a run.
pub struct Run {
    signer: RowSigner,
    layout: Layout,
    /// The rows that need no [`RowSigner`], where there are such.
    plain_urls: Option<PlainUrls>,
    /// Buffers for output that have been written. To allocate one for each chunk, and to wipe it
    /// when it is freed, would take longer than to fill it.
    spare: (Sender<Vec<u8>>, Receiver<Vec<u8>>),
}

impl Run {
    pub fn new(signer: RowSigner, layout: Layout) -> Self {
        let shared = signer.shared.as_ref().filter(|_| layout.is_lines());
        let plain_urls = shared.and_then(|shared| PlainUrls::new(shared, &signer.changes));
        Run {
            signer,
            layout,
            plain_urls,
            spare: bounded(8),
        }
    }

    /// Signs all rows on up to `jobs` threads.
    pub fn sign_all<R: Read + Send + 'static>(
        self,
        mut chunks: Chunks<Reader<R>>,
        jobs: NonZeroUsize,
        destination: &mut Destination,
        tally: &mut Tally,
    ) -> Result<(), Stop> {
        destination.write(self.layout.header())?;
        let run = Arc::new(self);
        let signing = Arc::clone(&run);
        pipeline::run(
            jobs,
            move || chunks.next_chunk().map_err(Stop::Failed),
            move |chunk| signing.sign(&chunk),
            |mut signed: SignedChunk| {
                destination.write(&signed.output)?;
                let mut output = std::mem::take(&mut signed.output);
                output.clear();
                // Enough are spare if it does not fit.
                let _ = run.spare.0.try_send(output);
                tally.add(signed);
                if run.signer.fail_fast && tally.bad() > 0 {
                    return Err(Stop::BadRow);
                }
                Ok(())
            },
        )
    }

    /// Signs each row of a chunk, and writes it with its result.
    fn sign(&self, chunk: &Chunk) -> SignedChunk {
        let mut signed = SignedChunk {
            input_len: chunk.bytes.len() as u64,
            output: self.spare.1.try_recv().unwrap_or_default(),
            ..SignedChunk::default()
        };
        let rows = Row::all(&self.layout, chunk);
        let (Some(plain_urls), Some(shared)) = (&self.plain_urls, &self.signer.shared) else {
            self.signer.sign_rows(&self.layout, rows, &mut signed);
            return signed;
        };
        for row in rows {
            if plain_urls.sign(shared, row.as_bytes(), &mut signed.output) {
                signed.rows += 1;
                continue;
            }
            let row = std::iter::once(row);
            self.signer.sign_rows(&self.layout, row, &mut signed);
            if self.signer.fail_fast && !signed.bad.is_empty() {
                break;
            }
        }
        signed
    }
}
