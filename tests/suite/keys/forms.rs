//! Keys as they arrive: re-encoded as openssl accepts them, and as CI systems, secret stores and editors change them.

use std::fs;

use cfsign::{KeyContent, KeyFile};

use crate::common::{Sandbox, openssl_is_here, root, text};

fn key_bytes(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/keys").join(name)).unwrap()
}

fn key_text(name: &str) -> String {
    text(&key_bytes(name))
}

/// The fingerprint of the key that `bytes` are read as.
fn fingerprint(bytes: &[u8]) -> Result<String, String> {
    let file = KeyFile::read("key", bytes).map_err(|e| e.to_string())?;
    if let KeyContent::Public(key) = file.content() {
        return Ok(key.fingerprint().unwrap());
    }
    let key = file.into_private(Some(b"correct horse"));
    let key = key.map_err(|e| e.to_string())?;
    Ok(key.public_key().fingerprint().unwrap())
}

/// Pseudo-random numbers (xorshift64), the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// Tag and content of a DER element, and what follows it.
fn split(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (header, length) = match der[1] {
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        0x81 => (3, usize::from(der[2])),
        short => (2, usize::from(short)),
    };
    let (element, rest) = der.split_at(header + length);
    (der[0], &element[header..], rest)
}

/// A length in one of the forms that BER allows.
fn length(random: &mut Random, length: usize) -> Vec<u8> {
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let shortest = bytes.len() - zeros;
    if length < 0x80 && !random.one_in(3) {
        return vec![length as u8];
    }
    let count = (shortest.max(1) + random.below(2)).min(4);
    let mut encoded = vec![0x80 | count as u8];
    encoded.extend_from_slice(&bytes[bytes.len() - count..]);
    encoded
}

/// The DER elements in BER, each in a form chosen at random.
fn re_encoded(random: &mut Random, mut der: &[u8], is_encrypted: bool) -> Vec<u8> {
    let mut ber = Vec::new();
    while !der.is_empty() {
        let (tag, content, rest) = split(der);
        der = rest;
        let is_constructed = tag & 0x20 != 0;
        let has_key = tag == 4 && content.starts_with(&[0x30]) && !is_encrypted;
        let mut content = if is_constructed || has_key {
            re_encoded(random, content, is_encrypted)
        } else {
            content.to_vec()
        };
        if tag == 2 && content.len() > 16 && random.one_in(2) {
            // Numbers of an RSA key: padded, or without the zero that makes them positive.
            if content[0] == 0 && random.one_in(2) {
                content.remove(0);
            } else {
                content.splice(0..0, vec![0; 1 + random.below(3)]);
            }
        }
        let in_pieces = tag == 4 && content.len() > 40 && random.one_in(2);
        let mut tag = tag;
        if in_pieces {
            tag |= 0x20;
            let size = 16 + random.below(content.len());
            let mut pieces = Vec::new();
            for piece in content.chunks(size) {
                pieces.push(4);
                pieces.extend(length(random, piece.len()));
                pieces.extend_from_slice(piece);
            }
            content = pieces;
        }
        ber.push(tag);
        if tag & 0x20 != 0 && random.one_in(2) {
            ber.push(0x80);
            ber.extend(content);
            ber.extend([0, 0]);
        } else {
            ber.extend(length(random, content.len()));
            ber.extend(content);
        }
    }
    ber
}

/// `der` in PEM with a label, lines of some length and text around it.
fn framed(random: &mut Random, label: &str, der: &[u8]) -> Vec<u8> {
    let data = cfsign::base64::encode(der);
    let data = data.replace('-', "+").replace('_', "=").replace('~', "/");
    let width = [64, 64, 76, 16, 48][random.below(5)];
    let ending = if random.one_in(3) { "\r\n" } else { "\n" };
    let mut pem = String::new();
    if random.one_in(3) {
        pem += "Bag Attributes\n    localKeyID: 01\n";
    }
    pem += &format!("-----BEGIN {label}-----{ending}");
    for line in data.as_bytes().chunks(width) {
        pem += &text(line);
        pem += ending;
    }
    pem += &format!("-----END {label}-----{ending}");
    pem.into_bytes()
}

/// What openssl reads, cfsign reads too, as the same key.
#[test]
fn keys_that_openssl_reads_are_read() {
    if !openssl_is_here("500 random encodings of keys") {
        return;
    }
    let sandbox = Sandbox::new();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let forms = [
        ("rsa2048-pkcs1.der", "RSA PRIVATE KEY"),
        ("rsa2048-pkcs8.der", "PRIVATE KEY"),
        ("rsa2048-encrypted.der", "ENCRYPTED PRIVATE KEY"),
        ("p256-sec1.der", "EC PRIVATE KEY"),
        ("p256-pkcs8.der", "PRIVATE KEY"),
    ];
    let mut accepted = 0;
    let mut tried = 0;
    while accepted < 500 {
        tried += 1;
        assert!(tried < 1500, "openssl accepts only {accepted} of {tried}");
        let (name, label) = forms[random.below(forms.len())];
        let der = key_bytes(name);
        let mut ber = re_encoded(&mut random, &der, name.contains("encrypted"));
        let is_pem = random.one_in(2);
        if is_pem {
            ber = framed(&mut random, label, &ber);
        } else if random.one_in(4) {
            ber.extend(vec![0x2a; random.below(20)]);
        }
        sandbox.write("key", &ber);
        let check = sandbox
            .shell("openssl pkey -in key -passin 'pass:correct horse' -noout 2>/dev/null")
            .status();
        if !check.unwrap().success() {
            continue;
        }
        accepted += 1;
        assert_eq!(
            fingerprint(&ber),
            fingerprint(&der),
            "{name} in {}",
            if is_pem {
                text(&ber)
            } else {
                format!("{ber:02x?}")
            }
        );
    }
}

#[test]
fn keys_are_read_however_they_were_carried() {
    let base64 = |bytes: &[u8]| {
        let data = cfsign::base64::encode(bytes);
        data.replace('-', "+").replace('_', "=").replace('~', "/")
    };
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    };
    for name in [
        "rsa2048-pkcs8.pem",
        "rsa2048-pkcs1.pem",
        "rsa2048-encrypted.pem",
        "p256-pkcs8.pem",
    ] {
        let pem = key_text(name);
        let escaped = pem.replace('\n', "\\n");
        let quoted_lines: Vec<String> = pem.lines().map(|line| format!("\"{line}\"")).collect();
        let code_points = |pem: &str| pem.replace('+', "\\u002B").replace('=', "\\u003d");
        for (what, form) in [
            ("UTF-16, little-endian", utf16(&pem, u16::to_le_bytes)),
            ("UTF-16, big-endian", utf16(&pem, u16::to_be_bytes)),
            (
                "UTF-16 with a byte-order mark",
                utf16(&format!("\u{feff}{pem}"), u16::to_le_bytes),
            ),
            (
                "UTF-16 with CRLF",
                utf16(&pem.replace('\n', "\r\n"), u16::to_le_bytes),
            ),
            ("JSON escapes", escaped.replace('/', "\\/").into()),
            ("JSON code points", code_points(&escaped).into()),
            ("JSON escapes twice", escaped.replace('\\', "\\\\").into()),
            (
                "JSON escapes three times",
                code_points(&escaped.replace('\\', "\\\\\\\\")).into(),
            ),
            ("a JSON string", format!("\"{escaped}\"\n").into()),
            (
                "an array of lines",
                format!("[{}]", quoted_lines.join(", ")).into(),
            ),
            (
                "an array of lines, indented",
                format!("[\n  {}\n]", quoted_lines.join(",\n  ")).into(),
            ),
            (
                "a JSON object",
                format!(r#"{{"id": "K2JCJMDEHXQW5F", "private_key": "{escaped}", "n": 1}}"#).into(),
            ),
            (
                "a JSON object in a string",
                format!(
                    r#"{{"SecretString": "{{\"key\": \"{}\"}}"}}"#,
                    escaped.replace('\\', "\\\\")
                )
                .into(),
            ),
            (
                "a line of an .env file",
                format!("ID=K2JCJMDEHXQW5F\nCLOUDFRONT_KEY=\"{escaped}\"\nOTHER=1\n").into(),
            ),
            (
                "an .env value with line breaks",
                format!("CLOUDFRONT_KEY='{pem}'\n").into(),
            ),
            (
                "base64 in an .env file",
                format!("export CLOUDFRONT_KEY={}\n", base64(pem.as_bytes())).into(),
            ),
            (
                "base64 in JSON",
                format!(r#"{{"data": {{"key": "{}"}}}}"#, base64(pem.as_bytes())).into(),
            ),
            (
                "a Kubernetes Secret",
                format!(
                    "kind: Secret\ndata:\n  tls.key: {}\n  a: aGVsbG8=\n",
                    base64(pem.as_bytes())
                )
                .into(),
            ),
            (
                "base64 twice",
                base64(base64(pem.as_bytes()).as_bytes()).into(),
            ),
            (
                "YAML",
                format!("key: |\n{}", pem.replace('\n', "\n  ")).into(),
            ),
            ("the same key twice", format!("{pem}\n{pem}").into()),
        ] {
            assert_eq!(
                fingerprint(&form),
                fingerprint(pem.as_bytes()),
                "{name} as {what}"
            );
        }
    }
}

/// A P-256 number with leading zeros, or without those that it has, and public points in each form.
#[test]
fn sec1_keys_of_unusual_lengths_are_read() {
    let der = key_bytes("p256-sec1.der");
    let number = &der[7..39];
    assert_eq!(der[5..7], [4, 32]);
    let expected = fingerprint(&der);
    let bare = |number: &[u8]| {
        let mut key = vec![
            0x30,
            (5 + number.len() + 12) as u8,
            2,
            1,
            1,
            4,
            number.len() as u8,
        ];
        key.extend_from_slice(number);
        key.extend([0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        key
    };
    assert_eq!(fingerprint(&bare(number)), expected);
    assert_eq!(
        fingerprint(&bare(&[&[0], number].concat())),
        expected,
        "33 bytes"
    );
    assert_eq!(
        fingerprint(&bare(&[&[0; 9], number].concat())),
        expected,
        "41 bytes"
    );
    let small = bare(&[&[0; 31][..], &[7]].concat());
    assert_eq!(fingerprint(&bare(&[7])), fingerprint(&small), "1 byte");
    assert_eq!(
        fingerprint(&bare(&[0])),
        Err("key is a damaged key: its parameters are inconsistent".into())
    );
    let other = key_bytes("p256-sec1.der");
    let mut wrong_point = other.clone();
    *wrong_point.last_mut().unwrap() ^= 1;
    assert_eq!(
        fingerprint(&wrong_point),
        Err("key is a damaged key: its parameters are inconsistent".into())
    );
}

#[test]
fn two_different_private_keys_are_refused_with_their_fingerprints() {
    let (first, second) = (key_text("rsa2048-pkcs8.pem"), key_text("p256-sec1.pem"));
    let prints = [&first, &second].map(|pem| fingerprint(pem.as_bytes()).unwrap());
    let message = format!(
        "key contains two different private keys, SHA256:{} and SHA256:{}",
        prints[0], prints[1]
    );
    assert_eq!(
        fingerprint(format!("{first}{second}").as_bytes()),
        Err(message)
    );
    // An encrypted copy of the key, its public key and its certificate are no second key.
    let pair = [
        first.clone(),
        key_text("rsa2048-pkcs1.pem"),
        key_text("rsa2048-encrypted.pem"),
        key_text("rsa2048-public.pem"),
        key_text("rsa2048-certificate.pem"),
    ];
    assert_eq!(fingerprint(pair.concat().as_bytes()), Ok(prints[0].clone()));
    let encrypted = key_text("rsa2048-encrypted.pem") + &key_text("p256-encrypted.pem");
    assert_eq!(
        fingerprint(encrypted.as_bytes()),
        Err("key contains two different encrypted private keys".into())
    );
}

/// Curve parameters in full and public points in each form, which openssl reads as P-256.
#[test]
fn explicit_curve_parameters_are_read() {
    if !openssl_is_here("explicit curve parameters") {
        return;
    }
    let sandbox = Sandbox::new();
    let expected = fingerprint(&key_bytes("p256-sec1.pem"));
    for form in ["compressed", "uncompressed", "hybrid"] {
        for (command, what) in [
            ("ec", "SEC1"),
            ("ec -pubout", "a public key"),
            ("pkcs8 -topk8 -nocrypt", "PKCS#8"),
        ] {
            let line = format!(
                "openssl ec -in p256-sec1.pem -param_enc explicit -conv_form {form} -out explicit.pem && \
                 openssl {command} -in explicit.pem -out key"
            );
            assert!(sandbox.shell(&line).output().unwrap().status.success());
            assert_eq!(
                fingerprint(&sandbox.read("key")),
                expected,
                "{what}, {form}"
            );
        }
    }
    // The order of the curve with its last byte changed.
    let pem = another_curve(&sandbox);
    assert_eq!(
        fingerprint(&pem),
        Err("key is an EC key with the parameters of another curve than P-256".into())
    );
}

fn another_curve(sandbox: &Sandbox) -> Vec<u8> {
    let line = "openssl ec -in p256-sec1.pem -param_enc explicit -outform DER -out explicit.der";
    assert!(sandbox.shell(line).output().unwrap().status.success());
    let mut der = sandbox.read("explicit.der");
    let order_end = [0xfc, 0x63, 0x25, 0x51];
    let place = der.windows(4).position(|window| window == order_end);
    der[place.unwrap() + 3] ^= 1;
    der
}

/// Encodings with bytes changed, inserted and removed: an error or a key, and never a panic.
#[test]
fn damaged_encodings_never_panic() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for name in [
        "rsa2048-pkcs8.der",
        "p256-sec1.der",
        "p256-pkcs8.pem",
        "rsa2048-certificate.pem",
    ] {
        for _ in 0..500 {
            let bytes = key_bytes(name);
            let is_der = name.ends_with(".der");
            let mut bytes = if is_der {
                re_encoded(&mut random, &bytes, false)
            } else {
                bytes
            };
            for _ in 0..1 + random.below(3) {
                let place = random.below(bytes.len());
                match random.below(3) {
                    0 => bytes[place] = random.below(256) as u8,
                    1 => bytes.insert(place, random.below(256) as u8),
                    _ => bytes.truncate(place.max(1)),
                }
            }
            let _ = fingerprint(&bytes);
        }
    }
}
