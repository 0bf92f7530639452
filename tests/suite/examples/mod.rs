//! Everything in `examples/` runs.

mod machines;
mod programs;
