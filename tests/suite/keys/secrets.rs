//! Keys in places where they do not belong, in every shape that they take on the way: no message repeats a part of one.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use cfsign::is_showable;

use crate::common::{Sandbox, run_with, text};

/// How many consecutive characters of a secret must not be printed.
const RUN: usize = 12;

/// A secret, or a part of one, and what it is.
struct Shape {
    name: String,
    text: String,
}

/// The bytes of the base64 between the lines of a PEM file.
fn der_of(pem: &str) -> Vec<u8> {
    pem::parse(pem).unwrap().into_contents()
}

fn base64(bytes: &[u8]) -> String {
    // CloudFront's alphabet differs from the standard one in three characters.
    let text = cfsign::base64::encode(bytes);
    text.replace('-', "+").replace('_', "=").replace('~', "/")
}

fn each(bytes: &[u8], separator: &str, format: impl Fn(u8) -> String) -> String {
    let parts: Vec<String> = bytes.iter().map(|byte| format(*byte)).collect();
    parts.join(separator)
}

fn lines_of(text: &str, width: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    let lines: Vec<String> = characters
        .chunks(width)
        .map(|line| line.iter().collect())
        .collect();
    lines.join("\n")
}

/// Each line of `text` with a number or mark in front.
fn prefixed(text: &str, prefix: impl Fn(usize) -> String) -> String {
    let mut result = String::new();
    for (number, line) in text.lines().enumerate() {
        writeln!(result, "{}{line}", prefix(number)).unwrap();
    }
    result
}

/// RFC 4648, section 6.
fn base32(bytes: &[u8]) -> String {
    let bits = each(bytes, "", |byte| format!("{byte:08b}"));
    let digits = bits.as_bytes().chunks(5).map(|five| {
        let index = five
            .iter()
            .fold(0, |sum, bit| 2 * sum + usize::from(bit - b'0'));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[index])
    });
    digits.collect()
}

/// Adobe's base 85 without its frame.
fn ascii85(bytes: &[u8]) -> String {
    let mut text = String::new();
    for four in bytes.chunks_exact(4) {
        let number = u32::from_be_bytes(four.try_into().unwrap());
        for power in (0..5).rev() {
            text.push(char::from(b'!' + (number / 85_u32.pow(power) % 85) as u8));
        }
    }
    text
}

fn shapes_of(kind: &str, pem: &str, scalar: &[u8]) -> Vec<Shape> {
    let der = der_of(pem);
    let lines: Vec<&str> = pem.lines().collect();
    let body = lines[1..lines.len() - 1].join("\n");
    let body_lines: Vec<&str> = body.lines().collect();
    let one_line = body.replace('\n', "");
    let hex = each(&der, "", |b| format!("{b:02x}"));
    let scalar_hex = each(scalar, "", |b| format!("{b:02x}"));
    let scalar_url = base64(scalar)
        .replace('+', "-")
        .replace('/', "_")
        .replace('=', "");
    let number = num_bigint::BigUint::from_bytes_be(scalar).to_string();
    let half = pem.len() / 2;
    let pem_base64 = base64(pem.as_bytes());
    let percent = |all: bool| {
        each(pem.as_bytes(), "", |b| match b {
            b if !all && b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
    };
    let yaml_body = prefixed(pem, |_| "    ".into());
    let list = [
        ("a PEM file", pem.to_owned()),
        ("its first half", pem[..half].to_owned()),
        ("its second half", pem[half..].to_owned()),
        ("without its first line", lines[1..].join("\n")),
        ("without its last line", lines[..lines.len() - 1].join("\n")),
        ("the lines between", body.clone()),
        ("the first line between", body_lines[0].to_owned()),
        ("the second line between", body_lines[1].to_owned()),
        (
            "the last line between",
            body_lines[body_lines.len() - 1].to_owned(),
        ),
        ("the lines between, joined", one_line.clone()),
        (
            "half of the lines between, joined",
            one_line[one_line.len() / 2..].to_owned(),
        ),
        ("spaces for line breaks", pem.replace('\n', " ")),
        ("literal \\n", pem.replace('\n', "\\n")),
        (
            "a quoted JSON string",
            format!("\"{}\"", pem.replace('\n', "\\n")),
        ),
        (
            "JSON escaped twice",
            pem.replace('/', "\\/").replace('\n', "\\\\n"),
        ),
        (
            "JSON code points",
            each(pem.as_bytes(), "", |b| format!("\\u{b:04x}")),
        ),
        ("four dashes", pem.replace("-----", "----")),
        (
            "typographic dashes",
            pem.replace("-----", "\u{2014}\u{2014}\u{2013}"),
        ),
        ("no dashes", pem.replace("-----", "")),
        ("percent-encoded", percent(false)),
        ("percent-encoded throughout", percent(true)),
        ("percent-encoded twice", percent(false).replace('%', "%25")),
        (
            "HTML escapes",
            pem.replace('-', "&#45;")
                .replace('+', "&#43;")
                .replace('\n', "&#10;"),
        ),
        (
            "quoted-printable",
            pem.replace('=', "=3D").replace('\n', "=0A=\n"),
        ),
        ("a quoted mail", prefixed(pem, |_| "> ".into())),
        (
            "line numbers",
            prefixed(pem, |number| format!("{:>4}  ", number + 1)),
        ),
        ("a diff", prefixed(pem, |_| "+".into())),
        ("plus signs lost to spaces", one_line.replace('+', " ")),
        ("base64 of the PEM file", pem_base64.clone()),
        ("base64 of the PEM file in lines", lines_of(&pem_base64, 76)),
        (
            "a line of the base64 of the PEM file",
            pem_base64[76..152].to_owned(),
        ),
        ("base64 twice", base64(pem_base64.as_bytes())),
        (
            "URL-safe base64",
            one_line.replace('+', "-").replace('/', "_"),
        ),
        ("CloudFront's base64", cfsign::base64::encode(&der)),
        ("hexadecimal", hex.clone()),
        ("half of the hexadecimal", hex[hex.len() / 2..].to_owned()),
        ("hexadecimal in capitals", hex.to_uppercase()),
        ("hexadecimal in lines", lines_of(&hex, 60)),
        ("bytes with colons", each(&der, ":", |b| format!("{b:02x}"))),
        (
            "a line of bytes with colons",
            each(&der[30..45], ":", |b| format!("{b:02x}")),
        ),
        ("bytes with spaces", each(&der, " ", |b| format!("{b:02X}"))),
        ("a C array", each(&der, ", ", |b| format!("0x{b:02x}"))),
        (
            "a line of a C array",
            each(&der[30..42], ", ", |b| format!("0x{b:02x}")),
        ),
        ("escaped bytes", each(&der, "", |b| format!("\\x{b:02x}"))),
        ("octal bytes", each(&der, "", |b| format!("\\{b:03o}"))),
        ("decimal bytes", each(&der, ", ", |b| b.to_string())),
        ("bits", each(&der, "", |b| format!("{b:08b}"))),
        ("base32", base32(&der)),
        (
            "base32 in groups",
            lines_of(&base32(&der), 8).replace('\n', "-"),
        ),
        ("base 85", ascii85(&der)),
        ("backwards", one_line.chars().rev().collect()),
        ("groups of four", lines_of(&one_line, 4).replace('\n', " ")),
        ("its number in hexadecimal", scalar_hex.clone()),
        ("its number with 0x", format!("0x{scalar_hex}")),
        ("its number in decimal", number.clone()),
        ("its number in base64", base64(scalar)),
        (
            "its number in a JWK",
            format!(r#"{{"kty":"{kind}","use":"sig","d":"{scalar_url}"}}"#),
        ),
        ("a field of a JWK", format!(r#""d":"{scalar_url}""#)),
        (
            ".NET XML",
            format!("<RSAKeyValue><D>{}</D></RSAKeyValue>", base64(scalar)),
        ),
        (
            "a data: URL",
            format!("data:application/x-pem-file;base64,{pem_base64}"),
        ),
        (
            "a URL with the key in its query",
            format!("ftp://h.example/?key={one_line}"),
        ),
        (
            "a Kubernetes Secret",
            format!("apiVersion: v1\nkind: Secret\ndata:\n  key.pem: {pem_base64}\n"),
        ),
        ("YAML", format!("key: |\n{yaml_body}")),
        (
            "a line of an .env file",
            format!("CLOUDFRONT_PRIVATE_KEY=\"{}\"", pem.replace('\n', "\\n")),
        ),
        ("an assignment", format!("export KEY={one_line}")),
        (
            "a JSON object",
            format!(r#"{{"private_key": "{}"}}"#, pem.replace('\n', "\\n")),
        ),
        (
            "a PuTTY key",
            format!(
                "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\n{}",
                lines_of(&one_line, 64)
            ),
        ),
        (
            "a PGP block",
            format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body}\n=aB3d\n"),
        ),
        ("a quoted argument", format!("'{one_line}'")),
        ("an env: name", format!("env:{one_line}")),
        ("a file: URL", format!("file://{one_line}")),
    ];
    list.map(|(name, text)| Shape {
        name: format!("{kind}: {name}"),
        text,
    })
    .into()
}

fn shapes() -> Vec<Shape> {
    use rsa::pkcs1::der::Decode;
    let sandbox = Sandbox::new();
    let rsa = sandbox.read("rsa2048-pkcs1.der");
    let rsa = rsa::pkcs1::RsaPrivateKeyRef::from_der(&rsa).unwrap();
    let p256 = sandbox.read("p256-sec1.der");
    let p256 = sec1::EcPrivateKey::from_der(&p256).unwrap();
    let mut shapes = Vec::new();
    for (kind, file, scalar) in [
        ("RSA", "rsa2048-pkcs8.pem", rsa.prime1.as_bytes()),
        ("EC", "p256-sec1.pem", p256.private_key),
    ] {
        let pem = text(&sandbox.read(file));
        // `openssl ecparam` puts the parameters first.
        let start = pem.rfind("-----BEGIN ").unwrap();
        shapes.extend(shapes_of(kind, &pem[start..], scalar));
    }
    shapes
}

/// What is no secret in the shapes, and may be printed.
const PUBLIC: &str = "-----BEGIN PRIVATE KEY----- -----BEGIN RSA PRIVATE KEY----- -----BEGIN EC PRIVATE KEY----- \
    -----END PRIVATE KEY----- ://h.example/ </RSAKeyValue> apiVersion: v1\nkind: Secret\ndata: CFSIGN_PRIVATE_KEY \
    PuTTY-User-Key-File-3: ssh-rsa Private-Lines: 14";

/// The runs of a secret that must not be printed.
fn runs(secret: &str) -> HashSet<String> {
    let characters: Vec<char> = secret.chars().collect();
    let runs = characters
        .windows(RUN)
        .map(|run| run.iter().collect::<String>());
    runs.filter(|run| !PUBLIC.contains(run.as_str())).collect()
}

/// The first run of the secret that `output` contains.
fn repeated(runs: &HashSet<String>, output: &str) -> Option<String> {
    let characters: Vec<char> = output.chars().collect();
    let mut found = characters
        .windows(RUN)
        .map(|run| run.iter().collect::<String>());
    found.find(|run| runs.contains(run))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code =
            code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = &after[if code.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_shape_of_a_key_is_showable() {
    for shape in shapes() {
        assert!(!is_showable(&shape.text), "{}", shape.name);
        for line in shape.text.lines() {
            if !runs(line).is_empty() {
                assert!(!is_showable(line), "{}: {line}", shape.name);
            }
        }
    }
}

/// Where a value is given.
enum Place {
    /// In place of `{}` in the arguments.
    Argument,
    /// In an environment variable.
    Variable(&'static str),
    /// On standard input.
    Stdin,
    /// In the file `secret`.
    File,
}

/// Whether the value is part of the result if the command succeeds.
#[derive(Clone, Copy, PartialEq)]
enum Result {
    /// It is part of it, as the parameter of a URL.
    Contains,
    /// It is not.
    Without,
}

const SIGN: &str = "-k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 1h --now 2026-12-01";
const URL: &str = "https://h.example/a";

/// Every flag, variable, positional argument and input that takes text. Words are separated by spaces, `SIGN` and `URL`
/// stand for the constants.
const PLACES: &[(&str, Place, Result)] = &[
    ("{}", Place::Argument, Result::Without),
    ("--{}", Place::Argument, Result::Without),
    ("-{}", Place::Argument, Result::Without),
    ("--color {} url URL SIGN", Place::Argument, Result::Without),
    ("--now {} url URL SIGN", Place::Argument, Result::Without),
    ("url {} SIGN", Place::Argument, Result::Without),
    ("url --url {} SIGN", Place::Argument, Result::Without),
    ("url {} SIGN --encode", Place::Argument, Result::Without),
    ("url {} SIGN --resign", Place::Argument, Result::Without),
    ("url URL SIGN --{}", Place::Argument, Result::Without),
    ("url URL SIGN -{}", Place::Argument, Result::Without),
    (
        "url URL -k {} -p rsa2048-pkcs8.pem -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k{} -p rsa2048-pkcs8.pem -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL --key-pair-id={} -p rsa2048-pkcs8.pem -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p {} -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F --private-key={} -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p env:{} -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p file://{} -e 1h",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem -e 1h --passphrase {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem -e 1h --passphrase env:{}",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -e 1h --sign-command false --public-key {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -e 1h --sign-command {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL SIGN --sign-timeout {}",
        Place::Argument,
        Result::Without,
    ),
    ("url URL SIGN --hash {}", Place::Argument, Result::Without),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --expires-in {}",
        Place::Argument,
        Result::Without,
    ),
    ("url URL SIGN --starts {}", Place::Argument, Result::Without),
    ("url URL SIGN --ip {}", Place::Argument, Result::Without),
    ("url URL SIGN -r {}", Place::Argument, Result::Without),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --policy {}",
        Place::Argument,
        Result::Without,
    ),
    ("url URL SIGN --query {}", Place::Argument, Result::Contains),
    (
        "url URL SIGN --query a={}",
        Place::Argument,
        Result::Contains,
    ),
    (
        "url URL SIGN --download-as {}",
        Place::Argument,
        Result::Contains,
    ),
    ("url SIGN --stream {}", Place::Argument, Result::Contains),
    ("url URL SIGN --format {}", Place::Argument, Result::Without),
    ("policy {} -e 1h", Place::Argument, Result::Without),
    ("cookies {} SIGN", Place::Argument, Result::Without),
    (
        "cookies URL SIGN --domain {}",
        Place::Argument,
        Result::Contains,
    ),
    (
        "cookies URL SIGN --path {}",
        Place::Argument,
        Result::Contains,
    ),
    (
        "cookies URL SIGN --same-site {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "cookies URL SIGN --format {}",
        Place::Argument,
        Result::Without,
    ),
    ("batch {} SIGN", Place::Argument, Result::Without),
    (
        "batch /dev/null SIGN --from {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "batch /dev/null SIGN --to {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "batch /dev/null SIGN --base-url {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "batch /dev/null SIGN --jobs {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "batch /dev/null SIGN -o no/{}",
        Place::Argument,
        Result::Without,
    ),
    (
        "playlist {} SIGN --base-url URL",
        Place::Argument,
        Result::Without,
    ),
    (
        "playlist media.m3u8 SIGN --base-url {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "playlist media.m3u8 SIGN --base-url URL -o no/{}",
        Place::Argument,
        Result::Without,
    ),
    (
        "playlist master.m3u8 SIGN --base-url URL --recursive --out rsa1024.pem/{}",
        Place::Argument,
        Result::Without,
    ),
    (
        "verify {} --public-key rsa2048-public.pem",
        Place::Argument,
        Result::Without,
    ),
    (
        "verify URL --public-key {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "verify URL --public-key K2JCJMDEHXQW5F={}",
        Place::Argument,
        Result::Without,
    ),
    (
        "verify URL --public-key {}=rsa2048-public.pem",
        Place::Argument,
        Result::Without,
    ),
    (
        "verify URL --public-key rsa2048-public.pem --ip {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "verify URL --public-key rsa2048-public.pem --cookies {}",
        Place::Argument,
        Result::Without,
    ),
    ("inspect {}", Place::Argument, Result::Without),
    ("inspect --cookies {}", Place::Argument, Result::Without),
    ("key {}", Place::Argument, Result::Without),
    ("key generate {}", Place::Argument, Result::Without),
    (
        "key generate new.pem --type {}",
        Place::Argument,
        Result::Without,
    ),
    (
        "key generate no/new.pem --passphrase {}",
        Place::Argument,
        Result::Without,
    ),
    ("key public {}", Place::Argument, Result::Without),
    ("key inspect {}", Place::Argument, Result::Without),
    (
        "key inspect rsa2048-encrypted.pem --passphrase {}",
        Place::Argument,
        Result::Without,
    ),
    ("completions {}", Place::Argument, Result::Without),
    ("man {}", Place::Argument, Result::Without),
    ("man --out rsa1024.pem/{}", Place::Argument, Result::Without),
    (
        "url URL -p rsa2048-pkcs8.pem -e 1h",
        Place::Variable("CFSIGN_KEY_PAIR_ID"),
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -e 1h",
        Place::Variable("CFSIGN_PRIVATE_KEY"),
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem -e 1h",
        Place::Variable("CFSIGN_PASSPHRASE"),
        Result::Without,
    ),
    (
        "verify URL --public-key rsa2048-encrypted.pem",
        Place::Variable("CFSIGN_PASSPHRASE"),
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p env:KEY -e 1h",
        Place::Variable("KEY"),
        Result::Without,
    ),
    (
        "verify URL --public-key env:KEY",
        Place::Variable("KEY"),
        Result::Without,
    ),
    (
        "key inspect env:KEY",
        Place::Variable("KEY"),
        Result::Without,
    ),
    ("url - SIGN", Place::Stdin, Result::Without),
    (
        "url URL -k K2JCJMDEHXQW5F -p - -e 1h",
        Place::Stdin,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem --passphrase - -e 1h",
        Place::Stdin,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --policy -",
        Place::Stdin,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -e 1h --sign-command cat;cat,secret",
        Place::File,
        Result::Without,
    ),
    (
        "url URL -k K2JCJMDEHXQW5F -e 1h --sign-command cat,secret>&2;false",
        Place::File,
        Result::Without,
    ),
    ("batch SIGN", Place::Stdin, Result::Without),
    ("batch SIGN --encode", Place::Stdin, Result::Without),
    ("batch SIGN --from csv", Place::Stdin, Result::Without),
    ("batch SIGN --from tsv", Place::Stdin, Result::Without),
    ("batch SIGN --from jsonl", Place::Stdin, Result::Without),
    ("batch secret SIGN", Place::File, Result::Without),
    (
        "playlist - SIGN --base-url URL --each",
        Place::Stdin,
        Result::Without,
    ),
    (
        "playlist secret SIGN --base-url URL",
        Place::File,
        Result::Without,
    ),
    (
        "verify - --public-key rsa2048-public.pem",
        Place::Stdin,
        Result::Without,
    ),
    ("verify URL --public-key -", Place::Stdin, Result::Without),
    (
        "verify URL --public-key rsa2048-public.pem --cookies -",
        Place::Stdin,
        Result::Without,
    ),
    ("inspect -", Place::Stdin, Result::Without),
    ("inspect --cookies -", Place::Stdin, Result::Without),
    ("key public secret", Place::File, Result::Contains),
    ("key inspect secret", Place::File, Result::Without),
];

/// Tries a secret in a place, and says what is wrong with the outcome.
fn fault(
    sandbox: &Sandbox,
    line: &str,
    place: &Place,
    result: Result,
    shape: &Shape,
) -> Option<String> {
    let line = line.replace("SIGN", SIGN).replace("URL", URL);
    let arguments: Vec<String> = line
        .split(' ')
        .map(|word| match place {
            Place::Argument => word.replace("{}", &shape.text),
            _ => word.replace(',', " "),
        })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command: Command = sandbox.cfsign(&arguments);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut stdin = "";
    match place {
        Place::Argument => {}
        Place::Variable(name) => {
            command.env(name, &shape.text);
        }
        Place::Stdin => stdin = &shape.text,
        Place::File => sandbox.write("secret", &shape.text),
    }
    let output = run_with(&mut command, stdin.as_bytes());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let runs = runs(&shape.text);
    let mut places = vec![("standard error", &stderr)];
    if result == Result::Without {
        places.push(("standard output", &stdout));
    }
    for (stream, printed) in places {
        let forms = [
            printed.clone(),
            percent_decoded(printed),
            printed.split_whitespace().collect(),
        ];
        if let Some(run) = forms.iter().find_map(|form| repeated(&runs, form)) {
            return Some(format!("{stream} repeats {run:?}: {printed}"));
        }
    }
    // A key that is where a key belongs is read, and what is asked to be in the URL is in it.
    let takes_a_key = line.contains("KEY")
        || line.contains("-p -")
        || matches!(place, Place::Variable("CFSIGN_PRIVATE_KEY" | "KEY"));
    let is_good = output.status.success()
        && (result == Result::Contains || !stdout.contains("Signature=") || takes_a_key);
    match output.status.code() {
        Some(1 | 2) => None,
        Some(0) if is_good => None,
        code => Some(format!("exit code {code:?}: {stdout}{stderr}")),
    }
}

#[test]
fn no_message_repeats_a_secret() {
    let shapes = shapes();
    let next = AtomicUsize::new(0);
    let work = || {
        let sandbox = Sandbox::new();
        let mut faults = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((line, place, result)) = PLACES.get(index) else {
                return faults;
            };
            for shape in &shapes {
                if let Some(fault) = fault(&sandbox, line, place, *result, shape) {
                    faults.push(format!("{line} with {}: {fault}", shape.name));
                }
            }
        }
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
