//! Matching of URLs against the pattern of a [`Resource`](super::Resource), by the rules described there.

use std::fmt;

use super::LONGEST_URL;

/// A compiled pattern.
///
/// Matching takes time proportional to the length of the URL times the length of the pattern in machine words; no pattern
/// has an exponential worst case.
pub struct Matcher {
    pattern: String,
    /// The pattern without its `*`, if that is the only wildcard and the end of the path: every URL that begins with this is
    /// covered.
    prefix: Option<String>,
    /// The scheme; `None` for the name of a stream.
    scheme: Option<Glob>,
    /// Domain, path and query.
    rest: Glob,
}

impl Matcher {
    pub(super) fn new(pattern: &str) -> Self {
        let is_scheme = |pattern: &str| {
            pattern
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b == b'*')
        };
        let (scheme, rest) = match pattern
            .split_once("://")
            .filter(|(start, _)| is_scheme(start))
        {
            Some((scheme, rest)) => (Some(scheme), rest),
            None if pattern.starts_with('*') => (Some("*"), pattern),
            None => (None, pattern),
        };
        let plain = |prefix: &&str| {
            scheme.is_some() && rest.contains('/') && !prefix.contains(['*', '?', '\\'])
        };
        Matcher {
            prefix: pattern.strip_suffix('*').filter(plain).map(Into::into),
            scheme: scheme.map(Glob::new),
            rest: Glob::new(rest),
            pattern: pattern.into(),
        }
    }

    /// Whether the pattern covers `url`, a URL without signing parameters.
    /// Patterns and URLs that are longer than the URLs that CloudFront accepts are not compared.
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
        let Some((scheme, url)) = url.split_once("://") else {
            return !self.pattern.contains("://")
                && self.rest.matches(url.as_bytes(), 0, &[url.find('?')]);
        };
        // A pattern without a path covers the path "/".
        let root = without_root_path(url);
        self.scheme
            .as_ref()
            .is_some_and(|own| own.matches(scheme.as_bytes(), scheme.len(), &[]))
            && (self.rest.matches_url(url) || root.is_some_and(|url| self.rest.matches_url(&url)))
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Matcher").field(&self.pattern).finish()
    }
}

/// `domain?query` for `domain/?query`.
fn without_root_path(url: &str) -> Option<String> {
    let (domain, rest) = url
        .split_once('/')
        .filter(|(domain, _)| !domain.contains('?'))?;
    (rest.is_empty() || rest.starts_with('?')).then(|| domain.to_owned() + rest)
}

/// A glob as a bit-parallel NFA (Shift-And, Baeza-Yates and Gonnet 1992), with one bit for each position in the pattern.
///
/// A set bit means that the text read so far matches the pattern up to this position. A `*` is a position that any character
/// leaves unchanged.
struct Glob {
    /// For each byte, the positions where it is the next character; empty if there are none.
    next: Vec<Vec<u64>>,
    /// The positions where the next character is a `?`.
    any: Vec<u64>,
    /// The positions of `*`.
    stars: Vec<u64>,
    /// The position at the end of the pattern.
    end: usize,
    /// Whether a plain `?` may match the one that starts the query: only if the pattern has no escaped one.
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

    /// Matches `domain/path?query` by section.
    fn matches_url(&self, url: &str) -> bool {
        let query = url.find('?');
        let slash = url[..query.unwrap_or(url.len())].find('/');
        self.matches(
            url.as_bytes(),
            slash.or(query).unwrap_or(url.len()),
            &[slash, query],
        )
    }

    /// Matches all of `text`. Only a `*` at the end of the pattern matches across `boundaries`, which are byte offsets. Up to
    /// the offset `domain`, letters match in both cases.
    fn matches(&self, text: &[u8], domain: usize, boundaries: &[Option<usize>]) -> bool {
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
                other if index < domain && byte.is_ascii_alphabetic() => {
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
