//! Everything in `examples/` runs.

mod alternatives;
mod programs;
mod spark;
