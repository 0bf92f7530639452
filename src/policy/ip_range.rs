//! The client addresses that a custom policy may name: one IPv4 address or one IPv4 CIDR range.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{Error, Result, quoted};

/// An IPv4 range such as `192.0.2.0/24`.
///
/// The address is kept as it was given: host bits below the prefix are not cleared, because the text is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    address: Ipv4Addr,
    prefix: u8,
}

impl IpRange {
    /// Whether the range is one of a private network (RFC 1918) or of the machine itself.
    pub fn is_private(&self) -> bool {
        self.address.is_private() || self.address.is_loopback()
    }

    /// Whether an address is in the range.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let ignored = 32 - u32::from(self.prefix);
        let network = |address: Ipv4Addr| u32::from(address).checked_shr(ignored).unwrap_or(0);
        network(self.address) == network(address)
    }
}

/// CIDR notation; a single address is written `/32`, as CloudFront wants it.
impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Reads `ADDRESS` or `ADDRESS/BITS`.
impl FromStr for IpRange {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
        if address.parse::<Ipv6Addr>().is_ok() {
            return Err(Error::new(format!(
                "{} is an IPv6 address, and CloudFront policies know IPv4 only",
                quoted(text)
            ))
            .with_hint("a client that connects over IPv6 cannot be named; leave the address out"));
        }
        let address: Ipv4Addr = address.parse().map_err(|_| {
            Error::new(format!("{} is not an IPv4 address or range", quoted(text)))
                .with_hint("192.0.2.10 is one address, 192.0.2.0/24 a range")
        })?;
        // Written back, the number must give the same text: "+8" and "08" are not CIDR notation.
        let prefix = prefix
            .parse()
            .ok()
            .filter(|bits: &u8| *bits <= 32 && bits.to_string() == prefix)
            .ok_or_else(|| {
                Error::new(format!(
                    "{} has {} for its prefix length",
                    quoted(text),
                    quoted(prefix)
                ))
                .with_hint("a prefix length is a number from 0 to 32, as in 192.0.2.0/24")
            })?;
        Ok(IpRange { address, prefix })
    }
}
