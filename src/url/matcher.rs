//! Whether a pattern covers a URL.
//!
//! The rules are those of [`Resource`](super::Resource).

use std::fmt;

use super::LONGEST_URL;

/// A pattern that is ready to be compared with URLs.
///
/// The time that takes is proportional to the length of the URL times the length of the pattern in machine words,
/// whatever the pattern.
pub struct Matcher {
    pattern: String,
    /// The pattern without its `*`, where it has only one, at the end of its path: then what begins so is covered.
    prefix: Option<String>,
    /// The protocol; `None` where the pattern names none.
    protocol: Option<Glob>,
    /// The rest of the pattern.
    rest: Glob,
}

impl Matcher {
    pub(super) fn new(pattern: &str) -> Self {
        let protocol_of = |pattern: &str| {
            pattern
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b == b'*')
        };
        let (protocol, rest) = match pattern
            .split_once("://")
            .filter(|(start, _)| protocol_of(start))
        {
            Some((protocol, rest)) => (Some(protocol), rest),
            None if pattern.starts_with('*') => (Some("*"), pattern),
            None => (None, pattern),
        };
        let plain = |prefix: &&str| {
            protocol.is_some() && rest.contains('/') && !prefix.contains(['*', '?', '\\'])
        };
        Matcher {
            prefix: pattern.strip_suffix('*').filter(plain).map(Into::into),
            protocol: protocol.map(Glob::new),
            rest: Glob::new(rest),
            pattern: pattern.into(),
        }
    }

    /// Whether CloudFront would apply a policy over the pattern to a request for `url`, which has no signing parameters.
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
        let Some((protocol, url)) = url.split_once("://") else {
            return !self.pattern.contains("://")
                && self.rest.matches(url.as_bytes(), 0, &[url.find('?')]);
        };
        // A pattern without a path means the root.
        let root = without_root_path(url);
        self.protocol
            .as_ref()
            .is_some_and(|own| own.matches(protocol.as_bytes(), protocol.len(), &[]))
            && (self.rest.matches_url(url) || root.is_some_and(|url| self.rest.matches_url(&url)))
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Matcher").field(&self.pattern).finish()
    }
}

/// `domain?query` where the URL is `domain/?query`.
fn without_root_path(url: &str) -> Option<String> {
    let (domain, rest) = url
        .split_once('/')
        .filter(|(domain, _)| !domain.contains('?'))?;
    (rest.is_empty() || rest.starts_with('?')).then(|| domain.to_owned() + rest)
}

/// A pattern as an automaton whose states are the places between its characters, a bit each.
///
/// A `*` is a property of the place where it stands: there, any character may pass. All places that the text read so far
/// can have reached are kept at once, so a hostile pattern costs no more than a friendly one of the same length.
struct Glob {
    /// By byte: the places whose next character is that byte; empty where there are none.
    next: Vec<Vec<u64>>,
    /// The places whose next character is a `?`.
    any: Vec<u64>,
    /// The places where a `*` stands.
    stars: Vec<u64>,
    /// The last place, where the whole pattern has been read.
    end: usize,
    /// Whether a plain `?` may stand for the one that starts the query: not where an escaped one does.
    plain_query: bool,
    /// The place before a trailing `?*`, which a URL without a query may end at.
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
                    let places = &mut glob.next[usize::from(literal)];
                    places.resize(words, 0);
                    set(places, glob.end);
                }
                None => set(&mut glob.any, glob.end),
            }
            glob.end += 1;
        }
        glob.before_query = glob.end.checked_sub(1).filter(|_| pattern.ends_with("?*"));
        glob
    }

    /// Whether the pattern matches `domain/path?query` by section.
    fn matches_url(&self, url: &str) -> bool {
        let query = url.find('?');
        let slash = url[..query.unwrap_or(url.len())].find('/');
        self.matches(
            url.as_bytes(),
            slash.or(query).unwrap_or(url.len()),
            &[slash, query],
        )
    }

    /// Whether the pattern matches all of `text`, where only a `*` at the end of the pattern passes the `boundaries`. Up
    /// to the end of the `domain`, letters match in both cases.
    fn matches(&self, text: &[u8], domain: usize, boundaries: &[Option<usize>]) -> bool {
        let has_query = text.contains(&b'?');
        let words = self.any.len();
        let mut last_star = vec![0; words];
        set(&mut last_star, self.end);
        for (word, stars) in last_star.iter_mut().zip(&self.stars) {
            *word &= stars;
        }
        let mut places = vec![0; words];
        set(&mut places, 0);
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
                let moved = places[word] & passing;
                places[word] = places[word] & stay[word] | moved << 1 | carry;
                carry = moved >> 63;
                reached |= places[word];
            }
            if reached == 0 {
                return false;
            }
        }
        let at = |place: usize| places[place / 64] >> (place % 64) & 1 == 1;
        at(self.end) || !has_query && self.before_query.is_some_and(at)
    }
}

fn set(bits: &mut [u64], index: usize) {
    bits[index / 64] |= 1 << (index % 64);
}
