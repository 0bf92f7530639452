//! `aws cloudfront sign` and `cfsign sign`, byte for byte.

use crate::common::{Sandbox, is_here, outcome};

const KEY: &str = "--key-pair-id K2JCJMDEHXQW5F --private-key file://rsa2048-pkcs1.pem";

/// Lines as they stand in scripts: quoted or not, with and without conditions, flags in any order.
const LINES: [&str; 12] = [
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than 2027-01-31",
    "--url 'https://d111.cloudfront.net/a.jpg?size=large&v=2' KEY --date-less-than 2027-01-31",
    "--date-less-than 2027-01-31T10:00:00 KEY --url https://d111.cloudfront.net/a.jpg",
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than 2027-01-31T10:00:00+02:00",
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than 1800000000",
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than=1800000000 --ip-address=192.0.2.7",
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than 1800000000 --ip-address 192.0.2.0/24",
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than 1800000000 --date-greater-than 2026-01-01",
    "--url https://d111.cloudfront.net/a.jpg KEY --date-less-than 1800000000 --date-greater-than 1790000000 --ip-address 0.0.0.0/0",
    "--region us-east-1 --url https://d111.cloudfront.net/a%20b.jpg KEY --date-less-than 1800000000",
    "--url \"https://d111.cloudfront.net/a.jpg\" KEY --date-less-than 1800000000 --output text",
    "--no-paginate --url http://d111.cloudfront.net/ KEY --date-less-than 1800000000 --no-verify-ssl",
];

#[test]
fn sign_prints_what_the_aws_cli_prints() {
    if !is_here("aws", "cfsign sign beside aws cloudfront sign") {
        return;
    }
    let sandbox = Sandbox::new();
    for line in LINES {
        let line = line.replace("KEY", KEY);
        let (status, theirs, stderr) = outcome(&sandbox, &format!("aws cloudfront sign {line}"));
        assert_eq!(status, Some(0), "aws cloudfront sign {line}: {stderr}");
        let (status, ours, stderr) = outcome(&sandbox, &format!("cfsign sign {line} --quiet"));
        assert_eq!((status, ours), (Some(0), theirs + "\n"), "{line}: {stderr}");
    }
}
