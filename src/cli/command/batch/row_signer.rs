//! From a row to its signed URL.

use std::str::FromStr;

use crate::batch::{Column, Layout, Row, write_blank, write_row};
use crate::{
    Conditions, Error, IpRange, KeyType, Policy, Resource, Result, SignedPolicy, SignedUrl, Signer,
    Timestamp, UnsignedUrl, When,
};

use super::base_url::BaseUrl;
use super::shared_policy::SharedPolicy;
use crate::cli::args::ChangeFlags;
use crate::cli::content_disposition;
use crate::cli::request::{ChangedUrl, PolicySpec, Terms};
use crate::cli::terminal::STRICT_HINT;
use crate::cli::warnings::{Repeated, Warnings};

/// Signs rows, on any thread.
pub struct RowSigner {
    pub signer: Signer,
    pub spec: PolicySpec,
    /// The policy for all rows without conditions of their own, where there is one; signed once.
    pub shared: Option<SharedPolicy>,
    pub changes: ChangeFlags,
    pub base_url: Option<BaseUrl>,
    pub now: Timestamp,
    /// `--strict`: a row with a warning is not signed.
    pub strict: bool,
    pub fail_fast: bool,
}

/// A row that only lacks its signature.
struct PreparedRow<'a> {
    url: UnsignedUrl,
    policy: RowPolicy<'a>,
    warnings: Warnings,
}

enum RowPolicy<'a> {
    /// The policy of the run, which is signed already.
    Shared(&'a SignedPolicy),
    /// The index of a policy that is signed together with others.
    Index(usize),
}

/// The policies of some rows. Consecutive rows with the same policy share one.
#[derive(Default)]
struct RowPolicies {
    unsigned: Vec<Policy>,
    /// The previous row's conditions and their warnings: most rows repeat them.
    last: Option<(Conditions, Warnings)>,
}

impl RowPolicies {
    /// The warnings about the conditions of a policy.
    fn warnings(&mut self, policy: &Policy, now: Timestamp) -> &Warnings {
        let conditions = policy.conditions();
        self.last.take_if(|(last, _)| *last != conditions);
        let (_, warnings) = self.last.get_or_insert_with(|| {
            let mut warnings = Warnings::default();
            warnings.check_conditions(&conditions, now);
            (conditions, warnings)
        });
        warnings
    }

    /// The index of a policy, added if it is not the last one.
    fn add(&mut self, policy: Policy) -> usize {
        if self.unsigned.last() != Some(&policy) {
            self.unsigned.push(policy);
        }
        self.unsigned.len() - 1
    }
}

/// The rows of a chunk with their results.
#[derive(Default)]
pub struct SignedChunk {
    /// The length of the chunk, in bytes.
    pub input_len: u64,
    pub output: Vec<u8>,
    pub rows: u64,
    /// The rows that could not be signed, in order.
    pub bad: Vec<BadRow>,
    pub warnings: Repeated,
}

/// A row that could not be signed.
pub struct BadRow {
    /// The line of the input on which it begins, counted from 1.
    pub line: u64,
    pub error: Error,
}

impl RowSigner {
    /// The number of rows in a chunk: those of some milliseconds, and one for a remote signer.
    pub fn rows_per_chunk(&self) -> usize {
        match (&self.shared, self.signer.key_type()) {
            (Some(shared), _) => ((1 << 20) / shared.signed.query().len()).clamp(1, 512),
            (None, Some(KeyType::P256)) => 128,
            (None, Some(KeyType::Rsa(_))) => 16,
            (None, None) => 1,
        }
    }

    /// Refuses a layout none of whose rows could be signed.
    pub fn check_columns(&self, layout: &Layout) -> Result<()> {
        match &self.spec {
            PolicySpec::Terms(terms)
                if !layout.may_have(Column::Expires) && !self.changes.resign =>
            {
                terms.conditions().map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Signs some rows together: several signatures at a time take less time than one after
    /// another. Under `--fail-fast`, the rows after the first bad one are left out.
    pub fn sign_rows<'a>(
        &self,
        layout: &Layout,
        rows: impl Iterator<Item = Row<'a>>,
        signed: &mut SignedChunk,
    ) {
        let mut policies = RowPolicies::default();
        let mut prepared_rows = Vec::new();
        for row in rows {
            if row.is_blank() {
                prepared_rows.push((row, None));
                continue;
            }
            let prepared = self.prepare(layout, &row, &mut policies);
            let stop = self.fail_fast && prepared.is_err();
            prepared_rows.push((row, Some(prepared)));
            if stop {
                break;
            }
        }
        let signed_policies = self.signer.sign_many(policies.unsigned);
        for (row, prepared) in prepared_rows {
            let Some(prepared) = prepared else {
                write_blank(layout, &mut signed.output);
                continue;
            };
            signed.rows += 1;
            let outcome = prepared.and_then(|prepared| {
                self.finish(prepared, &signed_policies, row.line, &mut signed.warnings)
            });
            let written = outcome.as_ref().map(SignedUrl::as_str);
            write_row(&row, written, &mut signed.output);
            if let Err(error) = outcome {
                signed.bad.push(BadRow {
                    line: row.line,
                    error,
                });
                if self.fail_fast {
                    break;
                }
            }
        }
    }

    /// Does everything for a row that precedes signing. Its policy is added to `policies`.
    fn prepare<'a>(
        &'a self,
        layout: &Layout,
        row: &Row,
        policies: &mut RowPolicies,
    ) -> Result<PreparedRow<'a>> {
        layout.check(row)?;
        let mut warnings = Warnings::default();
        let prepared = self.url(row, &mut warnings)?;
        warnings.check_url(&prepared.url);
        let own = self.own_spec(row)?;
        if let Some(shared) = &self.shared
            && own.is_none()
            && shared.is_for(&prepared.url)?
        {
            return Ok(PreparedRow {
                url: prepared.url,
                policy: RowPolicy::Shared(&shared.signed),
                warnings,
            });
        }
        let policy = own.as_ref().unwrap_or(&self.spec).policy(&prepared)?;
        warnings.extend(policies.warnings(&policy, self.now));
        warnings.check_resource(policy.resource());
        warnings.check_url_scheme(policy.resource());
        Ok(PreparedRow {
            url: prepared.url,
            policy: RowPolicy::Index(policies.add(policy)),
            warnings,
        })
    }

    /// Makes the signed URL of a row, from the policies that were signed.
    fn finish(
        &self,
        row: PreparedRow,
        signed_policies: &[Result<SignedPolicy>],
        line: u64,
        repeated: &mut Repeated,
    ) -> Result<SignedUrl> {
        let signed_policy = match row.policy {
            RowPolicy::Shared(signed_policy) => signed_policy,
            RowPolicy::Index(index) => signed_policies[index].as_ref().map_err(Error::clone)?,
        };
        let mut warnings = row.warnings;
        let signed_url = SignedUrl::new(&row.url, signed_policy);
        warnings.check_signed_url(&row.url, &signed_url, signed_policy.policy().resource());
        for warning in warnings {
            if self.strict {
                return Err(Error::new(warning.text).with_hint(STRICT_HINT));
            }
            repeated.add(line, warning);
        }
        Ok(signed_url)
    }

    /// The URL of a row, with every change that precedes signing.
    fn url(&self, row: &Row, warnings: &mut Warnings) -> Result<ChangedUrl> {
        let text = row
            .get(Column::Url)?
            .ok_or_else(|| Error::new("the row has no URL"))?;
        refuse_list(&text)?;
        let url = match &self.base_url {
            Some(base_url) => base_url.join(&text)?,
            None => text.clone(),
        };
        if self.changes.encode && url != text {
            warnings.check_path(&text);
        }
        let unsigned = match row.get(Column::DownloadAs)? {
            None => self.changes.apply(&url),
            Some(name) => {
                let attachment =
                    content_disposition::attachment(&name).map_err(|e| e.context("download_as"))?;
                self.changes.apply_with(&url, Some(&attachment))
            }
        };
        unsigned.map_err(|e| self.with_better_hint(e, &url))
    }

    /// A hint for a text that is no URL, because the input has another format or paths.
    fn with_better_hint(&self, error: Error, text: &str) -> Error {
        if text.starts_with('{') {
            return error.with_hint("--from jsonl reads one JSON object per line");
        }
        if text.starts_with('[') {
            return error.with_hint("convert a JSON array with jq -c '.[]', and use --from jsonl");
        }
        if text.contains('\t') {
            return error.with_hint("--from tsv reads a table");
        }
        if text.contains(",http") || text.split(',').any(|cell| cell == "url") {
            return error.with_hint("--from csv reads a table");
        }
        if text.starts_with('#') {
            return error.with_hint("leave out lines that begin with #: grep -v '^#' FILE");
        }
        let is_path = !text.contains("://") && text.trim() == text && !self.changes.stream;
        if is_path && self.base_url.is_none() {
            return error.with_hint("--base-url https://cdn.example.com resolves paths");
        }
        error
    }

    /// The spec of a row that has conditions of its own.
    fn own_spec(&self, row: &Row) -> Result<Option<PolicySpec>> {
        let expires = time(row, Column::Expires, "expires", self.now)?;
        let starts = time(row, Column::Starts, "starts", self.now)?;
        let ip = parsed::<IpRange>(row, Column::Ip, "ip")?;
        let resource = parsed::<Resource>(row, Column::Resource, "resource")?;
        let has_own = expires.is_some() || starts.is_some() || ip.is_some() || resource.is_some();
        match &self.spec {
            PolicySpec::Terms(terms)
                if expires.is_none() && terms.expires.is_none() && !self.changes.resign =>
            {
                Err(
                    Error::new("the row has no expiry, and there is no --expires")
                        .with_hint("--expires 2027-01-31 applies to rows without one"),
                )
            }
            _ if !has_own => Ok(None),
            PolicySpec::Document(_) => Err(Error::new(
                "the row's conditions conflict with --policy",
            )
            .with_hint("leave out --policy, or the columns expires, starts, ip and resource")),
            PolicySpec::Terms(terms) => {
                let own = Terms {
                    expires,
                    starts,
                    ip,
                    resource,
                    ..Terms::default()
                };
                Ok(Some(PolicySpec::Terms(own.or(terms))))
            }
        }
    }
}

/// Refuses several URLs that commas join.
fn refuse_list(text: &str) -> Result<()> {
    let path = text.split('?').next().unwrap_or(text);
    let next_urls = path.matches(",http://").count() + path.matches(",https://").count();
    if next_urls == 0 || !path.starts_with("http") {
        return Ok(());
    }
    let count = next_urls + 1;
    Err(
        Error::new(format!("the row has {count} URLs, joined by commas"))
            .with_hint("put each URL on its own line: tr ',' '\\n' < FILE"),
    )
}

/// The value of a column as text of another type; errors call it `name`.
fn parsed<T: FromStr<Err = Error>>(row: &Row, column: Column, name: &str) -> Result<Option<T>> {
    let Some(text) = row.get(column)? else {
        return Ok(None);
    };
    let value = text.parse().map_err(|e: Error| e.context(name))?;
    Ok(Some(value))
}

fn time(row: &Row, column: Column, name: &str, now: Timestamp) -> Result<Option<Timestamp>> {
    let Some(when) = parsed::<When>(row, column, name)? else {
        return Ok(None);
    };
    let time = when.resolve(now).map_err(|e| e.context(name))?;
    Ok(Some(time))
}
