//! Verdicts on requests, and the causes of denials.

mod causes;
mod compare;
mod cookies;
mod fixes;
mod logs;
mod policies;
mod responses;
mod verdicts;
