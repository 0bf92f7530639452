//! From rows to their signed URLs.

use std::borrow::Cow;
use std::str::FromStr;

use super::shared_policy::SharedPolicy;
use crate::batch::{Chunk, Column, Layout, Row, write_blank, write_row};
use crate::cli::args::ChangeFlags;
use crate::cli::content_disposition;
use crate::cli::request::{ChangedUrl, PolicySpec};
use crate::cli::terminal::STRICT_HINT;
use crate::cli::warnings::{Repeated, Warnings};
use crate::{Error, Policy, Result, SignedPolicy, SignedUrl, Signer, Timestamp, UnsignedUrl, When};

/// Signs rows, on any thread.
pub struct RowSigner {
    pub signer: Signer,
    pub spec: PolicySpec,
    /// The policy for all rows without conditions of their own, where there is one; signed once.
    pub shared: Option<SharedPolicy>,
    pub changes: ChangeFlags,
    /// The URL that rows with paths are relative to, without a `/` at its end.
    pub base_url: Option<String>,
    pub now: Timestamp,
    /// `--strict`: a row with a warning is not signed.
    pub strict: bool,
    pub fail_fast: bool,
    pub layout: Layout,
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

/// The rows of a chunk with their results.
#[derive(Default)]
pub struct SignedChunk {
    /// The length of the chunk, in bytes.
    pub input_len: u64,
    pub output: Vec<u8>,
    pub rows: u64,
    /// The lines of the rows that could not be signed, and the reasons.
    pub bad: Vec<(u64, Error)>,
    pub warnings: Repeated,
}

impl RowSigner {
    /// Signs the rows of a chunk, and writes each with its result to `output`. Several signatures
    /// at a time take less time than one after another. Under `--fail-fast`, the rows after the
    /// first bad one are left out.
    pub fn sign(&self, chunk: &Chunk, output: Vec<u8>) -> SignedChunk {
        let mut signed = SignedChunk {
            input_len: chunk.bytes.len() as u64,
            output,
            ..SignedChunk::default()
        };
        let shared = self.shared.as_ref().filter(|_| self.layout.is_lines());
        let mut rows = Vec::new();
        let mut policies = Vec::new();
        for row in Row::all(&self.layout, chunk) {
            if let Some(shared) = shared
                && shared.sign_plain(row.as_bytes(), &mut signed.output)
            {
                signed.rows += 1;
                continue;
            }
            let prepared = (!row.is_blank()).then(|| self.prepare(&row, &mut policies));
            rows.push((row, prepared));
            // Under a shared policy, nothing has to wait for the signatures of other rows.
            if shared.is_some() {
                let (rows, policies) = (std::mem::take(&mut rows), std::mem::take(&mut policies));
                self.write(rows, policies, &mut signed);
            }
            if self.fail_fast && !signed.bad.is_empty() {
                return signed;
            }
        }
        self.write(rows, policies, &mut signed);
        signed
    }

    /// Signs the policies, and writes the rows.
    fn write(
        &self,
        rows: Vec<(Row, Option<Result<PreparedRow>>)>,
        policies: Vec<Policy>,
        signed: &mut SignedChunk,
    ) {
        let policies = self.signer.sign_many(policies);
        for (row, prepared) in rows {
            let Some(prepared) = prepared else {
                write_blank(&self.layout, &mut signed.output);
                continue;
            };
            signed.rows += 1;
            let outcome = prepared.and_then(|prepared| {
                self.finish(prepared, &policies, row.line, &mut signed.warnings)
            });
            let written = outcome.as_ref().map(SignedUrl::as_str);
            write_row(&row, written, &mut signed.output);
            if let Err(error) = outcome {
                signed.bad.push((row.line, error));
                if self.fail_fast {
                    break;
                }
            }
        }
    }

    /// Does everything for a row that precedes signing. Its policy is added to `policies`.
    fn prepare(&self, row: &Row, policies: &mut Vec<Policy>) -> Result<PreparedRow<'_>> {
        row.check()?;
        let mut warnings = Warnings::default();
        let changed = self.url(row, &mut warnings)?;
        warnings.about_url(&changed.url);
        let own_spec = self.own_spec(row)?;
        let policy = match &self.shared {
            Some(shared) if own_spec.is_none() && shared.is_for(&changed.url)? => {
                RowPolicy::Shared(&shared.signed)
            }
            _ => {
                let spec = own_spec.as_ref().unwrap_or(&self.spec);
                let own = changed.url.resource();
                let policy = spec.policy(&own, own.as_str(), changed.old.as_ref())?;
                warnings.about_url_policy(&policy, self.now);
                // Consecutive rows with the same policy share one.
                if policies.last() != Some(&policy) {
                    policies.push(policy);
                }
                RowPolicy::Index(policies.len() - 1)
            }
        };
        Ok(PreparedRow {
            url: changed.url,
            policy,
            warnings,
        })
    }

    /// Makes the signed URL of a row, from the policies that were signed.
    fn finish(
        &self,
        row: PreparedRow,
        policies: &[Result<SignedPolicy>],
        line: u64,
        repeated: &mut Repeated,
    ) -> Result<SignedUrl> {
        let signed_policy = match row.policy {
            RowPolicy::Shared(signed_policy) => signed_policy,
            RowPolicy::Index(index) => policies[index].as_ref().map_err(Error::clone)?,
        };
        let mut warnings = row.warnings;
        let signed_url = SignedUrl::new(&row.url, signed_policy);
        warnings.about_signed_url(&row.url, &signed_url, signed_policy.policy().resource());
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
        let url = match &self.base_url {
            Some(base_url) if !is_whole(text) => {
                let path = text.strip_prefix('/').unwrap_or(text);
                Cow::Owned(format!("{base_url}/{path}"))
            }
            _ => Cow::Borrowed(text),
        };
        if self.changes.encode && url != text {
            warnings.about_path(text);
        }
        let name = row.get(Column::DownloadAs)?;
        let attachment = name.map(content_disposition::attachment).transpose();
        let attachment = attachment.map_err(|e| e.context(Column::DownloadAs.name()))?;
        let changed = self.changes.apply(&url, attachment.as_deref());
        changed.map_err(|e| match self.better_hint(&url) {
            Some(hint) => Error::new(e.to_string()).with_hint(hint),
            None => e,
        })
    }

    /// A hint for a text that is no URL, because the input has another format or paths.
    fn better_hint(&self, text: &str) -> Option<&'static str> {
        let is_path = !text.contains("://") && text.trim() == text && !self.changes.stream;
        Some(match text.as_bytes() {
            [b'{', ..] => "--from jsonl reads one JSON object per line",
            [b'[', ..] => "convert a JSON array with jq -c '.[]', and use --from jsonl",
            _ if text.contains('\t') => "--from tsv reads a table",
            _ if text.contains(",http") || text.split(',').any(|cell| cell == "url") => {
                "--from csv reads a table"
            }
            [b'#', ..] => "leave out lines that begin with #: grep -v '^#' FILE",
            _ if is_path && self.base_url.is_none() => {
                "--base-url https://cdn.example.com resolves paths"
            }
            _ => return None,
        })
    }

    /// The spec of a row that has conditions of its own.
    fn own_spec(&self, row: &Row) -> Result<Option<PolicySpec>> {
        let own = PolicySpec {
            expires: self.time(row, Column::Expires)?,
            starts: self.time(row, Column::Starts)?,
            ip: parsed(row, Column::Ip)?,
            resource: parsed(row, Column::Resource)?,
            ..PolicySpec::default()
        };
        let has_own = own != PolicySpec::default();
        if has_own && self.spec.document.is_some() {
            let message = "the row's conditions conflict with --policy";
            let hint = "leave out --policy, or the columns expires, starts, ip and resource";
            return Err(Error::new(message).with_hint(hint));
        }
        Ok(has_own.then(|| own.or(&self.spec)))
    }

    fn time(&self, row: &Row, column: Column) -> Result<Option<Timestamp>> {
        let when: Option<When> = parsed(row, column)?;
        let time = when.map(|when| when.resolve(self.now)).transpose();
        time.map_err(|e| e.context(column.name()))
    }
}

/// Returns whether a row is meant to be a whole URL, valid or not, rather than a path.
fn is_whole(row: &str) -> bool {
    let path = row.split('?').next().unwrap_or(row).to_ascii_lowercase();
    let starts = ["//", "http:", "https:"];
    path.contains("://") || starts.iter().any(|start| path.starts_with(start))
}

/// The value of a column as text of another type.
fn parsed<T: FromStr<Err = Error>>(row: &Row, column: Column) -> Result<Option<T>> {
    let value = row.get(column)?.map(str::parse).transpose();
    value.map_err(|e: Error| e.context(column.name()))
}
