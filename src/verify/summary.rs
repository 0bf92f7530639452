//! A summary of many verdicts: how often which reason, and an example of each.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Verdict;
use crate::error::{Error, Result};
use crate::time::Timestamp;

/// The most groups that are kept. The requests of all others are counted by status and reason.
const MOST_GROUPS: usize = 1000;

/// The verdicts on many requests, in groups. Summaries of parts of a list add up.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The requests that were read.
    pub requests: u64,
    /// The rows that could not be read.
    pub unreadable: u64,
    /// The requests without a signature that were not denied.
    pub passed_over: u64,
    /// The requests that are valid.
    pub allowed: u64,
    /// The requests that need an explanation, the most frequent first.
    #[serde(serialize_with = "write_groups", deserialize_with = "read_groups")]
    groups: BTreeMap<Key, Group>,
}

/// The properties that the requests of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The status in the log; `None` for lists.
    pub status: Option<u16>,
    /// The reason of the verdict, `ok` for a valid request.
    pub reason: String,
    /// The kinds of the changes that were proved.
    pub kinds: Vec<String>,
}

/// Requests that were denied for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What they have in common.
    #[serde(flatten)]
    pub key: Key,
    /// The number of requests.
    pub count: u64,
    /// The time of the first request.
    pub first: Option<String>,
    /// The time of the last request.
    pub last: Option<String>,
    /// The URL of the first request, up to its `?`.
    pub example: String,
    /// The cause of the denial of that request, if it is proved.
    pub cause: Option<String>,
    /// The next step.
    pub fix: Option<String>,
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
            key: Key {
                status,
                reason: name_of(&verdict.reason),
                kinds,
            },
            count: 1,
            first: time.map(|time| time.to_string()),
            last: time.map(|time| time.to_string()),
            example: url.split('?').next().unwrap_or(url).to_owned(),
            cause: verdict.cause.clone(),
            fix: verdict.fix.clone(),
        };
        if verdict.allowed() {
            group.cause = Some(
                "the request is valid: AWS WAF, a geographic restriction or the origin denied it"
                    .into(),
            );
            group.fix = Some(
                "check x-edge-detailed-result-type in the log, the web ACL and the origin".into(),
            );
        } else if !is_denied && status.is_some() {
            group.fix =
                Some("restrict viewer access in the cache behavior, if the file is private".into());
        }
        self.add_group(group);
    }

    /// Adds the summary of other requests.
    pub fn merge(&mut self, other: Summary) {
        self.requests += other.requests;
        self.unreadable += other.unreadable;
        self.passed_over += other.passed_over;
        self.allowed += other.allowed;
        for group in other.groups.into_values() {
            self.add_group(group);
        }
    }

    /// The number of requests that are not valid.
    pub fn denied(&self) -> u64 {
        self.requests
            .saturating_sub(self.allowed + self.passed_over)
    }

    /// The groups, the most frequent first.
    pub fn groups(&self) -> Vec<&Group> {
        sorted(&self.groups)
    }

    /// Reads a summary that was written as JSON.
    ///
    /// # Errors
    /// Text that is not the JSON of summaries.
    pub fn parse(text: &str) -> Result<Self> {
        let mut sum = Summary::default();
        for summary in serde_json::Deserializer::from_str(text).into_iter() {
            sum.merge(summary.map_err(|e| Error::new(format!("is not a summary in JSON: {e}")))?);
        }
        Ok(sum)
    }

    fn add_group(&mut self, mut group: Group) {
        if self.groups.len() >= MOST_GROUPS && !self.groups.contains_key(&group.key) {
            group.key.kinds = vec!["other".into()];
        }
        let Some(known) = self.groups.get_mut(&group.key) else {
            self.groups.insert(group.key.clone(), group);
            return;
        };
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

/// The name of an enum's variant, as JSON has it.
fn name_of(value: &impl Serialize) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

fn write_groups<S: Serializer>(
    groups: &BTreeMap<Key, Group>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    sorted(groups).serialize(serializer)
}

fn read_groups<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<BTreeMap<Key, Group>, D::Error> {
    let groups = Vec::<Group>::deserialize(deserializer)?;
    Ok(groups
        .into_iter()
        .map(|group| (group.key.clone(), group))
        .collect())
}

/// The groups, the most frequent first.
fn sorted(groups: &BTreeMap<Key, Group>) -> Vec<&Group> {
    let mut list: Vec<&Group> = groups.values().collect();
    list.sort_by_key(|group| Reverse(group.count));
    list
}
