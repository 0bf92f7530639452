//! Sources with several public keys, and keys with their IDs as the AWS CLI lists them.

use crate::common::{Sandbox, openssl_is_here, openssl_verifies, outcome, stdout_of, text};

const RSA_ID: &str = "K2JCJMDEHXQW5F";
const P256_ID: &str = "K36X4X2EO997HM";

/// What `aws cloudfront list-public-keys` prints: the IDs behind the keys, as `jq -S` sorts them,
/// or in front.
fn list(sandbox: &Sandbox, id_first: bool) -> String {
    let items: Vec<String> = [(RSA_ID, "rsa2048-public.pem"), (P256_ID, "p256-public.pem")]
        .map(|(id, file)| {
            let pem = text(&sandbox.read(file)).replace('\n', "\\n");
            let (id, key) = (
                format!(r#""Id": "{id}""#),
                format!(r#""EncodedKey": "{pem}""#),
            );
            let fields = if id_first { [id, key] } else { [key, id] };
            format!(
                r#"{{ {}, "Name": "x", "CreatedTime": "2026-11-29T00:00:00Z", "Comment": "" }}"#,
                fields.join(", ")
            )
        })
        .into();
    format!(
        r#"{{ "PublicKeyList": {{ "MaxItems": 100, "Quantity": 2, "Items": [ {} ] }} }}"#,
        items.join(", ")
    )
}

/// What `aws cloudfront get-public-key` prints.
fn single(sandbox: &Sandbox) -> String {
    let pem = text(&sandbox.read("p256-public.pem")).replace('\n', "\\n");
    format!(
        r#"{{"ETag": "E1", "PublicKey": {{"Id": "{P256_ID}", "PublicKeyConfig": {{"CallerReference": "x", "Name": "x", "EncodedKey": "{pem}"}}}}}}"#
    )
}

/// A URL that each key signed under its ID.
fn signed(sandbox: &Sandbox) -> [String; 2] {
    [("rsa2048-pkcs8.pem", RSA_ID), ("p256-pkcs8.pem", P256_ID)].map(|(key, id)| {
        let arguments = [
            "url",
            "https://h.example/a",
            "-p",
            key,
            "-k",
            id,
            "-e",
            "1800000000",
        ];
        stdout_of(&mut sandbox.cfsign(&arguments)).trim().to_owned()
    })
}

/// The exit status of `cfsign verify` and the outcome of its check of the ID.
fn verified(sandbox: &Sandbox, url: &str, keys: &str) -> (Option<i32>, String) {
    let line = format!("cfsign verify '{url}' --now 2026-12-01 --public-key {keys}");
    let (status, said, error) = outcome(sandbox, &line);
    let check = said.lines().find(|line| line.contains("key pair ID"));
    (status, check.unwrap_or(&error).trim_end().to_owned())
}

#[test]
fn each_public_key_of_a_source_is_trusted() {
    let sandbox = Sandbox::new();
    let [rsa, p256] = ["rsa2048-public.pem", "p256-public.pem"].map(|name| sandbox.read(name));
    let [certificate, private] =
        ["rsa2048-certificate.pem", "p256-pkcs8.pem"].map(|name| sandbox.read(name));
    let unusable = [
        sandbox.read("openssh-public.txt"),
        p256.clone(),
        rsa.clone(),
    ]
    .concat();
    for (what, keys) in [
        ("RSA first", [&rsa[..], &p256].concat()),
        ("P-256 first", [&p256[..], &rsa].concat()),
        ("a certificate", [&p256[..], &certificate].concat()),
        ("a private key", [&rsa[..], &private].concat()),
        ("another key", unusable),
    ] {
        sandbox.write("keys.pem", keys);
        for url in signed(&sandbox) {
            assert_eq!(
                verified(&sandbox, &url, "keys.pem").0,
                Some(0),
                "{what}: {url}"
            );
        }
    }
    sandbox.write("keys.pem", [&p256[..], &rsa[..rsa.len() / 2]].concat());
    let url = &signed(&sandbox)[1];
    let (status, error) = verified(&sandbox, url, "keys.pem");
    assert_eq!(status, Some(2));
    assert!(
        error.starts_with("error: \"keys.pem\" is a truncated key"),
        "{error}"
    );
}

#[test]
fn a_list_of_the_aws_cli_gives_the_ids() {
    let sandbox = Sandbox::new();
    let [rsa_url, p256_url] = signed(&sandbox);
    for id_first in [true, false] {
        sandbox.write("keys.json", list(&sandbox, id_first));
        for (url, id) in [(&rsa_url, RSA_ID), (&p256_url, P256_ID)] {
            let expected = (
                Some(0),
                format!("ok    key pair ID  \"{id}\" is in the key group"),
            );
            assert_eq!(verified(&sandbox, url, "keys.json"), expected);
            let other = url.replace(id, "K11111111111AA");
            assert_eq!(
                verified(&sandbox, &other, "keys.json").0,
                Some(1),
                "{other}"
            );
            assert_eq!(
                verified(&sandbox, url, &format!("{id}=keys.json")).0,
                Some(0)
            );
        }
        // The IDs are not mixed up.
        let swapped = rsa_url.replace(RSA_ID, P256_ID);
        assert_eq!(verified(&sandbox, &swapped, "keys.json").0, Some(1));
    }
    sandbox.write("key.json", single(&sandbox));
    assert_eq!(verified(&sandbox, &p256_url, "key.json").0, Some(0));
    let other = p256_url.replace(P256_ID, RSA_ID);
    assert_eq!(verified(&sandbox, &other, "key.json").0, Some(1));
    let inspected = stdout_of(&mut sandbox.cfsign(&["key", "inspect", "key.json"]));
    let expected =
        format!("ID           {P256_ID}\nkey          public key (SubjectPublicKeyInfo PEM)\n");
    assert!(inspected.starts_with(&expected), "{inspected}");
    let lines = stdout_of(&mut sandbox.cfsign(&["key", "inspect", "keys.json", "--json"]));
    let ids: Vec<&str> = lines.lines().map(|line| &line[..22]).collect();
    assert_eq!(
        ids,
        [RSA_ID, P256_ID].map(|id| format!("{{\"id\":\"{id}\""))
    );
    let printed = stdout_of(&mut sandbox.cfsign(&["key", "public", "keys.json"]));
    let both = [
        sandbox.read("rsa2048-public.pem"),
        sandbox.read("p256-public.pem"),
    ];
    assert_eq!(printed, text(&both.concat()));
}

#[test]
fn an_id_selects_among_several_keys() {
    let sandbox = Sandbox::new();
    sandbox.write("keys.json", list(&sandbox, true));
    let both = [
        sandbox.read("rsa2048-public.pem"),
        sandbox.read("p256-public.pem"),
    ];
    sandbox.write("keys.pem", both.concat());
    let sign = "cfsign url https://h.example/a -e 1h --sign-command \
        'openssl dgst -sha256 -sign p256-pkcs8.pem'";
    if openssl_is_here("a sign command") {
        let (status, ..) = outcome(
            &sandbox,
            &format!("{sign} -k {P256_ID} --public-key keys.json"),
        );
        assert_eq!(status, Some(0));
    }
    for (file, id) in [("keys.pem", P256_ID), ("keys.json", "K11111111111AA")] {
        let expected = format!(
            "error: \"{file}\" contains 2 public keys, and none with the ID \"{id}\"\n\
             hint: aws cloudfront get-public-key --id ID > key.json stores a key with its ID\n"
        );
        let (status, _, error) = outcome(&sandbox, &format!("{sign} -k {id} --public-key {file}"));
        assert_eq!((status, error), (Some(2), expected.clone()));
        let url = &signed(&sandbox)[1];
        let line = format!("cfsign verify '{url}' --public-key {id}={file}");
        let (status, _, error) = outcome(&sandbox, &line);
        assert_eq!((status, error), (Some(2), expected));
    }
    let line = "cfsign key public keys.json --format terraform";
    let (status, _, error) = outcome(&sandbox, line);
    let expected = "error: \"keys.json\" contains 2 public keys\n\
        hint: upload one key at a time; --format pem prints all\n";
    assert_eq!((status, error), (Some(2), expected.into()));
}

/// Primes of 1,023 and 1,025 bits (RFC 8017, section 3.1, asks for no lengths).
#[test]
fn primes_of_different_length_sign() {
    if !openssl_is_here("primes of different length") {
        return;
    }
    let sandbox = Sandbox::new();
    let key = "rsa2048-unequal-primes.pem";
    let public = format!("openssl rsa -in {key} -pubout -out unequal.pub.pem");
    assert!(sandbox.shell(&public).output().unwrap().status.success());
    let policy = r#"{"Statement":[{"Resource":"https://h.example/a","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;
    let url = ["https://h.example/a"; 8].join(" ");
    let line = format!("cfsign url {url} -q -k {RSA_ID} -p {key} -e 1800000000");
    let (status, urls, _) = outcome(&sandbox, &line);
    assert_eq!((status, urls.lines().count()), (Some(0), 8));
    for url in urls.lines() {
        assert!(openssl_verifies(
            &sandbox,
            "unequal.pub.pem",
            "-sha1",
            policy,
            url
        ));
    }
    let (_, written, _) = outcome(&sandbox, &format!("cfsign key public {key}"));
    assert_eq!(written, text(&sandbox.read("unequal.pub.pem")));
}
