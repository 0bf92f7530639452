//! From a row to its signed URL.

use std::borrow::Cow;
use std::str::FromStr;

use crate::batch::{Chunk, Done, Layout, Row, URL};
use crate::url::content_disposition;
use crate::url::signing_parameters::shown;
use crate::{
    Error, IpRange, KeyType, Matcher, Policy, Resource, Result, SignedPolicy, SignedUrl, Signer,
    Timestamp, UnsignedUrl, When,
};

use crate::cli::args::ChangeFlags;
use crate::cli::report::STRICT_HINT;
use crate::cli::request::{Template, Terms, base_url, not_covered};
use crate::cli::warnings::{Repeated, Warnings};

/// What signs rows, on any thread.
pub struct RowSigner {
    signer: Signer,
    template: Template,
    /// The policy that serves all rows which do not say otherwise, signed.
    shared: Option<Shared>,
    changes: ChangeFlags,
    base_url: Option<BaseUrl>,
    now: Timestamp,
}

/// One policy for many rows.
struct Shared {
    signed: SignedPolicy,
    /// What the policy covers; `None` where that is everything.
    resource: Option<(Resource, Matcher)>,
}

/// What came of a chunk of rows.
pub struct SignedRows {
    /// The length of the chunk.
    pub bytes: u64,
    pub rows: Done,
    pub warnings: Repeated,
}

impl RowSigner {
    pub fn new(
        template: Template,
        signer: Signer,
        changes: ChangeFlags,
        base_url: Option<BaseUrl>,
        now: Timestamp,
        warnings: &mut Warnings,
    ) -> Result<Self> {
        let policy = match &template {
            Template::Written(policy) => Some(policy.clone()),
            Template::Built(terms) => match (&terms.resource, terms.expires) {
                (Some(resource), Some(_)) => Some(Policy::custom(resource, terms.conditions()?)?),
                _ => None,
            },
        };
        if let Some(policy) = &policy {
            warnings.look_at_policy(policy, now);
        }
        let shared = policy
            .map(|policy| Shared::new(&signer, policy))
            .transpose()?;
        Ok(RowSigner {
            signer,
            template,
            shared,
            changes,
            base_url,
            now,
        })
    }

    /// How many rows to hand over at a time: as many as take some milliseconds, and one where another program signs.
    pub fn at_a_time(&self) -> usize {
        match (&self.shared, self.signer.key_type()) {
            (Some(_), _) => 512,
            (None, Some(KeyType::P256)) => 128,
            (None, Some(KeyType::Rsa(_))) => 16,
            (None, None) => 1,
        }
    }

    /// Refuses rows none of which could be signed.
    pub fn check_columns(&self, layout: &Layout) -> Result<()> {
        match &self.template {
            Template::Built(terms @ Terms { expires: None, .. }) if !layout.may_have("expires") => {
                terms.conditions().map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Signs the rows of a chunk. With `strict`, a row that there is a warning about is not signed.
    pub fn sign_each(
        &self,
        layout: &Layout,
        chunk: &Chunk,
        strict: bool,
        fail_fast: bool,
    ) -> SignedRows {
        let mut repeated = Repeated::default();
        let mut last = None;
        let rows = layout.sign_each(chunk, fail_fast, |line, row| {
            let mut warnings = Warnings::default();
            let signed_url = self.sign(row, &mut last, &mut warnings)?;
            for warning in warnings {
                if strict {
                    return Err(Error::new(warning.text).with_hint(STRICT_HINT));
                }
                repeated.add(line, warning);
            }
            Ok(signed_url.into_string())
        });
        SignedRows {
            bytes: chunk.bytes.len() as u64,
            rows,
            warnings: repeated,
        }
    }

    /// Signs one row; `last` is the policy that was signed before it, and serves again where it is the same.
    fn sign(
        &self,
        row: &Row,
        last: &mut Option<SignedPolicy>,
        warnings: &mut Warnings,
    ) -> Result<SignedUrl> {
        let url = self.url(row, warnings)?;
        warnings.look_at_url(&url);
        let own = self.template_of(row)?;
        let signed = match &self.shared {
            Some(shared) if own.is_none() && shared.serves(&url)? => &shared.signed,
            _ => {
                let policy = own.as_ref().unwrap_or(&self.template).policy_for(&url)?;
                warnings.look_at_policy(&policy, self.now);
                match last {
                    Some(last) if *last.policy() == policy => last,
                    _ => last.insert(self.signer.sign(policy)?),
                }
            }
        };
        let signed_url = SignedUrl::new(&url, signed);
        warnings.look_at_signed_url(&url, &signed_url);
        Ok(signed_url)
    }

    /// The URL of a row, with all that is done to it before it is signed.
    fn url(&self, row: &Row, warnings: &mut Warnings) -> Result<UnsignedUrl> {
        let text = row
            .get(URL)?
            .ok_or_else(|| Error::new("the row has no url"))?;
        let url = match &self.base_url {
            Some(base_url) => base_url.join(&text)?,
            None => text.clone(),
        };
        if self.changes.encode && url != text {
            warnings.look_at_path(&text);
        }
        let relative = !url.contains("://") && url.trim() == url && !self.changes.stream;
        let better_hint = |e: Error| match url.as_bytes().first() {
            Some(b'{') => e.with_hint("--from jsonl reads an object a line"),
            Some(b'[') => e.with_hint(
                "jq -c '.[]' writes a list of JSON as the lines that --from jsonl reads",
            ),
            _ if url.contains('\t') => e.with_hint("--from tsv reads a table"),
            _ if url.contains(",http") || url.split(',').any(|cell| cell == URL) => {
                e.with_hint("--from csv reads a table")
            }
            _ if relative && self.base_url.is_none() => {
                e.with_hint("--base-url https://cdn.example.com puts what is missing in front")
            }
            _ => e,
        };
        let name = row.get("download_as")?;
        let attachment = name
            .map(|name| content_disposition::attachment(&name))
            .transpose();
        match attachment.map_err(|e| e.context("download_as"))? {
            None => self.changes.unsigned(&url),
            Some(attachment) => self.changes.unsigned_with(&url, Some(&attachment)),
        }
        .map_err(better_hint)
    }

    /// The terms of a row that has some of its own.
    fn template_of(&self, row: &Row) -> Result<Option<Template>> {
        let expires = cell::<When>(row, "expires")?
            .map(|when| when.resolve(self.now))
            .transpose();
        let starts = cell::<When>(row, "starts")?
            .map(|when| when.resolve(self.now))
            .transpose();
        let ip = cell::<IpRange>(row, "ip")?;
        let resource = cell::<Resource>(row, "resource")?;
        let (expires, starts) = (
            expires.map_err(|e| e.context("expires"))?,
            starts.map_err(|e| e.context("starts"))?,
        );
        match &self.template {
            Template::Built(terms) if expires.is_none() && terms.expires.is_none() => Err(
                Error::new("the row has no expires, and no --expires stands for it")
                    .with_hint("--expires 2027-01-31 is the end of access for rows without one"),
            ),
            _ if expires.is_none() && starts.is_none() && ip.is_none() && resource.is_none() => {
                Ok(None)
            }
            Template::Written(_) => Err(Error::new(
                "the row has terms of its own, and --policy says it all",
            )
            .with_hint("leave out --policy, or the columns expires, starts, ip and resource")),
            Template::Built(terms) => Ok(Some(Template::Built(Terms {
                expires: expires.or(terms.expires),
                starts: starts.or(terms.starts),
                ip: ip.or(terms.ip),
                resource: resource.or_else(|| terms.resource.clone()),
                custom: terms.custom,
            }))),
        }
    }
}

impl Shared {
    fn new(signer: &Signer, policy: Policy) -> Result<Self> {
        let resource = policy
            .resource()
            .map(|resource| (resource.clone(), resource.matcher()));
        Ok(Shared {
            signed: signer.sign(policy)?,
            resource,
        })
    }

    /// Whether the policy is the one for this URL; the URL that is itself the resource may do with a canned policy.
    ///
    /// # Errors
    /// The policy does not cover the URL.
    fn serves(&self, url: &UnsignedUrl) -> Result<bool> {
        match &self.resource {
            None => Ok(true),
            Some((resource, _)) if resource.as_str() == url.without_empty_query() => Ok(false),
            Some((_, matcher)) if matcher.covers(url.without_empty_query()) => Ok(true),
            Some((resource, _)) => Err(not_covered(resource, url)),
        }
    }
}

fn cell<T: FromStr<Err = Error>>(row: &Row, name: &str) -> Result<Option<T>> {
    row.get(name)?
        .map(|text| text.parse())
        .transpose()
        .map_err(|e: Error| e.context(name))
}

/// What is put in front of paths.
#[derive(Clone)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL of a row: the row itself if it is, or is meant to be, a whole URL; the path below the base otherwise.
    ///
    /// # Errors
    /// A path that holds a URL, as the line of a table may.
    fn join<'a>(&self, row: &'a str) -> Result<Cow<'a, str>> {
        let protocol = |name: &str| {
            row.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let whole = match row.split_once("://") {
            Some((scheme, _)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => true,
            Some((path, _)) if !path.contains('?') => {
                return Err(Error::new(format!(
                    "{} holds a URL and is none, nor a path",
                    shown(row)
                ))
                .with_hint("--from csv and --from tsv read tables"));
            }
            Some(_) => false,
            None => row.starts_with("//") || ["http:", "https:"].into_iter().any(protocol),
        };
        Ok(match whole {
            true => Cow::Borrowed(row),
            false => [&self.0, row.strip_prefix('/').unwrap_or(row)]
                .concat()
                .into(),
        })
    }
}

/// Reads a URL that paths can stand below; a `/` at its end may be left out.
impl FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let url = base_url(text).map_err(|e| e.context("is wrong:"))?;
        if url.as_str().contains('?') {
            return Err(Error::new(format!("{} has a query, below which there are no paths", shown(text)))
                .with_hint("--base-url https://cdn.example.com/builds/42; --query NAME=VALUE adds to the query"));
        }
        Ok(BaseUrl(format!(
            "{}/",
            text.strip_suffix('/').unwrap_or(text)
        )))
    }
}
