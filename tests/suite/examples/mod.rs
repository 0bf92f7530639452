//! Everything in `examples/` runs.

mod programs;
mod spark;
