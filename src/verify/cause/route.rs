//! The way from what arrived to what was signed, for the next request.

/// The rules that led to a text, by their places in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) struct Route {
    pub(super) step: usize,
    pub(super) base: usize,
    pub(super) urls: [Option<usize>; 2],
    pub(super) expiry: Option<usize>,
    pub(super) policies: [Option<usize>; 2],
}
