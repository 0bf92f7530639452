//! Everything in `examples/` runs.

mod access_logs;
mod alternatives;
mod programs;
mod spark;
