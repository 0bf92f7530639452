//! The Unicode form of a label of an internationalized host name.
//!
//! Source: RFC 3492, sections 5 and 6.2.

const BASE: u32 = 36;
const SKEW: u32 = 38;
const DAMP: u32 = 700;

/// A label with its `xn--` form decoded; any other label, and one that cannot be decoded, as it is.
pub(super) fn decoded_label(label: &str) -> String {
    let unicode = label.strip_prefix("xn--").and_then(decode);
    unicode.unwrap_or_else(|| label.to_owned())
}

fn decode(text: &str) -> Option<String> {
    let (basic, digits) = text.rsplit_once('-').unwrap_or(("", text));
    let mut decoded: Vec<char> = basic.chars().collect();
    let (mut code, mut index, mut bias) = (128_u32, 0_u32, 72);
    let mut digits = digits.bytes();
    while digits.len() > 0 {
        let start = index;
        let mut weight = 1_u32;
        let mut place = BASE;
        loop {
            let digit = match digits.next()? {
                letter @ b'a'..=b'z' => u32::from(letter - b'a'),
                number @ b'0'..=b'9' => u32::from(number - b'0') + 26,
                _ => return None,
            };
            index = digit.checked_mul(weight)?.checked_add(index)?;
            let threshold = place.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            place += BASE;
        }
        let count = u32::try_from(decoded.len()).ok()? + 1;
        bias = adapted(index - start, count, start == 0);
        code = code.checked_add(index / count)?;
        index %= count;
        decoded.insert(index as usize, char::from_u32(code)?);
        index += 1;
    }
    Some(decoded.into_iter().collect())
}

fn adapted(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = delta / if is_first { DAMP } else { 2 };
    delta += delta / count;
    let mut bias = 0;
    while delta > (BASE - 1) * 26 / 2 {
        delta /= BASE - 1;
        bias += BASE;
    }
    bias + BASE * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::decoded_label;

    /// Forms that Python's codec "idna" gives.
    #[test]
    fn labels() {
        for (label, unicode) in [
            ("xn--mnchen-3ya", "münchen"),
            ("xn--bcher-kva", "bücher"),
            ("xn--fiqs8s", "中国"),
            ("xn--h1alffa9f", "россия"),
            ("example", "example"),
            ("xn--", ""),
            ("xn--a-0", "xn--a-0"),
        ] {
            assert_eq!(decoded_label(label), unicode);
        }
    }
}
