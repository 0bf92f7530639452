//! The rules: what systems do to URLs, expiries and policies between signing and request, undone.
//!
//! A rule turns what arrived into candidates of what was signed. It has no name, no text and no
//! rank, and may be as crude as it likes: a candidate counts only if the signature proves it, and
//! the explanation is made from the two texts. A rule is total: it accepts any text, and the number
//! of its candidates is bounded.

use crate::url::UrlParts;

mod encoding;
pub(super) mod expiry;
mod host;
pub(super) mod message;
mod path;
pub(super) mod policy;
mod punycode;
mod query;
mod spelling;
mod words;

pub(super) use query::is_tracker;

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
    pub(super) is_second: bool,
}

/// Gives URLs that may have been signed.
pub(super) type UrlRule = fn(&Source<'_>) -> Vec<String>;

/// The number of rules that go with other events most often.
pub(super) const USUAL: usize = 10;

/// All rules of URLs, the usual ones first.
pub(super) const URL_RULES: &[UrlRule] = &[
    query::removed,
    host::scheme,
    host::www,
    path::last_slash,
    encoding::whole,
    path::first_folder,
    path::fewer_segments,
    path::empty_segments,
    encoding::plus_and_space,
    query::written_again,
    path::star,
    encoding::path,
    encoding::twice,
    encoding::unicode,
    encoding::hexadecimal_case,
    encoding::typography,
    path::ends,
    host::port,
    host::dot,
    host::first_label,
    host::bucket,
    host::punycode,
    path::index_document,
    path::file_name,
    path::question_mark,
    path::backslashes,
    path::only,
    encoding::slashes,
    encoding::batch_file,
    query::arrays,
    query::separators,
    query::signing_parameters,
    query::names,
    path::fragment,
    host::capitals,
    path::capitals,
];

impl<'a> Source<'a> {
    /// The same request with another URL.
    pub(super) fn with<'b>(&'b self, url: &'b str, is_second: bool) -> Source<'b> {
        Source {
            url,
            parts: UrlParts::parse(url),
            is_second,
            ..*self
        }
    }

    fn parameters(&self) -> Vec<&'a str> {
        self.parts.parameters().collect()
    }

    fn with_path(&self, path: &str) -> String {
        UrlParts { path, ..self.parts }.to_string()
    }

    fn with_authority(&self, authority: &str) -> String {
        let parts = UrlParts {
            authority,
            ..self.parts
        };
        parts.to_string()
    }

    /// The URL with another query; without one if it is empty.
    fn with_query(&self, query: &str) -> String {
        let query = (!query.is_empty()).then_some(query);
        let parts = UrlParts {
            query,
            ..self.parts
        };
        parts.to_string()
    }
}

/// All orders of some things.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        let mut longer = Vec::new();
        for order in &orders {
            for place in (0..=next).rev() {
                let mut order = order.clone();
                order.insert(place, next);
                longer.push(order);
            }
        }
        orders = longer;
    }
    orders
}
