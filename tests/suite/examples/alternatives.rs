//! The README's comparison with other tools: each cell that says yes or no is a line for the shell
//! that succeeds or fails.
//!
//! The other tools are version 1 of the AWS CLI, Amazon's signers for Python and Node.js, and
//! openssl with a shell script. Those that are not installed are skipped; `.ci/run` installs them.

use std::fs;

use crate::common::{Sandbox, outcome, root, skipped};

/// What is common to all lines: one URL, and the programs that sign it. They print the signed URL
/// for a key.
const SETUP: &str = r#"
id=K2JCJMDEHXQW5F expires=4102444800 url=https://h.example/a.zip
exec 2> /dev/null
cfsign_signs() { cfsign url "$url" -q -k $id -p "$@" -e @$expires; }
aws_signs() { aws cloudfront sign --url "$url" --key-pair-id $id --date-less-than $expires --private-key "file://$1"; }
python_signs() { echo "$url" | python3 "$peers/botocore_signer.py" "$1" $id $expires; }
node_signs() { echo "$url" | node "$peers/amazon_signer.js" "$1" $id $expires; }
openssl_signs() { echo "$url" | bash "$peers/openssl.sh" "$1" $id $expires; }
same() { grep -o 'Signature=[^&]*' > theirs && cfsign_signs rsa2048-pkcs8.pem | grep -o 'Signature=[^&]*' | cmp - theirs; }
allowed() { cfsign verify "$1" --public-key "$2" > verdict; }
"#;

/// For each column: its heading, and the line that tells whether its tool is here.
const TOOLS: [(&str, &str); 5] = [
    ("cfsign", "true"),
    ("AWS CLI", "aws --version 2>&1 | grep '^aws-cli/1'"),
    (
        "Amazon's signer for Python (botocore)",
        "python3 -c 'import botocore, cryptography'",
    ),
    (
        "Amazon's signer for Node.js",
        "node -e 'require(\"@aws-sdk/cloudfront-signer\")'",
    ),
    ("openssl and a shell", "openssl version && bash --version"),
];

/// The first words of a row, and a line for each of its cells, empty where the cell says neither
/// yes nor no.
const ROWS: [(&str, [&str; 5]); 8] = [
    (
        "sign a URL",
        [
            r#"allowed "$(cfsign_signs rsa2048-pkcs8.pem)" rsa2048-public.pem"#,
            "aws_signs rsa2048-pkcs1.pem | same",
            "python_signs rsa2048-pkcs8.pem | same",
            "node_signs rsa2048-pkcs8.pem | same",
            "openssl_signs rsa2048-pkcs8.pem | same",
        ],
    ),
    (
        "private keys in PKCS#8",
        [
            "cfsign_signs rsa2048-pkcs8.pem",
            "aws_signs rsa2048-pkcs8.pem",
            "",
            "node_signs rsa2048-pkcs8.pem",
            "openssl_signs rsa2048-pkcs8.pem",
        ],
    ),
    (
        "ECDSA P-256 keys, SHA-256",
        [
            r#"allowed "$(cfsign_signs p256-pkcs8.pem)" p256-public.pem"#,
            "aws_signs p256-sec1.pem",
            r#"python3 -c '
import datetime, botocore.signers
signer = botocore.signers.CloudFrontSigner("K2JCJMDEHXQW5F", lambda message: b"as another program signs")
print(signer.generate_presigned_url("https://h.example/a", datetime.datetime(2099, 1, 1)))' | grep Hash-Algorithm=SHA256"#,
            r#"allowed "$(node -e '
const { getSignedUrl } = require("@aws-sdk/cloudfront-signer");
const privateKey = require("fs").readFileSync("p256-pkcs8.pem");
const signing = { keyPairId: "K2JCJMDEHXQW5F", privateKey, algorithm: "SHA256", dateLessThan: "2099-01-01" };
console.log(getSignedUrl({ url: "https://h.example/a.zip", ...signing }));')" p256-public.pem"#,
            "",
        ],
    ),
    (
        "signed cookies",
        [
            r#"cfsign cookies "https://h.example/*" -k $id -p rsa2048-pkcs8.pem -e 1h | grep ^Set-Cookie: "#,
            "aws cloudfront sign-cookies help",
            r#"python3 -c 'from botocore.signers import CloudFrontSigner; print(dir(CloudFrontSigner))' | grep -i cookie"#,
            r#"node -p 'Object.keys(require("@aws-sdk/cloudfront-signer"))' | grep -i cookie"#,
            "",
        ],
    ),
    (
        "refuse a URL that clients change",
        [
            "url='https://h.example/my report.pdf'; ! cfsign_signs rsa2048-pkcs8.pem",
            "url='https://h.example/my report.pdf'; ! aws_signs rsa2048-pkcs1.pem",
            "url='https://h.example/my report.pdf'; ! python_signs rsa2048-pkcs8.pem",
            "url='https://h.example/my report.pdf'; ! node_signs rsa2048-pkcs8.pem",
            "url='https://h.example/my report.pdf'; ! openssl_signs rsa2048-pkcs8.pem",
        ],
    ),
    // A configuration that leaves openssl without SHA-1, as the one of RHEL 9 does for signatures.
    (
        "RSA with SHA-1 where OpenSSL refuses it",
        [
            "export OPENSSL_CONF=$PWD/openssl.cnf; cfsign_signs rsa2048-pkcs8.pem",
            "",
            "",
            "",
            "export OPENSSL_CONF=$PWD/openssl.cnf; openssl_signs rsa2048-pkcs8.pem",
        ],
    ),
    (
        "tables, HLS and DASH playlists",
        [
            r#"printf 'url\n%s\n' "$url" | cfsign batch --from csv -k $id -p rsa2048-pkcs8.pem -e 1h &&
cfsign playlist video.m3u8 --base-url https://h.example/ -k $id -p rsa2048-pkcs8.pem -e 1h"#,
            "aws cloudfront batch help || aws cloudfront playlist help",
            r#"python3 -c 'from botocore.signers import CloudFrontSigner; print(dir(CloudFrontSigner))' | grep -i 'batch\|playlist'"#,
            r#"node -p 'Object.keys(require("@aws-sdk/cloudfront-signer"))' | grep -i 'batch\|playlist'"#,
            "openssl batch || openssl playlist",
        ],
    ),
    (
        "the cause of a 403",
        [
            r#"cfsign verify "$(cfsign_signs rsa2048-pkcs8.pem)&x=1" --public-key rsa2048-public.pem | grep '^cause: .*x=1'"#,
            "aws cloudfront verify help",
            r#"python3 -c 'from botocore.signers import CloudFrontSigner; print(dir(CloudFrontSigner))' | grep -i 'verify'"#,
            r#"node -p 'Object.keys(require("@aws-sdk/cloudfront-signer"))' | grep -i 'verify'"#,
            "openssl explain",
        ],
    ),
];

const WITHOUT_SHA1: &str =
    "openssl_conf = init\n[init]\nalg_section = evp\n[evp]\ndefault_properties = fips=yes\n";

#[test]
fn each_yes_and_no_of_the_comparison() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme
        .split_once("\n## Compared with other tools\n")
        .unwrap();
    let table: Vec<Vec<&str>> = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches(['|', ' '])
                .split('|')
                .map(str::trim)
                .collect()
        })
        .collect();
    let headings = TOOLS.map(|(heading, _)| heading);
    assert_eq!(table[0].last_chunk(), Some(&headings));
    let rows = &table[2..];
    assert_eq!(rows.len(), ROWS.len() + 1, "the last row is about time");

    let sandbox = Sandbox::new();
    sandbox.write("openssl.cnf", WITHOUT_SHA1);
    let setup = format!(
        "export NODE_PATH='{}'; peers='{}'; {SETUP}",
        root().join("target/npm/node_modules").display(),
        root().join("tests/bench/peers").display()
    );
    let is_here = TOOLS.map(|(tool, line)| {
        let is_here = outcome(&sandbox, &format!("{setup}{line}")).0 == Some(0);
        if !is_here {
            skipped(
                "the comparison with other tools",
                &format!("{tool} is not installed"),
            );
        }
        is_here
    });
    let mut wrong = Vec::new();
    for (row, (label, lines)) in rows.iter().zip(ROWS) {
        assert!(row[0].starts_with(label), "{}", row[0]);
        for (column, line) in lines.iter().enumerate() {
            let cell = row[column + 1];
            let claim = cell.split([';', ' ']).next().unwrap();
            assert_eq!(
                ["yes", "no"].contains(&claim),
                !line.is_empty(),
                "{label}: {cell}"
            );
            if line.is_empty() || !is_here[column] {
                continue;
            }
            let succeeds = outcome(&sandbox, &format!("{setup}{line}")).0 == Some(0);
            if succeeds != (claim == "yes") {
                wrong.push(format!("{label}, {}: {cell}", headings[column]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
