//! BER (ITU-T X.690) to DER, as far as key files need it.
//!
//! RFC 7468, section 10, allows keys in BER, and openssl reads them. The `der` crate reads DER
//! only, so indefinite and overlong lengths, strings in pieces and padded integers are rewritten
//! first. DER is not changed.

use zeroize::Zeroizing;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const TAG_NUMBER: u8 = 0x1f;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

/// Deeper than any key or certificate.
const MAX_DEPTH: usize = 32;

/// Rewrites the first element of `ber` as DER, without what follows it; `None` if it is malformed
/// or cut short.
///
/// Integers are read as unsigned, as openssl reads those of RSA keys: one whose first bit is set
/// gets the zero byte that it lacks.
pub(super) fn to_der(ber: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut reader = Reader {
        rest: ber,
        // Content grows by a byte an element at most, and lengths do not grow.
        der: Zeroizing::new(Vec::with_capacity(2 * ber.len())),
    };
    reader.element(0)?;
    Some(reader.der)
}

struct Reader<'a> {
    rest: &'a [u8],
    der: Zeroizing<Vec<u8>>,
}

impl<'a> Reader<'a> {
    /// Rewrites one element.
    fn element(&mut self, depth: usize) -> Option<()> {
        let (tag, length) = self.header()?;
        let start = self.der.len();
        if tag & CONSTRUCTED == 0 {
            let content = self.take(length?)?;
            self.primitive(tag, content);
            self.insert_header(start, tag);
            return Some(());
        }
        let string = tag & !CONSTRUCTED;
        if string == OCTET_STRING || string == BIT_STRING {
            self.pieces(string, length, depth)?;
            self.insert_header(start, string);
            return Some(());
        }
        self.each(length, depth, |reader| reader.element(depth + 1))?;
        self.insert_header(start, tag);
        Some(())
    }

    /// The content of a string in pieces: that of the pieces, one after the other.
    fn pieces(&mut self, string: u8, length: Option<usize>, depth: usize) -> Option<()> {
        if string == BIT_STRING {
            self.der.push(0);
        }
        self.each(length, depth, |reader| {
            let (tag, length) = reader.header()?;
            if tag == string | CONSTRUCTED && string == OCTET_STRING {
                return reader.pieces(string, length, depth + 1);
            }
            if tag != string {
                return None;
            }
            let content = reader.take(length?)?;
            // Each piece of a bit string begins with the number of bits that it does not use.
            let content = match (string, content) {
                (BIT_STRING, [0, content @ ..]) => content,
                (BIT_STRING, _) => return None,
                _ => content,
            };
            reader.der.extend_from_slice(content);
            Some(())
        })
    }

    /// Does `read` for each element of a constructed one, to the end of its length or to the
    /// end-of-contents mark.
    fn each(
        &mut self,
        length: Option<usize>,
        depth: usize,
        mut read: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let Some(length) = length else {
            while !self.rest.starts_with(&END_OF_CONTENTS) {
                read(self)?;
            }
            self.take(END_OF_CONTENTS.len())?;
            return Some(());
        };
        let content = self.take(length)?;
        let after = std::mem::replace(&mut self.rest, content);
        while !self.rest.is_empty() {
            read(self)?;
        }
        self.rest = after;
        Some(())
    }

    fn primitive(&mut self, tag: u8, content: &[u8]) {
        if tag != INTEGER {
            self.der.extend_from_slice(content);
            return;
        }
        let zeros = content.iter().take_while(|byte| **byte == 0).count();
        let digits = &content[zeros.min(content.len().saturating_sub(1))..];
        if digits.first().is_some_and(|byte| *byte >= 0x80) {
            self.der.push(0);
        }
        self.der.extend_from_slice(digits);
    }

    /// Reads a tag of one byte and a length, `None` for an indefinite one.
    fn header(&mut self) -> Option<(u8, Option<usize>)> {
        let [tag, first] = *self.take(2)?.first_chunk()?;
        if tag & TAG_NUMBER == TAG_NUMBER {
            return None;
        }
        let length = match first {
            0x80 => None,
            0xff => return None,
            ..=0x7f => Some(usize::from(first)),
            _ => {
                let mut length: usize = 0;
                for byte in self.take(usize::from(first & 0x7f))? {
                    length = length.checked_mul(256)?.checked_add(usize::from(*byte))?;
                }
                Some(length)
            }
        };
        Some((tag, length))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// Inserts tag and length before the content that was written from `start` on.
    fn insert_header(&mut self, start: usize, tag: u8) {
        let length = self.der.len() - start;
        let mut header = vec![tag];
        if length < 0x80 {
            header.push(length as u8);
        } else {
            let bytes = length.to_be_bytes();
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            header.push(0x80 + (bytes.len() - zeros) as u8);
            header.extend_from_slice(&bytes[zeros..]);
        }
        self.der.splice(start..start, header);
    }
}

#[cfg(test)]
mod tests {
    use super::to_der;

    #[test]
    fn each_form_of_ber_becomes_der() {
        let der = [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xaa];
        for (what, ber) in [
            ("DER", &der[..]),
            (
                "bytes after the element",
                &[0x30, 6, 2, 1, 5, 4, 1, 0xaa, 0, 1],
            ),
            (
                "an indefinite length",
                &[0x30, 0x80, 2, 1, 5, 4, 1, 0xaa, 0, 0],
            ),
            (
                "overlong lengths",
                &[0x30, 0x82, 0, 8, 2, 0x81, 1, 5, 4, 0x81, 1, 0xaa],
            ),
            ("a padded integer", &[0x30, 8, 2, 3, 0, 0, 5, 4, 1, 0xaa]),
            (
                "a string in pieces",
                &[0x30, 10, 2, 1, 5, 0x24, 5, 4, 1, 0xaa, 4, 0],
            ),
            (
                "pieces of indefinite length",
                &[0x30, 0x80, 2, 1, 5, 0x24, 0x80, 4, 1, 0xaa, 0, 0, 0, 0],
            ),
            (
                "pieces of pieces",
                &[0x30, 12, 2, 1, 5, 0x24, 7, 0x24, 5, 4, 1, 0xaa, 4, 0],
            ),
        ] {
            assert_eq!(
                to_der(ber).as_deref().map(Vec::as_slice),
                Some(&der[..]),
                "{what}"
            );
        }
        let unsigned = to_der(&[2, 1, 0x80]);
        assert_eq!(
            unsigned.as_deref().map(Vec::as_slice),
            Some(&[2, 2, 0, 0x80][..])
        );
    }

    #[test]
    fn malformed_ber_is_refused() {
        for (what, ber) in [
            ("nothing", &[][..]),
            ("a tag alone", &[0x30]),
            ("a cut", &[0x30, 3, 2, 1]),
            ("no end", &[0x30, 0x80, 2, 1, 5]),
            ("a primitive of indefinite length", &[2, 0x80, 0, 0]),
            (
                "a length beyond memory",
                &[4, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            ),
            ("a piece of another type", &[0x24, 3, 2, 1, 5]),
            ("a tag of several bytes", &[0x3f, 0x81, 0]),
        ] {
            assert!(to_der(ber).is_none(), "{what}");
        }
        assert!(to_der(&[0x30, 0x80].repeat(100_000)).is_none());
    }
}
