//! IPv4 addresses and ranges of clients, a condition of custom policies.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{Error, Result, quoted};

/// An IPv4 range such as `192.0.2.0/24`.
///
/// The host bits of the address are kept, because the text is signed.
///
/// ```
/// use cfsign::IpRange;
///
/// let range: IpRange = "192.0.2.0/24".parse()?;
/// assert!(range.contains("192.0.2.10".parse().unwrap()));
/// assert_eq!("192.0.2.10".parse::<IpRange>()?.to_string(), "192.0.2.10/32");
/// # Ok::<(), cfsign::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpRange {
    address: Ipv4Addr,
    prefix: u8,
}

impl IpRange {
    /// Returns whether the address is private (RFC 1918) or loopback.
    pub fn is_private(&self) -> bool {
        self.address.is_private() || self.address.is_loopback()
    }

    /// Returns whether the range contains every IPv4 address.
    pub fn is_any(&self) -> bool {
        self.prefix == 0
    }

    /// Returns whether the range contains `address`.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let ignored = 32 - u32::from(self.prefix);
        let network = |address: Ipv4Addr| u32::from(address).checked_shr(ignored).unwrap_or(0);
        network(self.address) == network(address)
    }
}

/// CIDR notation; a single address ends in `/32`, as in the examples of the guide.
impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Parses `ADDRESS` or `ADDRESS/BITS`.
///
/// # Errors
/// An IPv6 address, or a prefix length that is not 0 to 32.
impl FromStr for IpRange {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
        // "+8" and "08" parse as numbers, but are not CIDR notation.
        let bits = prefix.parse::<u8>().ok();
        let bits = bits.filter(|bits| *bits <= 32 && bits.to_string() == prefix);
        let (what, hint) = match (address.parse(), bits) {
            (Ok(address), Some(prefix)) => return Ok(IpRange { address, prefix }),
            (Ok(_), None) => (
                "has an invalid prefix length: it must be 0 to 32",
                "a range looks like 192.0.2.0/24",
            ),
            (Err(_), _) if address.parse::<Ipv6Addr>().is_ok() => (
                "is an IPv6 address, but policies support IPv4 only",
                "omit the address, or turn off IPv6 for the distribution and use IPv4",
            ),
            (Err(_), _) => (
                "is not an IPv4 address or range",
                "use an address such as 192.0.2.10 or a range such as 192.0.2.0/24",
            ),
        };
        Err(Error::new(format!("{} {what}", quoted(text))).with_hint(hint))
    }
}
