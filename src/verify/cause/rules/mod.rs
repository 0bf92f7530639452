//! The rules: what systems do to URLs, expiries and policies between signing and request, undone.
//!
//! A rule turns what arrived into candidates of what was signed. It has no name, no text and no
//! rank, and may be as crude as it likes: a candidate counts only if the signature proves it, and
//! the explanation is made from the two texts. A rule is total: it accepts any text, and the number
//! of its candidates is bounded.

use std::ops::Range;

use crate::url::UrlParts;

mod choices;
mod encoding;
pub(super) mod expiry;
mod host;
mod known_words;
pub(super) mod message;
mod path;
pub(super) mod policy;
mod punycode;
mod query;

pub(super) use known_words::replaced;
pub(super) use query::short;

/// A URL that arrived, and what the rules know of its request.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) url: &'a str,
    pub(super) parts: UrlParts<'a>,
    /// The parameters of the application that stand behind the signature.
    pub(super) behind: &'a [String],
    /// The values of `Expires` and `Key-Pair-Id`.
    pub(super) expires: &'a str,
    pub(super) key_pair_id: &'a str,
    /// The URL is a part of a product: the costly rules make fewer candidates.
    pub(super) is_light: bool,
}

/// Gives URLs that may have been signed.
type UrlRule = fn(&Source<'_>) -> Vec<String>;

/// The place of the first rule with so many candidates that it is applied by itself.
pub(super) const RARE: usize = 24;

/// All rules of URLs, the usual ones first.
pub(super) const URL_RULES: &[UrlRule] = &[
    query::removed,
    host::www,
    path::last_slash,
    encoding::recoded,
    path::first_folder,
    path::fewer_segments,
    path::empty_segments,
    encoding::plus_and_space,
    query::written_again,
    path::star,
    encoding::characters,
    encoding::other_texts,
    encoding::unicode,
    path::ends,
    host::port,
    host::others,
    path::index_document,
    path::file_name,
    path::only,
    query::arrays,
    query::signing_parameters,
    query::names,
    host::capitals,
    path::capitals,
    query::empty_parameters,
    path::camel_case,
];

impl Source<'_> {
    fn parameters(&self) -> Vec<&str> {
        self.parts.parameters().collect()
    }

    /// The limit of a costly rule, which is lower in a product.
    fn most(&self, alone: usize, in_a_product: usize) -> usize {
        if self.is_light { in_a_product } else { alone }
    }

    /// The URL with another text in a range of it.
    fn with(&self, range: Range<usize>, text: &str) -> String {
        [&self.url[..range.start], text, &self.url[range.end..]].concat()
    }

    fn path(&self) -> Range<usize> {
        let start = self.parts.authority_range().end;
        start..start + self.parts.path.len()
    }

    fn with_path(&self, path: &str) -> String {
        self.with(self.path(), path)
    }

    fn with_paths(&self, paths: &[String]) -> Vec<String> {
        paths.iter().map(|path| self.with_path(path)).collect()
    }

    fn with_authority(&self, authority: &str) -> String {
        self.with(self.parts.authority_range(), authority)
    }

    /// The URL with another query; without one if it is empty.
    fn with_query(&self, query: &str) -> String {
        let mark = if query.is_empty() { "" } else { "?" };
        let start = self.path().end;
        let end = start + self.parts.query.map_or(0, |own| own.len() + 1);
        [&self.url[..start], mark, query, &self.url[end..]].concat()
    }

    fn with_queries(&self, queries: &[String]) -> Vec<String> {
        let queries = queries.iter();
        queries.map(|query| self.with_query(query)).collect()
    }

    /// The URL with its path, its query and both rewritten, each behind its delimiter.
    fn rewritten(&self, rewrite: impl Fn(&str) -> Vec<String>) -> Vec<String> {
        let Range { start, end } = self.path();
        let path = start + usize::from(self.parts.path.starts_with('/'));
        let query = end + usize::from(self.parts.query.is_some());
        let url_end = self.url.len();
        let mut found = Vec::new();
        for range in [path..end, query..url_end, path..url_end] {
            let part = &self.url[range.clone()];
            for text in rewrite(part) {
                if text != part {
                    found.push(self.with(range.clone(), &text));
                }
            }
        }
        found
    }
}
