//! A bound on the work of a search.

/// The work that the search for one cause may take, counted in bytes that are made and hashed.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new(work: usize) -> Self {
        Budget(work)
    }

    /// Takes some work from the budget; `false` if that is more than is left.
    pub(super) fn spend(&mut self, work: usize) -> bool {
        let is_enough = work <= self.0;
        self.0 = self.0.saturating_sub(work);
        is_enough
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }
}
