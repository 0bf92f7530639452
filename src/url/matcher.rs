//! Matching of URLs against the pattern of a [`Resource`](super::Resource), by the rules described
//! there.

use std::fmt;

use super::LONGEST_URL;
use super::parts::UrlParts;

/// A compiled pattern.
///
/// Matching takes time proportional to the length of the URL times the length of the pattern in
/// machine words; no pattern has an exponential worst case.
pub struct Matcher {
    pattern: String,
    /// The pattern without its `*`, if that is the only wildcard and the end of the path: every URL
    /// with this prefix is covered.
    prefix: Option<String>,
    /// The pattern of the scheme; `None` for the name of a stream.
    scheme: Option<Glob>,
    /// The pattern of domain, path and query.
    rest: Glob,
}

impl Matcher {
    pub(super) fn new(pattern: &str) -> Self {
        let (scheme, rest) = match split_scheme(pattern) {
            Some((scheme, rest)) if is_protocol(scheme) => (Some(scheme), rest),
            _ if pattern.starts_with('*') => (Some("*"), pattern),
            _ => (None, pattern),
        };
        let prefix = pattern.strip_suffix('*').filter(|prefix| {
            scheme.is_some() && rest.contains('/') && !prefix.contains(['*', '?', '\\'])
        });
        Matcher {
            prefix: prefix.map(Into::into),
            scheme: scheme.map(Glob::new),
            rest: Glob::new(rest),
            pattern: pattern.into(),
        }
    }

    /// Returns whether the pattern covers `url`, a URL without signing parameters.
    ///
    /// Of patterns and URLs that are longer than CloudFront accepts, only equal text and plain
    /// prefixes match.
    pub fn covers(&self, url: &str) -> bool {
        if self.pattern == "*"
            || self.pattern == url
            || self
                .prefix
                .as_ref()
                .is_some_and(|prefix| url.starts_with(prefix))
        {
            return true;
        }
        // Matching takes time proportional to the product of both lengths.
        if url.len() > LONGEST_URL || self.pattern.len() > LONGEST_URL {
            return false;
        }
        let parts = UrlParts::parse(url);
        let Some(scheme) = parts.scheme else {
            let query = parts.query.map(|_| parts.path.len());
            return !self.pattern.contains("://") && self.rest.matches(url, 0, &[query]);
        };
        let Some(own_scheme) = &self.scheme else {
            return false;
        };
        if !own_scheme.matches(scheme, scheme.len(), &[]) {
            return false;
        }
        let url = &url[parts.authority_range().start..];
        let domain = parts.authority.len();
        let path = (!parts.path.is_empty()).then_some(domain);
        let query = parts.query.map(|_| domain + parts.path.len());
        if self.rest.matches(url, domain, &[path, query]) {
            return true;
        }
        if parts.path != "/" {
            return false;
        }
        // A pattern without a path covers the path "/".
        let without_path = [parts.authority, &url[domain + 1..]].concat();
        let query = parts.query.map(|_| domain);
        self.rest.matches(&without_path, domain, &[query])
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Matcher").field(&self.pattern).finish()
    }
}

/// Splits a pattern at its `://`. A `?` in its domain may be a wildcard, so a pattern is no URL
/// with [`UrlParts`].
pub(super) fn split_scheme(pattern: &str) -> Option<(&str, &str)> {
    pattern
        .split_once("://")
        .filter(|(scheme, _)| !scheme.contains('/'))
}

/// Returns whether the part of a pattern before `://` can match a scheme.
fn is_protocol(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'*')
}

/// A glob as a bit-parallel NFA (Shift-And, Baeza-Yates and Gonnet 1992), with one bit for each
/// position in the pattern.
///
/// A set bit means that the text read so far matches the pattern up to this position. A `*` is a
/// position that any character leaves unchanged.
struct Glob {
    /// For each byte, the positions where it is the next character; empty if there are none.
    next: Vec<Vec<u64>>,
    /// The positions where the next character is a `?`.
    any: Vec<u64>,
    /// The positions of `*`.
    stars: Vec<u64>,
    /// The position at the end of the pattern.
    end: usize,
    /// A plain `?` may match the one that starts the query: true if the pattern has no escaped one.
    plain_query: bool,
    /// The position before a trailing `?*`, where a URL without a query may end.
    before_query: Option<usize>,
}

impl Glob {
    fn new(pattern: &str) -> Self {
        let words = pattern.len() / 64 + 1;
        let mut glob = Glob {
            next: vec![Vec::new(); 256],
            any: vec![0; words],
            stars: vec![0; words],
            end: 0,
            plain_query: !pattern.contains("\\?"),
            before_query: None,
        };
        let mut bytes = pattern.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let literal = match byte {
                b'*' => {
                    set(&mut glob.stars, glob.end);
                    continue;
                }
                b'?' => None,
                b'\\' => Some(bytes.next_if_eq(&b'?').unwrap_or(byte)),
                other => Some(other),
            };
            match literal {
                Some(literal) => {
                    let positions = &mut glob.next[usize::from(literal)];
                    positions.resize(words, 0);
                    set(positions, glob.end);
                }
                None => set(&mut glob.any, glob.end),
            }
            glob.end += 1;
        }
        glob.before_query = glob.end.checked_sub(1).filter(|_| pattern.ends_with("?*"));
        glob
    }

    /// Matches all of `text`. Only a `*` at the end of the pattern matches across `boundaries`,
    /// which are byte offsets. Letters before the byte offset `domain_end` match regardless of
    /// case.
    fn matches(&self, text: &str, domain_end: usize, boundaries: &[Option<usize>]) -> bool {
        let text = text.as_bytes();
        let has_query = text.contains(&b'?');
        let words = self.any.len();
        let mut last_star = vec![0; words];
        set(&mut last_star, self.end);
        for (word, stars) in last_star.iter_mut().zip(&self.stars) {
            *word &= stars;
        }
        let mut active = vec![0; words];
        set(&mut active, 0);
        for (index, byte) in text.iter().enumerate() {
            let boundary = boundaries.contains(&Some(index));
            let stay = if boundary { &last_star } else { &self.stars };
            let any_passes = !boundary || *byte == b'?' && self.plain_query;
            let next = &self.next[usize::from(*byte)];
            let other_case = match *byte ^ 0x20 {
                other if index < domain_end && byte.is_ascii_alphabetic() => {
                    &self.next[usize::from(other)]
                }
                _ => next,
            };
            let mut carry = 0;
            let mut reached = 0;
            for word in 0..words {
                let mut passing = next.get(word).copied().unwrap_or(0)
                    | other_case.get(word).copied().unwrap_or(0);
                if any_passes {
                    passing |= self.any[word];
                }
                let moved = active[word] & passing;
                active[word] = active[word] & stay[word] | moved << 1 | carry;
                carry = moved >> 63;
                reached |= active[word];
            }
            if reached == 0 {
                return false;
            }
        }
        let at = |position: usize| active[position / 64] >> (position % 64) & 1 == 1;
        at(self.end) || !has_query && self.before_query.is_some_and(at)
    }
}

fn set(bits: &mut [u64], index: usize) {
    bits[index / 64] |= 1 << (index % 64);
}
