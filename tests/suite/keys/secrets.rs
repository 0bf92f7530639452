//! Keys in places where they do not belong: they are refused, and no message repeats a part of one.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{Sandbox, run_with, text};

/// How many consecutive characters of a key must not be printed.
const RUN: usize = 17;

/// A key in some form.
struct Secret {
    name: String,
    bytes: Vec<u8>,
    /// The form is recognized as a key, so that no command takes it for something else.
    is_recognized: bool,
}

fn base64(bytes: &[u8]) -> String {
    // CloudFront's alphabet differs from the standard one in three characters.
    let text = cfsign::base64::encode(bytes);
    text.replace('-', "+").replace('_', "=").replace('~', "/")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn lines_of(text: &str, width: usize) -> String {
    let lines = text.as_bytes().chunks(width).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join("\n")
}

/// A PEM file in the forms in which keys travel.
fn secrets_of(kind: &str, pem: &str) -> Vec<Secret> {
    let der = pem::parse(pem).unwrap().into_contents();
    let lines: Vec<&str> = pem.lines().collect();
    let body = lines[1..lines.len() - 1].join("\n");
    let one_line = body.replace('\n', "");
    let pem_base64 = base64(pem.as_bytes());
    let scalar = base64(&der[der.len() - 40..]).replace(['+', '/'], "-");
    let recognized: Vec<(&str, Vec<u8>)> = vec![
        ("a PEM file", pem.into()),
        ("its first half", pem[..pem.len() / 2].into()),
        ("its second half", pem[pem.len() / 2..].into()),
        ("spaces for line breaks", pem.replace('\n', " ").into()),
        (
            "a JSON string",
            format!("{{\"k\": \"{}\"}}", pem.replace('\n', "\\n")).into(),
        ),
        (
            "percent-encoding",
            pem.replace('\n', "%0A").replace(' ', "%20").into(),
        ),
        (
            "UTF-16",
            pem.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("the lines between", body.clone().into()),
        ("the lines between, joined", one_line.clone().into()),
        ("an assignment", format!("KEY=\"{one_line}\"").into()),
        ("DER", der.clone()),
        ("base64 of the PEM file", pem_base64.clone().into()),
        ("base64 in lines", lines_of(&pem_base64, 76).into()),
        ("base64 twice", base64(pem_base64.as_bytes()).into()),
        ("hexadecimal", hex(&der).into()),
        (
            "hexadecimal in lines",
            lines_of(&hex(&der).to_uppercase(), 64).into(),
        ),
        (
            "a JWK",
            format!(r#"{{"kty":"{kind}","d":"{scalar}"}}"#).into(),
        ),
    ];
    let parts: Vec<(&str, Vec<u8>)> = vec![
        ("a line of base64", lines[2].into()),
        (
            "lines of base64",
            lines[2..lines.len() - 1].join("\n").into(),
        ),
        ("a line of hexadecimal", hex(&der)[60..124].into()),
    ];
    let mut secrets = Vec::new();
    for (forms, is_recognized) in [(recognized, true), (parts, false)] {
        secrets.extend(forms.into_iter().map(|(name, bytes)| Secret {
            name: format!("{kind}: {name}"),
            bytes,
            is_recognized,
        }));
    }
    secrets
}

fn secrets() -> Vec<Secret> {
    let sandbox = Sandbox::new();
    let mut secrets = Vec::new();
    for (kind, file) in [("RSA", "rsa2048-pkcs8.pem"), ("EC", "p256-pkcs8.pem")] {
        secrets.extend(secrets_of(kind, &text(&sandbox.read(file))));
    }
    // A P-256 key is in fewer and shorter lines; that is what its other forms would try again.
    const SHORT: [&str; 6] = [
        "EC: a PEM file",
        "EC: DER",
        "EC: base64 of the PEM file",
        "EC: hexadecimal",
        "EC: a JWK",
        "EC: a line of base64",
    ];
    secrets.retain(|secret| secret.name.starts_with("RSA") || SHORT.contains(&&*secret.name));
    assert_eq!(secrets.len(), 26);
    secrets
}

/// The runs of a secret that must not be printed.
fn runs(secret: &str) -> HashSet<&str> {
    const PUBLIC: &str = "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----";
    let ends = secret.char_indices().map(|(start, _)| start);
    let runs = ends.filter_map(|start| secret.get(start..start + RUN));
    runs.filter(|run| !PUBLIC.contains(run)).collect()
}

/// The first run of the secret that `output` contains, as it is or percent-encoded or in words.
fn repeated(runs: &HashSet<&str>, output: &str) -> Option<String> {
    let decoded: String = url::form_urlencoded::parse(output.as_bytes())
        .map(|(name, value)| format!("{name} {value} "))
        .collect();
    let joined: String = output.split_whitespace().collect();
    for form in [output, &decoded, &joined] {
        for (start, _) in form.char_indices() {
            if let Some(run) = form.get(start..start + RUN)
                && runs.contains(run)
            {
                return Some(run.into());
            }
        }
    }
    None
}

/// Command lines with a place for a value: `{}` in an argument, `$NAME` in front for an environment
/// variable, `<` for standard input, `secret` for a file. `SIGN` and `URL` stand for the constants.
/// A line with `+` asks for the value to be part of the result.
const PLACES: &str = "\
{}
--{}
-{}
--color {} url URL SIGN
--now {} url URL SIGN
url {} SIGN
url --url {} SIGN
url {} SIGN --encode
url {} SIGN --resign
url URL SIGN --{}
url URL -k {} -p rsa2048-pkcs8.pem -e 1h
url URL -k{} -p rsa2048-pkcs8.pem -e 1h
url URL --key-pair-id={} -p rsa2048-pkcs8.pem -e 1h
url URL -k K2JCJMDEHXQW5F -p {} -e 1h
url URL -k K2JCJMDEHXQW5F --private-key={} -e 1h
url URL -k K2JCJMDEHXQW5F -p env:{} -e 1h
url URL -k K2JCJMDEHXQW5F -p file://{} -e 1h
url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem -e 1h --passphrase {}
url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem -e 1h --passphrase env:{}
url URL -k K2JCJMDEHXQW5F -e 1h --sign-command false --public-key {}
url URL -k K2JCJMDEHXQW5F -e 1h --sign-command {}
url URL SIGN --sign-timeout {}
url URL SIGN --hash {}
url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e {}
url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --expires-in {}
url URL SIGN --starts {}
url URL SIGN --ip {}
url URL SIGN -r {}
url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --policy {}
+ url URL SIGN --query {}
+ url URL SIGN --query a={}
+ url URL SIGN --download-as {}
+ url SIGN --stream {}
url URL SIGN --format {}
policy {} -e 1h
cookies {} SIGN
+ cookies URL SIGN --domain {}
+ cookies URL SIGN --path {}
cookies URL SIGN --same-site {}
batch {} SIGN
batch /dev/null SIGN --from {}
batch /dev/null SIGN --base-url {}
batch /dev/null SIGN --jobs {}
batch /dev/null SIGN -o no/{}
playlist {} SIGN --base-url URL
playlist media.m3u8 SIGN --base-url {}
playlist media.m3u8 SIGN --base-url URL -o no/{}
verify {} --public-key rsa2048-public.pem
verify URL --public-key {}
verify URL --public-key K2JCJMDEHXQW5F={}
verify URL --public-key {}=rsa2048-public.pem
verify URL --public-key rsa2048-public.pem --ip {}
verify URL --public-key rsa2048-public.pem --cookies {}
inspect {}
inspect --cookies {}
key {}
key generate {}
key generate new.pem --type {}
key public {}
key inspect {}
key inspect rsa2048-encrypted.pem --passphrase {}
completions {}
man --out rsa1024.pem/{}
$CFSIGN_KEY_PAIR_ID url URL -p rsa2048-pkcs8.pem -e 1h
$CFSIGN_PRIVATE_KEY url URL -k K2JCJMDEHXQW5F -e 1h
$CFSIGN_PASSPHRASE url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem -e 1h
$CFSIGN_PASSPHRASE verify URL --public-key rsa2048-encrypted.pem
$KEY url URL -k K2JCJMDEHXQW5F -p env:KEY -e 1h
$KEY verify URL --public-key env:KEY
$KEY key inspect env:KEY
< url - SIGN
< url URL -k K2JCJMDEHXQW5F -p - -e 1h
< url URL -k K2JCJMDEHXQW5F -p rsa2048-encrypted.pem --passphrase - -e 1h
< url URL -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem --policy -
< batch SIGN
< batch SIGN --encode
< batch SIGN --from csv
< batch SIGN --from jsonl
batch secret SIGN
< playlist - SIGN --base-url URL --each
playlist secret SIGN --base-url URL
< verify - --public-key rsa2048-public.pem
< verify URL --public-key -
< verify URL --public-key rsa2048-public.pem --cookies -
< inspect -
< inspect --cookies -
url URL -k K2JCJMDEHXQW5F -e 1h --sign-command cat;cat,secret
url URL -k K2JCJMDEHXQW5F -e 1h --sign-command cat,secret>&2;false
+ key public secret
key inspect secret";

const SIGN: &str = "-k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 1h --now 2026-12-01";

/// Tries a secret in a place, and says what is wrong with the outcome.
fn fault(sandbox: &Sandbox, place: &str, secret: &Secret) -> Option<String> {
    let (mark, line) = match place.split_once(' ') {
        Some((mark, line)) if mark.starts_with(['$', '<', '+']) => (mark, line),
        _ => ("", place),
    };
    let line = line
        .replace("SIGN", SIGN)
        .replace("URL", "https://h.example/a");
    let value = String::from_utf8_lossy(&secret.bytes);
    if value.contains(['\0', '\u{fffd}']) && (line.contains("{}") || mark.starts_with('$')) {
        return None;
    }
    let arguments: Vec<String> = line
        .split(' ')
        .map(|word| word.replace(',', " ").replace("{}", &value))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = sandbox.cfsign(&arguments);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if let Some(name) = mark.strip_prefix('$') {
        command.env(name, &*value);
    }
    sandbox.write("secret", &secret.bytes);
    let stdin: &[u8] = if mark == "<" { &secret.bytes } else { b"" };
    let output = run_with(&mut command, stdin);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let runs = runs(&value);
    let mut printed = vec![&stderr];
    if mark != "+" {
        printed.push(&stdout);
    }
    if let Some(run) = printed.iter().find_map(|text| repeated(&runs, text)) {
        return Some(format!("{run:?} is repeated: {stdout}{stderr}"));
    }
    let takes_a_key = ["key ", "--public-key ", "-p -", "env:KEY"]
        .iter()
        .any(|part| line.contains(part))
        || mark == "$CFSIGN_PRIVATE_KEY";
    match output.status.code() {
        Some(1 | 2) => None,
        Some(0) if takes_a_key || mark == "+" && !secret.is_recognized => None,
        code => Some(format!("exit code {code:?}: {stdout}{stderr}")),
    }
}

#[test]
fn no_message_repeats_a_key() {
    let secrets = secrets();
    let places: Vec<&str> = PLACES.lines().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let sandbox = Sandbox::new();
        let mut faults = Vec::new();
        while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            for secret in &secrets {
                if let Some(fault) = fault(&sandbox, place, secret) {
                    faults.push(format!("{place} with {}: {fault}", secret.name));
                }
            }
        }
        faults
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let threads = [0, 1].map(|_| scope.spawn(work));
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let count = faults.len();
    assert!(faults.is_empty(), "{count} faults:\n{}", faults.join("\n"));
}
