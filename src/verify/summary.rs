//! A summary of many verdicts: how often which reason, and an example of each.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::verdict::{Verdict, name_of};
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// The most groups that are kept. The requests of all others are counted by status and reason.
const MOST_GROUPS: usize = 1000;

/// The verdicts on many requests, in groups. Summaries of parts of a list add up.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub requests: u64,
    /// The rows that could not be read.
    pub unreadable: u64,
    /// The requests without a signature that were not denied.
    pub passed_over: u64,
    pub allowed: u64,
    pub groups: Vec<Group>,
}

/// Requests with the same status, reason and kinds of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The status in the log; `None` for lists.
    pub status: Option<u16>,
    /// The reason of the verdict, `ok` for a valid request.
    pub reason: String,
    pub kinds: Vec<String>,
    pub count: u64,
    /// The times of the first and last request.
    pub first: Option<String>,
    pub last: Option<String>,
    /// The URL of the first request, up to its `?`.
    pub example: String,
    /// The cause of the denial of that request, if it is proved.
    pub cause: Option<String>,
    pub fix: Option<String>,
}

impl Group {
    fn key(&self) -> (Option<u16>, &str, &[String]) {
        (self.status, &self.reason, &self.kinds)
    }
}

impl Summary {
    /// Counts a verdict on the request for `url` at `time`, which was answered with `status`.
    pub fn add(
        &mut self,
        verdict: &Verdict,
        url: &str,
        status: Option<u16>,
        time: Option<Timestamp>,
    ) {
        let is_denied = status == Some(403);
        if verdict.allowed() && !is_denied {
            return;
        }
        let mut kinds: Vec<String> = verdict.changes.iter().map(|c| name_of(&c.kind)).collect();
        kinds.sort();
        kinds.dedup();
        let mut group = Group {
            status,
            reason: name_of(&verdict.reason),
            kinds,
            count: 1,
            first: time.map(|time| time.to_string()),
            last: time.map(|time| time.to_string()),
            example: url.split('?').next().unwrap_or(url).to_owned(),
            cause: verdict.cause.clone(),
            fix: verdict.fix.clone(),
        };
        if verdict.allowed() {
            let cause =
                "the request is valid: AWS WAF, a geographic restriction or the origin denied it";
            let fix = "check x-edge-detailed-result-type in the log, the web ACL and the origin";
            group.cause = Some(cause.into());
            group.fix = Some(fix.into());
        } else if !is_denied && status.is_some() {
            let fix = "restrict viewer access in the cache behavior, if the file is private";
            group.fix = Some(fix.into());
        }
        self.add_group(group);
    }

    /// Adds the summary of other requests.
    pub fn merge(&mut self, other: Summary) {
        self.requests += other.requests;
        self.unreadable += other.unreadable;
        self.passed_over += other.passed_over;
        self.allowed += other.allowed;
        for group in other.groups {
            self.add_group(group);
        }
    }

    /// The number of requests that are not valid.
    pub fn denied(&self) -> u64 {
        self.requests
            .saturating_sub(self.allowed + self.passed_over)
    }

    /// The summary with its groups in order, the most frequent first.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.groups.sort_by(|one, other| {
            (Reverse(one.count), one.key()).cmp(&(Reverse(other.count), other.key()))
        });
        self
    }

    /// Reads summaries that were written as JSON, and adds them up.
    ///
    /// # Errors
    /// Text that is not the JSON of summaries.
    pub fn parse(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::new("is empty, not a summary in JSON"));
        }
        let mut sum = Summary::default();
        for summary in serde_json::Deserializer::from_str(text).into_iter() {
            sum.merge(summary.map_err(|e| Error::new(format!("is not a summary in JSON: {e}")))?);
        }
        Ok(sum)
    }

    fn add_group(&mut self, mut group: Group) {
        let mut known = self.groups.iter().position(|own| own.key() == group.key());
        if known.is_none() && self.groups.len() >= MOST_GROUPS {
            group.kinds = vec!["other".into()];
            known = self.groups.iter().position(|own| own.key() == group.key());
        }
        let Some(known) = known else {
            self.groups.push(group);
            return;
        };
        let known = &mut self.groups[known];
        let count = known.count + group.count;
        let last = known.last.take().max(group.last.take());
        // The first of all, in whatever order they come.
        if (&group.first, &group.example) < (&known.first, &known.example) {
            *known = group;
        }
        known.count = count;
        known.last = last;
    }
}
