//! Key files in every form, and the commands that show keys. The second opinion is openssl's.

use cfsign::{HashAlgorithm, KeyFile};

use crate::common::{
    Sandbox, openssl, openssl_is_here, openssl_verifies, run_with, stdout_of, text,
};

const URL: &str = "https://d111111abcdef8.cloudfront.net/a.jpg";
const POLICY: &str = r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;
const SIGN: [&str; 8] = [
    "url",
    URL,
    "--expires",
    "1800000000",
    "--now",
    "2026-12-01",
    "--key-pair-id",
    "K2JCJMDEHXQW5F",
];

/// `cfsign url` with a key, in this folder.
fn signed(sandbox: &Sandbox, key: &[&str]) -> String {
    stdout_of(&mut sandbox.cfsign(&[&SIGN, key].concat()))
}

/// What the same key in plain PKCS#8 PEM signs, to openssl's satisfaction.
fn reference(sandbox: &Sandbox) -> String {
    let url = signed(sandbox, &["--private-key", "rsa2048-pkcs8.pem"]);
    if openssl_is_here("the signature that all forms of a key make") {
        assert!(openssl_verifies(
            sandbox,
            "rsa2048-public.pem",
            "-sha1",
            POLICY,
            &url
        ));
    }
    url
}

#[test]
fn rsa_keys_are_read_in_every_form() {
    let sandbox = Sandbox::new();
    let reference = reference(&sandbox);
    sandbox.write("passphrase", "correct horse");
    sandbox.write("passphrase-line", "correct horse\r\n");
    for file in [
        "rsa2048-pkcs1.pem",
        "rsa2048-pkcs1.der",
        "rsa2048-pkcs8.der",
    ] {
        assert_eq!(
            signed(&sandbox, &["--private-key", file]),
            reference,
            "{file}"
        );
    }
    for file in [
        "rsa2048-encrypted.pem",
        "rsa2048-encrypted.der",
        "rsa2048-encrypted-des3.pem",
        "rsa2048-encrypted-scrypt.pem",
    ] {
        for passphrase in ["passphrase", "passphrase-line"] {
            assert_eq!(
                signed(
                    &sandbox,
                    &["--private-key", file, "--passphrase", passphrase]
                ),
                reference,
                "{file}"
            );
        }
    }
}

/// What editors, mail and other tools do to a PEM file.
#[test]
fn pem_is_found_in_whatever_surrounds_it() {
    let sandbox = Sandbox::new();
    let reference = reference(&sandbox);
    let certificate = text(&sandbox.read("rsa2048-certificate.pem"));
    let public = text(&sandbox.read("rsa2048-public.pem"));
    for file in ["rsa2048-pkcs8.pem", "rsa2048-pkcs1.pem"] {
        let pem = text(&sandbox.read(file));
        for (what, form) in [
            ("CRLF", pem.replace('\n', "\r\n")),
            ("blank lines", pem.replace('\n', "\n\n")),
            ("CR", pem.replace('\n', "\r")),
            ("a byte-order mark", format!("\u{feff}{pem}")),
            (
                "indentation",
                pem.lines().map(|line| format!("    {line}\n")).collect(),
            ),
            (
                "tabs and trailing blanks",
                pem.lines().map(|line| format!("\t{line} \t\n")).collect(),
            ),
            (
                "text before and after",
                format!("Bag Attributes\n    friendlyName: x\n{pem}\nsent from my phone\n"),
            ),
            ("a certificate before", format!("{certificate}{pem}")),
            ("a certificate after", format!("{pem}{certificate}")),
            ("its public key before", format!("{public}{pem}")),
            ("no line break at the end", pem.trim_end().to_owned()),
            ("no line breaks inside", pem.replace('\n', "")),
            ("one line of base64", long_lines(&pem)),
            ("a quoted value", format!("\"{pem}\"")),
        ] {
            sandbox.write("form.pem", form);
            assert_eq!(
                signed(&sandbox, &["--private-key", "form.pem"]),
                reference,
                "{file} with {what}"
            );
        }
    }
}

/// PEM with its base64 in one line.
fn long_lines(pem: &str) -> String {
    let lines: Vec<&str> = pem.lines().collect();
    format!(
        "{}\n{}\n{}\n",
        lines[0],
        lines[1..lines.len() - 1].concat(),
        lines[lines.len() - 1]
    )
}

/// What CI systems do to a key on its way through an environment variable.
#[test]
fn keys_from_the_environment_and_standard_input_are_repaired() {
    let sandbox = Sandbox::new();
    let reference = reference(&sandbox);
    let pem = text(&sandbox.read("rsa2048-pkcs8.pem"));
    let base64 = |wrap| {
        let encoded = text(&openssl(sandbox.path(), &["base64", "-A"], pem.as_bytes()));
        encoded
            .as_bytes()
            .chunks(wrap)
            .map(|line| text(line) + "\n")
            .collect::<String>()
    };
    let mut forms = vec![
        ("nothing", pem.clone()),
        ("literal \\n", pem.replace('\n', "\\n")),
        ("literal \\r\\n", pem.replace('\n', "\\r\\n")),
        ("spaces for line breaks", pem.replace('\n', " ")),
        ("lost line breaks", pem.replace('\n', "")),
        (
            "quotes and literal \\n",
            format!("\"{}\"", pem.replace('\n', "\\n")),
        ),
    ];
    if openssl_is_here("keys in base64") {
        forms.push(("base64", base64(usize::MAX)));
        forms.push(("base64 in lines", base64(76)));
        let der = openssl(
            sandbox.path(),
            &["base64", "-A"],
            &sandbox.read("rsa2048-pkcs8.der"),
        );
        forms.push(("DER in base64", text(&der)));
    }
    for (what, form) in forms {
        let mut from_variable =
            sandbox.cfsign(&[&SIGN[..], &["--private-key", "env:KEY"]].concat());
        assert_eq!(
            stdout_of(from_variable.env("KEY", &form)),
            reference,
            "{what} in a variable"
        );
        let from_stdin = run_with(
            &mut sandbox.cfsign(&[&SIGN[..], &["--private-key", "-"]].concat()),
            form.as_bytes(),
        );
        assert_eq!(
            text(&from_stdin.stdout),
            reference,
            "{what} on standard input: {}",
            text(&from_stdin.stderr)
        );
    }
}

#[test]
fn places_and_names_of_a_key() {
    let sandbox = Sandbox::new();
    let reference = reference(&sandbox);
    for key in [
        ["-p", "file://rsa2048-pkcs8.pem"],
        ["--key", "rsa2048-pkcs8.pem"],
        ["--private-key-path", "rsa2048-pkcs8.pem"],
        ["-p", "file://~/rsa2048-pkcs8.pem"],
    ] {
        assert_eq!(signed(&sandbox, &key), reference, "{key:?}");
    }
    let mut by_environment = sandbox.cfsign(&SIGN[..6]);
    by_environment
        .env("CFSIGN_KEY_PAIR_ID", "K2JCJMDEHXQW5F")
        .env("CFSIGN_PRIVATE_KEY", "rsa2048-encrypted.pem");
    assert_eq!(
        stdout_of(
            by_environment
                .env("CFSIGN_PASSPHRASE", "env:P")
                .env("P", "correct horse")
        ),
        reference
    );
    let encrypted = [
        "--private-key",
        "rsa2048-encrypted.pem",
        "--passphrase",
        "-",
    ];
    let with_passphrase = run_with(
        &mut sandbox.cfsign(&[&SIGN[..], &encrypted].concat()),
        b"correct horse\n",
    );
    assert_eq!(text(&with_passphrase.stdout), reference);
}

#[test]
fn p256_signatures_are_accepted_by_openssl() {
    if !openssl_is_here("P-256 signatures") {
        return;
    }
    let sandbox = Sandbox::new();
    let mut seen = Vec::new();
    for file in [
        "p256-sec1.pem",
        "p256-sec1.der",
        "p256-pkcs8.pem",
        "p256-pkcs8.der",
        "p256-sec1-no-public.pem",
        "p256-encrypted.pem",
    ] {
        let mut command = sandbox
            .cfsign(&[&SIGN[..], &["--private-key", file, "--passphrase", "env:P"]].concat());
        let url = stdout_of(command.env("P", "correct horse"));
        assert!(url.ends_with("&Hash-Algorithm=SHA256\n"), "{file}: {url}");
        assert!(
            openssl_verifies(
                &sandbox,
                "p256-public.pem",
                "-sha256",
                POLICY,
                &url.replace("&Hash-Algorithm=SHA256", "")
            ),
            "{file}"
        );
        assert!(
            !openssl_verifies(
                &sandbox,
                "p256-public.pem",
                "-sha256",
                &POLICY.replace("a.jpg", "b.jpg"),
                &url
            ),
            "{file}"
        );
        seen.push(url);
    }
    assert!(
        seen.iter().all(|url| *url == seen[0]),
        "signatures of one key over one policy differ"
    );

    let url = signed(
        &sandbox,
        &["--private-key", "p256-sec1.pem", "--hash", "SHA-1"],
    );
    assert!(url.ends_with("&Key-Pair-Id=K2JCJMDEHXQW5F\n"), "{url}");
    assert!(openssl_verifies(
        &sandbox,
        "p256-public.pem",
        "-sha1",
        POLICY,
        &url
    ));
}

#[test]
fn inspect_shows_what_openssl_says() {
    if !openssl_is_here("fingerprints") {
        return;
    }
    let sandbox = Sandbox::new();
    let fingerprint = |public: &str| {
        let der = openssl(
            sandbox.path(),
            &["pkey", "-pubin", "-in", public, "-outform", "DER"],
            b"",
        );
        let digest = text(&openssl(sandbox.path(), &["dgst", "-sha256", "-r"], &der));
        digest.split(' ').next().unwrap().to_owned()
    };
    let rsa = fingerprint("rsa2048-public.pem");
    let p256 = fingerprint("p256-public.pem");
    for (file, holds, format, fingerprint) in [
        ("rsa2048-pkcs8.pem", "private key", "PKCS#8 PEM", &rsa),
        ("rsa2048-pkcs1.der", "private key", "PKCS#1 DER", &rsa),
        (
            "rsa2048-encrypted.pem",
            "private key",
            "encrypted PKCS#8 PEM",
            &rsa,
        ),
        (
            "rsa2048-public.pem",
            "public key",
            "SubjectPublicKeyInfo PEM",
            &rsa,
        ),
        (
            "rsa2048-public.der",
            "public key",
            "SubjectPublicKeyInfo DER",
            &rsa,
        ),
        (
            "rsa2048-public-pkcs1.pem",
            "public key",
            "PKCS#1 public PEM",
            &rsa,
        ),
        (
            "rsa2048-certificate.pem",
            "public key",
            "certificate PEM",
            &rsa,
        ),
        ("p256-sec1.pem", "private key", "SEC1 PEM", &p256),
        ("p256-sec1-no-public.pem", "private key", "SEC1 PEM", &p256),
        (
            "p256-public.pem",
            "public key",
            "SubjectPublicKeyInfo PEM",
            &p256,
        ),
    ] {
        let (key_type, hash, json_hash) = if *fingerprint == rsa {
            ("RSA 2048", "SHA-1", "SHA1")
        } else {
            ("ECDSA P-256", "SHA-256", "SHA256")
        };
        let inspect = |flags: &[&str]| {
            stdout_of(
                sandbox
                    .cfsign(&[&["key", "inspect", file, "--passphrase", "env:P"], flags].concat())
                    .env("P", "correct horse"),
            )
        };
        let expected = format!(
            "key          {holds} ({format})\ntype         {key_type}\nCloudFront   accepted\nhash         {hash} by default\nfingerprint  SHA256:{fingerprint}\n"
        );
        assert_eq!(inspect(&[]), expected, "{file}");
        let expected = format!(
            r#"{{"holds":"{holds}","format":"{format}","type":"{key_type}","accepted_by_cloudfront":true,"default_hash":"{json_hash}","fingerprint":"{fingerprint}"}}"#
        );
        assert_eq!(inspect(&["--json"]), expected + "\n", "{file}");
    }
    let refused = stdout_of(&mut sandbox.cfsign(&["key", "inspect", "rsa1024.pem"]));
    assert!(
        refused.contains("\nCloudFront   not accepted: RSA 2048 and ECDSA P-256 only\n"),
        "{refused}"
    );
}

#[test]
fn public_prints_the_pem_that_openssl_prints() {
    let sandbox = Sandbox::new();
    for (file, public) in [
        ("rsa2048-pkcs8.pem", "rsa2048-public.pem"),
        ("rsa2048-pkcs1.der", "rsa2048-public.pem"),
        ("rsa2048-public-pkcs1.pem", "rsa2048-public.pem"),
        ("rsa2048-certificate.pem", "rsa2048-public.pem"),
        ("p256-sec1-no-public.pem", "p256-public.pem"),
    ] {
        assert_eq!(
            stdout_of(&mut sandbox.cfsign(&["key", "public", file])),
            text(&sandbox.read(public)),
            "{file}"
        );
    }
}

#[test]
fn public_prints_what_uploads_the_key() {
    let sandbox = Sandbox::new();
    let pem = text(&sandbox.read("p256-public.pem"));
    let inspected = stdout_of(&mut sandbox.cfsign(&["key", "inspect", "p256-public.pem"]));
    let (_, fingerprint) = inspected.split_once("SHA256:").unwrap();
    let name = format!("cfsign-{}", &fingerprint[..8]);
    let indented = |spaces: usize| -> String {
        let lines = pem.lines();
        lines
            .map(|line| format!("{:spaces$}{line}\n", ""))
            .collect()
    };
    let terraform = format!(
        "resource \"aws_cloudfront_public_key\" \"{name}\" {{\n  name        = \"{name}\"\n  encoded_key = <<-EOT\n{}  EOT\n}}\n",
        indented(4)
    );
    let cloudformation = format!(
        "Resources:\n  {}:\n    Type: AWS::CloudFront::PublicKey\n    Properties:\n      PublicKeyConfig:\n        CallerReference: {name}\n        Name: {name}\n        EncodedKey: |\n{}",
        name.replace('-', ""),
        indented(10)
    );
    let aws_cli = format!(
        r#"aws cloudfront create-public-key --public-key-config '{{"CallerReference":"{name}","Name":"{name}","EncodedKey":"{}"}}'"#,
        pem.replace('\n', "\\n")
    );
    for (format, expected) in [
        ("terraform", terraform),
        ("cloudformation", cloudformation),
        ("aws-cli", aws_cli + "\n"),
        ("pem", pem),
    ] {
        let arguments = ["key", "public", "p256-sec1.pem", "--format", format];
        assert_eq!(
            stdout_of(&mut sandbox.cfsign(&arguments)),
            expected,
            "{format}"
        );
    }
}

/// RFC 8017, section 9.2: a digest needs 11 bytes more and the name of its hash, which is 46 bytes
/// with SHA-1.
#[test]
fn an_rsa_key_can_be_too_short_or_too_long() {
    // 360 bits; `openssl rsa -check` finds it in order.
    const SHORT: &[u8] = b"MIHkAgEAAi4A5hET2jb8kbtJgmStTM7snbUUZe2YAgCeAsI6s1dwVDNEcjakFAPLtDeaX83fAgMBAAECLXZ//VW8VMNLUEWVTZ3u\
        RvnEN0l443606brVpy1DGk+ncdF4ARY6SBMSg0rqoQIXD303fTvosoBJBwk0CVN9HhWy0zILXB0CFw7aeoWA2PH+IPCzyeNG9Mo9\
        cUeZ8pkrAhcNp4c5QYz7fxfhuf1Dk3QjB2HjyKQ3CQIXDgFAHtrDM0C7DFlo1QwVSQ8v3SQxkusCFwIQKEiBr+8+QmOEAeqxpK99\
        n2aykjpW";
    let key = KeyFile::read("key", SHORT)
        .and_then(|file| file.into_private(None))
        .unwrap();
    let assigned = [b"export CF_KEY=", SHORT].concat();
    assert!(KeyFile::read("key", &assigned).is_ok());
    let error = key.sign(HashAlgorithm::Sha1, b"").unwrap_err();
    assert_eq!(
        error.to_string(),
        "an RSA 360 key cannot sign with SHA-1: it is too short, or its parameters are inconsistent"
    );
    // RSAPublicKey (RFC 8017, A.1.1) with this many bytes in its modulus.
    let public = |bytes: u16| {
        let integer = [&[2, 0x82], &(bytes + 1).to_be_bytes()[..], &[0]].concat();
        let modulus = vec![0xff; bytes.into()];
        let content = [integer, modulus, vec![2, 3, 1, 0, 1]].concat();
        let length = (content.len() as u16).to_be_bytes();
        KeyFile::read("key", &[&[0x30, 0x82], &length[..], &content].concat())
    };
    assert!(public(2048).is_ok());
    assert_eq!(
        public(2049).unwrap_err().to_string(),
        "key is an RSA 16392 key; the longest supported is RSA 16384"
    );
}
