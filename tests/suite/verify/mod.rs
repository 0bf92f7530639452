//! Verdicts on requests, and the causes of denials.

mod answers;
mod causes;
mod compare;
mod cookies;
mod logs;
mod policies;
mod verdicts;
