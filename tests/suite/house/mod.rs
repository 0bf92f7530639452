//! The source tree itself, and what holds for all rooms.

mod layers;
mod packaging;
mod properties;
