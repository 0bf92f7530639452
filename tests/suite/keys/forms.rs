//! Keys as they arrive: re-encoded as openssl accepts them, and as CI systems, secret stores and
//! editors change them.

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

/// PEM as other programs write it, and DER with more bytes behind it.
#[test]
fn keys_are_read_in_any_frame() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for (name, label) in [
        ("rsa2048-pkcs1.der", "RSA PRIVATE KEY"),
        ("rsa2048-pkcs8.der", "PRIVATE KEY"),
        ("rsa2048-encrypted.der", "ENCRYPTED PRIVATE KEY"),
        ("p256-sec1.der", "EC PRIVATE KEY"),
        ("p256-pkcs8.der", "PRIVATE KEY"),
    ] {
        let der = key_bytes(name);
        let expected = fingerprint(&der);
        assert!(expected.is_ok(), "{name}");
        for _ in 0..10 {
            let pem = framed(&mut random, label, &der);
            assert_eq!(fingerprint(&pem), expected, "{}", text(&pem));
        }
        let longer = [&der[..], &[0x2a; 20]].concat();
        assert_eq!(fingerprint(&longer), expected, "{name}");
    }
}

/// Runs `openssl` in the sandbox, and reads `cf.pem`, or what it wrote.
fn converted(sandbox: &Sandbox, command: &str, file: &str) -> Result<String, String> {
    let output = sandbox.shell(command).output().unwrap();
    assert!(
        output.status.success(),
        "{command}: {}",
        text(&output.stderr)
    );
    fingerprint(&sandbox.read(file))
}

/// The hint of the error for a key is the command that converts it.
fn conversion(error: &cfsign::Error) -> String {
    let hint = error.hint().unwrap();
    let (_, command) = hint.split_once("convert it: ").unwrap();
    let command = command.split(';').next().unwrap();
    command.replace("FILE", "key")
}

/// BER (ITU-T X.690), which openssl reads and no program writes.
#[test]
fn ber_is_refused_with_the_command_that_converts_it() {
    if !openssl_is_here("keys in BER") {
        return;
    }
    let sandbox = Sandbox::new();
    for name in ["rsa2048-pkcs8.der", "rsa2048-pkcs1.der"] {
        let der = key_bytes(name);
        let indefinite = [&[0x30, 0x80], &der[4..], &[0, 0]].concat();
        let length = u32::try_from(der.len() - 4).unwrap().to_be_bytes();
        let overlong = [&[0x30, 0x84], &length[..], &der[4..]].concat();
        for (what, ber) in [
            ("an indefinite length", indefinite),
            ("an overlong length", overlong),
        ] {
            sandbox.write("key", &ber);
            let error = KeyFile::read("key", &ber).unwrap_err();
            assert_eq!(
                error.to_string(),
                "key is DER that contains no key",
                "{what}"
            );
            let read = converted(&sandbox, &conversion(&error), "cf.pem");
            assert_eq!(read, fingerprint(&der), "{name} with {what}");
        }
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

/// A P-256 number without the leading zeros that it has is read; one with more of them is not.
#[test]
fn sec1_keys_of_unusual_lengths() {
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
    for zeros in [&[0][..], &[0; 9]] {
        assert_eq!(
            fingerprint(&bare(&[zeros, number].concat())),
            Err("key is an EC key in an unusual form, which is not supported".into())
        );
    }
    let small = [&[0; 7][..], &[7; 25]].concat();
    let expected = fingerprint(&bare(&small));
    assert_eq!(fingerprint(&bare(&[7; 25])), expected, "25 bytes");
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

/// Curve parameters in full, which openssl reads as P-256.
#[test]
fn explicit_curve_parameters_are_refused_with_the_command_that_converts_them() {
    if !openssl_is_here("explicit curve parameters") {
        return;
    }
    let sandbox = Sandbox::new();
    let expected = fingerprint(&key_bytes("p256-sec1.pem"));
    const MESSAGE: &str = "key is an EC key in an unusual form, which is not supported";
    for form in ["compressed", "uncompressed"] {
        for (command, flags, what) in [
            ("ec", "", "SEC1"),
            ("ec -pubout", "-pubin -pubout", "a public key"),
            ("pkcs8 -topk8 -nocrypt", "", "PKCS#8"),
        ] {
            let line = format!(
                "openssl ec -in p256-sec1.pem -param_enc explicit -conv_form {form} -out explicit.pem && \
                 openssl {command} -in explicit.pem -out key"
            );
            assert!(sandbox.shell(&line).output().unwrap().status.success());
            let error = KeyFile::read("key", &sandbox.read("key")).unwrap_err();
            assert_eq!(error.to_string(), MESSAGE);
            let command = format!("{} {flags}", conversion(&error));
            let read = converted(&sandbox, &command, "cf.pem");
            assert_eq!(read, expected, "{what}, {form}");
        }
    }
    // The order of the curve with its last byte changed: that is told after the conversion.
    assert_eq!(fingerprint(&another_curve(&sandbox)), Err(MESSAGE.into()));
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

/// Keys cut short, with bytes changed, inserted and removed, and random bytes: an error or a key,
/// never a panic, and no part of the key in the message.
#[test]
fn damaged_keys_are_refused_without_a_word_of_them() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut cases = 0;
    for entry in fs::read_dir(root().join("tests/keys")).unwrap() {
        let whole = fs::read(entry.unwrap().path()).unwrap();
        for round in 0..130 {
            let mut bytes = whole.clone();
            let place = random.below(bytes.len());
            match round % 4 {
                0 => bytes.truncate(place),
                1 => bytes[place] = random.below(256) as u8,
                2 => bytes.insert(place, random.below(256) as u8),
                _ => _ = bytes.drain(..place),
            }
            // Decryption of a damaged key may take seconds.
            let is_encrypted = matches!(KeyFile::read("key", &bytes),
                Ok(file) if matches!(file.content(), KeyContent::Encrypted(_)));
            if !is_encrypted {
                check_message(&bytes);
            }
            cases += 1;
        }
    }
    for _ in 0..1000 {
        let length = random.below(300);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        if random.one_in(2) && length > 4 {
            bytes[..3].copy_from_slice(&[0x30, 0x81, length as u8]);
        }
        check_message(&bytes);
        cases += 1;
    }
    assert!(cases > 5000, "{cases}");
}

/// Reads a key; the error repeats no seventeen characters of it but the labels of PEM.
fn check_message(bytes: &[u8]) {
    const RUN: usize = 17;
    let Err(message) = fingerprint(bytes) else {
        return;
    };
    let content = String::from_utf8_lossy(bytes);
    let words = content.split(|c: char| c.is_whitespace() || c == '-');
    for word in words.filter(|word| word.len() >= RUN && word.is_ascii()) {
        for start in 0..=word.len() - RUN {
            let run = &word[start..start + RUN];
            assert!(!message.contains(run), "{run}: {message}");
        }
    }
}
