//! Why a request is denied: a cause is named only where it is one.

use cfsign::verify::{Reason, Verdict};
use cfsign::{HashAlgorithm, PrivateKey, base64};

use crate::common::private_key;
use crate::common::requests::{END, ID, canned, judge, trusted, with_canned, with_custom};

/// Signed with one URL, requested with another.
fn changed(signed: &str, requested: &str) -> Verdict {
    judge(
        &with_canned(requested, canned(signed, END), HashAlgorithm::Sha1, ""),
        &[trusted(None, "rsa2048-pkcs8.pem")],
        None,
    )
}

fn cause(verdict: &Verdict) -> Option<&str> {
    verdict.cause.as_deref()
}

#[test]
fn causes_of_a_url_that_changed() {
    for (signed, requested, expected) in [
        (
            "https://h.example/a?x=1",
            "https://h.example/a?x=1&utm=2",
            "the query parameter \"utm=2\" was added after signing",
        ),
        (
            "https://h.example/a",
            "https://h.example/a?utm=2",
            "the query parameter \"utm=2\" was added after signing",
        ),
        (
            "https://h.example/a?x=1",
            "https://h.example/a?b=2&x=1&c",
            "the query parameters \"b=2\", \"c\" were added after signing",
        ),
        (
            "https://h.example/a?x=1&y=2",
            "https://h.example/a?y=2&x=1",
            "the query parameters were signed in another order",
        ),
        (
            "https://h.example/a?a=1&b=2&c=3&d=4",
            "https://h.example/a?c=3&a=1&d=4&b=2",
            "the query parameters were signed in another order",
        ),
        (
            "https://h.example/a",
            "http://h.example/a",
            "https was signed, but http was requested",
        ),
        (
            "http://h.example/a",
            "https://h.example/a",
            "http was signed, but https was requested",
        ),
        (
            "https://h.example/a%2520b",
            "https://h.example/a%20b",
            "the URL was signed with percent-encoding applied twice",
        ),
        (
            "https://h.example/a%2520b%2Fc?x=%2520",
            "https://h.example/a%20b%2Fc?x=%2520",
            "the URL was signed with spaces percent-encoded twice",
        ),
        (
            "https://h.example/a%25b%20c",
            "https://h.example/a%b%20c",
            "the URL was signed with %25 that is now %",
        ),
        (
            "https://h.example/caf%C3%A9%20b",
            "https://h.example/cafe%CC%81%20b",
            "the URL was signed in Unicode form NFC, but now has NFD",
        ),
        (
            "https://h.example/a=%CC%B8%20b",
            "https://h.example/a%E2%89%A0%20b",
            "the URL was signed in Unicode form NFD, but now has NFC",
        ),
        (
            "https://h.example/a b",
            "https://h.example/a%20b",
            "the URL was signed with spaces not percent-encoded",
        ),
        (
            "https://h.example/ü~",
            "https://h.example/%C3%BC~",
            "the URL was signed with non-ASCII characters not percent-encoded",
        ),
        (
            "https://h.example/~a",
            "https://h.example/%7Ea",
            "the URL was signed with \"~\" not percent-encoded",
        ),
        (
            "https://h.example/%28a%29",
            "https://h.example/(a)",
            "the URL was signed with more percent-encoding",
        ),
        (
            "https://h.example/a%7Eb%2F",
            "https://h.example/a%7eb%2f",
            "the URL was signed with upper-case %XX",
        ),
        (
            "https://h.example/a%c3%bc",
            "https://h.example/a%C3%BC",
            "the URL was signed with lower-case %xx",
        ),
        (
            "https://h.example/a+b",
            "https://h.example/a%20b",
            "the URL was signed with + for a space, but now has %20",
        ),
        (
            "https://h.example/a%20b",
            "https://h.example/a+b",
            "the URL was signed with %20 for a space, but now has +",
        ),
        (
            "https://h.example",
            "https://h.example/",
            "the URL was signed without the path /, which clients add",
        ),
        (
            "https://h.example/a/",
            "https://h.example/a",
            "the URL was signed with a / at the end of its path",
        ),
        (
            "https://h.example/a",
            "https://h.example/a/",
            "the URL was signed without the / at the end of its path",
        ),
        (
            "https://h.example/a",
            "https://H.example/a",
            "the host was signed in lower case",
        ),
        (
            "https://h.example/a?",
            "https://h.example/a",
            "the URL was signed with a lone ? at its end",
        ),
    ] {
        let verdict = changed(signed, requested);
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Signature, Some(expected)),
            "{signed} as {requested}"
        );
    }
}

#[test]
fn causes_of_a_policy_that_was_written_otherwise() {
    let url = "https://h.example/a?x=1&y=2";
    let policy = canned(url, END);
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    let python = format!(
        r#"{{"Statement": [{{"Resource": "{url}", "Condition": {{"DateLessThan": {{"AWS:EpochTime": {END}}}}}}}]}}"#
    );
    for (signed, expected) in [
        (
            policy.clone() + "\n",
            "the policy was signed with a line break at its end",
        ),
        (
            policy.clone() + "\r\n",
            "the policy was signed with a line break at its end",
        ),
        (
            python,
            "the policy was signed with spaces after colons and commas",
        ),
        (
            policy.replace('/', "\\/"),
            "the policy was signed with its slashes escaped as \\/",
        ),
        (
            policy.replace('&', "\\u0026"),
            "the policy was signed with & escaped as \\u0026",
        ),
    ] {
        let verdict = judge(
            &with_canned(url, &signed, HashAlgorithm::Sha1, ""),
            &keys,
            None,
        );
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Signature, Some(expected)),
            "{signed}"
        );
    }
    for (signed, sent, expected) in [
        (
            policy.clone() + "\n",
            policy.clone(),
            "the policy was signed with a line break at its end",
        ),
        (
            policy.clone(),
            policy.clone() + "\n",
            "the policy was signed without the white space that was sent",
        ),
        (
            policy.clone(),
            policy.replace(",", ", "),
            "the policy was signed without the white space that was sent",
        ),
    ] {
        let verdict = judge(&with_custom(url, &signed, &sent), &keys, None);
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Signature, Some(expected)),
            "{signed:?} {sent:?}"
        );
    }
}

/// The texts that JSON libraries write, by hand: Python's `json.dumps` and its `indent`, `sort_keys` and `ensure_ascii`, PHP's
/// slashes, Go's `<`, `>` and `&`.
#[test]
fn each_other_spelling_of_a_policy_is_a_cause() {
    let url = "https://h.example/a?x=1,[2]&y=3";
    let policy = canned(url, END);
    let indented = format!(
        r#"{{
  "Statement": [
    {{
      "Resource": "{url}",
      "Condition": {{
        "DateLessThan": {{
          "AWS:EpochTime": {END}
        }}
      }}
    }}
  ]
}}"#
    );
    let spaced = |colon: &str, comma: &str| {
        format!(
            r#"{{"Statement"{colon}[{{"Resource"{colon}"{url}"{comma}"Condition"{colon}{{"DateLessThan"{colon}{{"AWS:EpochTime"{colon}{END}}}}}}}]}}"#
        )
    };
    let and = |conditions: &str| policy.replace("}}}]}", &format!("}},{conditions}}}}}]}}"));
    let any_ip = r#""IpAddress":{"AWS:SourceIp":"0.0.0.0/0"}"#;
    let any_start = r#""DateGreaterThan":{"AWS:EpochTime":0}"#;
    let canned_policies = [
        (indented.clone(), "pretty-printed"),
        (indented.replace("  ", "    "), "pretty-printed"),
        (indented.replace("  ", "   "), "pretty-printed"),
        (indented.replace("  ", "\t"), "pretty-printed"),
        (spaced(": ", ","), "with spaces after colons"),
        (spaced(":", ", "), "with spaces after commas"),
        (spaced(" : ", ", "), "with spaces around colons"),
        (spaced(" : ", " , "), "with spaces around colons"),
        (spaced(" : ", ","), "with spaces around colons"),
        (spaced(" :", ","), "with spaces before colons"),
        (
            format!(
                r#"{{"Statement":[{{"Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}}}},"Resource":"{url}"}}]}}"#
            ),
            "with its keys in another order",
        ),
        (policy.clone() + "\n\n", "with line breaks at its end"),
        (policy.clone() + " ", "with a space at its end"),
        (policy.clone() + "\0", "with a NUL byte at its end"),
        (format!("\u{feff}{policy}"), "with a byte-order mark"),
        (format!(" {policy}"), "with a space before it"),
        (policy.replace('"', "'"), "with single quotes"),
        (
            policy.replace(":[{", ":{").replace("}]}", "}}"),
            "with Statement as an object",
        ),
        (and(any_ip), "with an IpAddress condition that was not sent"),
        (
            and(any_start),
            "with a DateGreaterThan condition that was not sent",
        ),
        (
            and(&format!("{any_ip},{any_start}")),
            "with conditions that were not sent",
        ),
        (
            policy.replace("{\"Statement", "{\"Version\":\"2012-10-17\",\"Statement"),
            "with a Version, as for IAM",
        ),
        (
            policy.replace("AWS:", "aws:"),
            "with aws:EpochTime for AWS:EpochTime",
        ),
        (
            policy.replace("Time\"", "Time \""),
            "with a space in AWS:EpochTime",
        ),
        (policy.to_lowercase(), "in lower case"),
    ];
    for (signed, how) in canned_policies {
        let request = with_canned(url, &signed, HashAlgorithm::Sha1, "");
        let verdict = judge(&request, &[trusted(None, "rsa2048-pkcs8.pem")], None);
        let expected = format!("the policy was signed {how}");
        assert_eq!(cause(&verdict), Some(expected.as_str()), "{signed}");
    }
    let sent = format!(
        r#"{{"Statement":[{{"Resource":"https://h.example/a*é<🎬>,{{[&","Condition":{{"IpAddress":{{"AWS:SourceIp":"0.0.0.0/0"}},"DateLessThan":{{"AWS:EpochTime":{END}}}}}}}]}}"#
    );
    let lines = sent.replace("\":{", "\":\n{");
    for (sent, signed, cause_of_it) in [
        (
            &sent,
            sent.replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
            "the policy was signed with & < > escaped",
        ),
        (
            &sent,
            sent.replace('é', "\\u00e9").replace('🎬', "\\ud83c\\udfac"),
            "the policy was signed with \\uXXXX for non-ASCII characters",
        ),
        (
            &sent,
            sent.replace(
                &format!(r#"{any_ip},"DateLessThan":{{"AWS:EpochTime":{END}}}"#),
                &format!(r#""DateLessThan":{{"AWS:EpochTime":{END}}},{any_ip}"#),
            ),
            "the policy was signed with its conditions in another order",
        ),
        (
            &sent,
            format!(
                r#"{{"Statement":[{{"Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}},{any_ip}}},"Resource":"https://h.example/a*é<🎬>,{{[&"}}]}}"#
            ),
            "the policy was signed with its keys in another order",
        ),
        (
            &lines,
            lines.replace('\n', "\r\n"),
            "the policy was signed with CRLF line breaks",
        ),
        (
            &lines.replace('\n', "\r\n"),
            lines.clone(),
            "the policy was signed with LF line breaks",
        ),
        (
            &sent.replace("a*", r"a\\?"),
            sent.replace("a*", r"a\\?") + "\n",
            "the policy was signed with a line break at its end",
        ),
        (
            &format!("{sent} \n"),
            sent.clone(),
            "the policy was signed without the white space that was sent",
        ),
    ] {
        let request = with_custom("https://h.example/a", &signed, sent);
        let verdict = judge(&request, &[trusted(None, "rsa2048-pkcs8.pem")], None);
        assert_eq!(cause(&verdict), Some(cause_of_it), "{signed}");
    }
}

/// What shells, pages, programs and people do to a signed URL on its way.
#[test]
fn each_repair_is_a_cause() {
    let url = |url: &str| with_canned(url, canned(url, END), HashAlgorithm::Sha1, "");
    // Its signature contains all three characters that differ from standard base64.
    let good = url("https://h.example/a");
    let (before, value) = good.split_once("Signature=").unwrap();
    let (value, after) = value.split_once('&').unwrap();
    assert!(value.contains('-') && value.contains('~') && value.ends_with("__"));
    let with = |value: &str| format!("{before}Signature={value}&{after}");
    for (sent, expected) in [
        (
            good.replace('&', "&amp;"),
            "& was replaced by &amp;, as in the source of an HTML page",
        ),
        (
            good.replace('?', "%3F")
                .replace('=', "%3D")
                .replace('&', "%26"),
            "?, = and & of the URL were percent-encoded, as in the query of another URL",
        ),
        (
            good.replace("Key-Pair-Id", "KEY-PAIR-ID"),
            "the name of a signing parameter is misspelled",
        ),
        (
            good.replace("Signature", "CloudFront-Signature"),
            "the name of a signing parameter is misspelled",
        ),
        (
            url("https://h.example/a?x=1").replace("&Expires", "?Expires"),
            "the signing parameters were added with a second ?",
        ),
        (
            good.replace('?', "&"),
            "the signing parameters were added with & to a URL without a query",
        ),
        (
            with(&format!("{}%0D%0A{}", &value[..76], &value[76..])),
            "the URL was wrapped: it contains line breaks or spaces",
        ),
        (
            good.replace('?', "%5C?").replace('&', "%5C&"),
            "the URL contains backslashes, as for a shell",
        ),
        (
            good.replace('&', "%5Cu0026"),
            "& was replaced by \\u0026, as in JSON",
        ),
        (
            good.clone() + ").",
            "the URL has punctuation at its end that does not belong to it",
        ),
        (
            good.clone() + "%22",
            "the URL has punctuation at its end that does not belong to it",
        ),
        (
            with(&format!("%22{value}%22")),
            "a signing parameter has white space or punctuation around its value",
        ),
        (
            with(&format!("%0B{value}%0B")),
            "a signing parameter has white space or punctuation around its value",
        ),
        (
            with(&format!("{}%0B{}", &value[..76], &value[76..])),
            "a signing parameter contains white space",
        ),
        (
            with(
                &value
                    .replace('-', "%2B")
                    .replace('_', "%3D")
                    .replace('~', "%2F"),
            ),
            "Policy or Signature is in standard base64",
        ),
        (
            with(
                &value
                    .replace('-', "%20")
                    .replace('_', "%3D")
                    .replace('~', "%2F"),
            ),
            "Policy or Signature is in standard base64, and its + became spaces",
        ),
        (
            with(&value.replace('_', "").replace('~', "_")),
            "Policy or Signature is in base64url (RFC 4648), not in CloudFront's alphabet",
        ),
        (
            with(value.trim_end_matches('_')),
            "Policy or Signature lost its padding",
        ),
        (
            with(value.trim_end_matches('_')).replace(ID, "test"),
            "Policy or Signature lost its padding",
        ),
        (
            with(&value.replace('~', "%257E").replace('_', "%255F")),
            "the signing parameters were percent-encoded once more",
        ),
        (
            with(value.trim_end_matches('_')).replace('&', "&amp;"),
            "& was replaced by &amp;, as in the source of an HTML page; Policy or Signature lost its padding",
        ),
    ] {
        let verdict = judge(&sent, &[trusted(None, "rsa2048-pkcs8.pem")], None);
        assert_eq!(cause(&verdict), Some(expected), "{sent}");
    }
}

/// The bytes of a signature in another form: RFC 7518, section 3.4, for r and s; the rest is what programs do to bytes.
#[test]
fn each_other_form_of_a_signature_is_a_cause() {
    let rsa = private_key("rsa2048-pkcs8.pem");
    let p256 = private_key("p256-pkcs8.pem");
    let sign = |key: &PrivateKey, url: &str| {
        key.sign(HashAlgorithm::Sha1, canned(url, END).as_bytes())
            .unwrap()
    };
    let url = "https://h.example/a";
    let signature = sign(&rsa, url);
    let text = base64::encode(&signature);
    let hexadecimal: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbered = |number: u32| format!("{url}?n={number}");
    let with_zero = (0..)
        .map(numbered)
        .find(|url| sign(&rsa, url)[0] == 0)
        .unwrap();
    // SEQUENCE { INTEGER r, INTEGER s }, whose numbers may have a zero in front or be shorter.
    let der = sign(&p256, url);
    let (r, s) = der[4..].split_at(der[3].into());
    let fixed = |number: &[u8]| {
        let all = [&[0; 32], number].concat();
        all[all.len() - 32..].to_vec()
    };
    let r_and_s = [fixed(r), fixed(&s[2..])].concat();
    for (key, url, sent, expected) in [
        (
            "rsa2048-pkcs8.pem",
            url,
            text.into_bytes(),
            "the signature was encoded in base64 twice",
        ),
        (
            "rsa2048-pkcs8.pem",
            url,
            hexadecimal.into_bytes(),
            "the base64 of the hexadecimal signature was sent",
        ),
        (
            "rsa2048-pkcs8.pem",
            url,
            signature.iter().rev().copied().collect(),
            "the signature was sent in little-endian byte order, as Windows CryptoAPI gives it",
        ),
        (
            "rsa2048-pkcs8.pem",
            url,
            [&[0], &signature[..]].concat(),
            "the signature was sent with a zero byte before it",
        ),
        (
            "rsa2048-pkcs8.pem",
            &with_zero,
            sign(&rsa, &with_zero)[1..].to_vec(),
            "the signature was sent without its leading zero byte",
        ),
        (
            "p256-pkcs8.pem",
            url,
            r_and_s,
            "the ECDSA signature is r and s (IEEE P1363), but CloudFront expects ASN.1 DER",
        ),
        (
            "p256-pkcs8.pem",
            "https://h.example/a?utm=1",
            der,
            "the query parameter \"utm=1\" was added after signing",
        ),
    ] {
        let separator = if url.contains('?') { '&' } else { '?' };
        let signature = base64::encode(&sent);
        let request =
            format!("{url}{separator}Expires={END}&Signature={signature}&Key-Pair-Id={ID}");
        let verdict = judge(&request, &[trusted(None, key)], None);
        assert_eq!(cause(&verdict), Some(expected));
    }
}

/// What is signed in place of the policy: its digest again, or in another encoding.
#[test]
fn each_other_message_is_a_cause() {
    let url = "https://h.example/a?x=1&y=2";
    let policy = canned(url, END);
    let standard = |bytes: &[u8]| {
        base64::encode(bytes)
            .replace('-', "+")
            .replace('~', "/")
            .replace('_', "=")
    };
    let [sha1, sha256] =
        [HashAlgorithm::Sha1, HashAlgorithm::Sha256].map(|hash| hash.digest(policy.as_bytes()));
    let hexadecimal = |digest: &[u8]| {
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let utf16: Vec<u8> = policy.bytes().flat_map(|byte| [byte, 0]).collect();
    for (message, expected) in [
        (
            standard(policy.as_bytes()).into_bytes(),
            "the base64 of the policy was signed",
        ),
        (
            base64::encode(policy.as_bytes()).into_bytes(),
            "the base64 of the policy was signed",
        ),
        (
            format!("{}\n", standard(policy.as_bytes())).into_bytes(),
            "the base64 of the policy was signed",
        ),
        (
            standard(standard(policy.as_bytes()).as_bytes()).into_bytes(),
            "the base64 of the base64 of the policy was signed",
        ),
        (sha1.clone(), "the digest of the policy was hashed again"),
        (sha256.clone(), "the digest of the policy was hashed again"),
        (
            hexadecimal(&sha1).into_bytes(),
            "the hexadecimal digest of the policy was signed",
        ),
        (
            hexadecimal(&sha256).into_bytes(),
            "the hexadecimal digest of the policy was signed",
        ),
        (
            (hexadecimal(&sha1) + "\n").into_bytes(),
            "the hexadecimal digest of the policy was signed",
        ),
        (
            (hexadecimal(&sha256) + "\n").into_bytes(),
            "the hexadecimal digest of the policy was signed",
        ),
        (
            standard(&sha1).into_bytes(),
            "the base64 of the digest was signed",
        ),
        (
            standard(&sha256).into_bytes(),
            "the base64 of the digest was signed",
        ),
        (utf16, "the policy was signed as UTF-16"),
        (
            format!("\"{}\"", policy.replace('"', "\\\"")).into_bytes(),
            "the policy was signed as a JSON string",
        ),
        (Vec::new(), "nothing was signed: the message was empty"),
    ] {
        let request = with_canned(url, &message, HashAlgorithm::Sha1, "");
        let verdict = judge(&request, &[trusted(None, "rsa2048-pkcs8.pem")], None);
        assert_eq!(
            cause(&verdict),
            Some(expected),
            "{}",
            String::from_utf8_lossy(&message)
        );
    }
}

#[test]
fn causes_of_another_hash_or_key() {
    let url = "https://h.example/a";
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    let unannounced = judge(
        &with_canned(url, canned(url, END), HashAlgorithm::Sha256, ""),
        &keys,
        None,
    );
    assert_eq!(
        cause(&unannounced),
        Some(
            "the signature was made with SHA-256, but without Hash-Algorithm=SHA256, CloudFront expects SHA-1"
        )
    );
    let announced = judge(
        &with_canned(
            url,
            canned(url, END),
            HashAlgorithm::Sha1,
            "&Hash-Algorithm=SHA256",
        ),
        &keys,
        None,
    );
    assert_eq!(
        cause(&announced),
        Some("the signature was made with SHA-1, but the request says Hash-Algorithm=SHA256")
    );
    assert_eq!(
        announced.fix.as_deref(),
        Some("remove Hash-Algorithm from the request, or sign with SHA-256")
    );

    let signed = with_canned(url, canned(url, END), HashAlgorithm::Sha1, "");
    let wrong_id = judge(
        &signed,
        &[
            trusted(Some("K1"), "rsa2048-e3.pem"),
            trusted(Some("K2"), "rsa2048-pkcs8.pem"),
        ],
        None,
    );
    let another = "the signature was made with the key K2, but the request says \"K2JCJMDEHXQW5F\"";
    assert_eq!(
        (wrong_id.reason, cause(&wrong_id)),
        (Reason::KeyPairId, Some(another))
    );
    let wrong_key = judge(
        &signed,
        &[
            trusted(Some(ID), "rsa2048-e3.pem"),
            trusted(Some("K2"), "rsa2048-pkcs8.pem"),
        ],
        None,
    );
    assert_eq!(
        (wrong_key.reason, cause(&wrong_key)),
        (Reason::Signature, Some(another))
    );
    let right = judge(
        &signed,
        &[
            trusted(Some("K1"), "rsa2048-e3.pem"),
            trusted(Some(ID), "rsa2048-pkcs8.pem"),
        ],
        None,
    );
    assert!(right.allowed());
}

/// The expiry that was signed and the one that was sent; the likeliest reason is a guess, and says so.
#[test]
fn causes_of_another_expiry() {
    let url = "https://h.example/a";
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (signed, words) in [
        (END - 1, "1 s later)"),
        (END + 10, "10 s earlier)"),
        (END + 59, "59 s earlier) (rounded?)"),
        // The last seconds of slots of 5, 10, 15, 30 and 60 minutes.
        (END + 299, "4 min 59 s earlier) (rounded?)"),
        (END + 599, "9 min 59 s earlier) (rounded?)"),
        (END + 899, "14 min 59 s earlier) (rounded?)"),
        (END + 1799, "29 min 59 s earlier) (rounded?)"),
        (END + 3599, "59 min 59 s earlier) (rounded?)"),
        (END - 3600, "1 h later) (a time zone?)"),
        (END + 20_700, "5 h 45 min earlier) (a time zone?)"),
        (END - 86_400, "1 day later)"),
        (END + 7 * 86_400, "7 days earlier)"),
    ] {
        let request = with_canned(url, canned(url, signed), HashAlgorithm::Sha1, "");
        let verdict = judge(&request, &keys, None);
        let expected = format!("the expiry {signed} was signed, but {END} was sent ({words}");
        assert_eq!(cause(&verdict), Some(expected.as_str()), "{words}");
    }
    for (signed, expected) in [
        (END * 1_000, "the expiry was signed in milliseconds"),
        (END * 1_000_000, "the expiry was signed in microseconds"),
        (END * 1_000_000_000, "the expiry was signed in nanoseconds"),
        (END / 1_000, "the expiry was sent in milliseconds"),
        (END / 1_000_000, "the expiry was sent in microseconds"),
    ] {
        let request = with_canned(url, canned(url, signed), HashAlgorithm::Sha1, "");
        assert_eq!(cause(&judge(&request, &keys, None)), Some(expected));
    }
}

#[test]
fn causes_of_a_resource_that_does_not_cover() {
    let policy = |resource: &str| canned(resource, END);
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (resource, requested, expected) in [
        (
            "https://h.example/a?x=1",
            "https://h.example/a",
            Some("the signed query \"x=1\" is missing from the URL"),
        ),
        (
            "https://h.example/a",
            "https://h.example/a?x=1",
            Some("the query parameter \"x=1\" was added after signing"),
        ),
        (
            "https://h.example/*",
            "http://h.example/a",
            Some("https was signed, but http was requested"),
        ),
        (
            "https://h.example/a b*",
            "https://h.example/a%20b",
            Some("the URL was signed with spaces not percent-encoded"),
        ),
        ("https://h.example/b/*", "https://h.example/a", None),
        ("https://h.example/v?deo/*", "https://h.example/v", None),
        (
            "https://h.example/*",
            "https://i.example/a",
            Some("the host \"h.example\" was signed, but \"i.example\" was requested"),
        ),
    ] {
        let verdict = judge(
            &with_custom(requested, &policy(resource), &policy(resource)),
            &keys,
            None,
        );
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Resource, expected),
            "{resource} for {requested}"
        );
    }
}

/// Changes that the search cannot undo, since the request does not have what was signed.
#[test]
fn no_cause_is_named_that_is_none() {
    for (signed, requested) in [
        ("https://h.example/a", "https://h.example/b"),
        ("https://h.example/a?x=1", "https://h.example/a?x=2"),
        ("https://h.example/a?x=1&y=2", "https://h.example/a?x=1"),
        ("https://h.example/a", "https://i.example/a"),
        ("https://h.example/a/b", "https://h.example/a%2Bb"),
    ] {
        let verdict = changed(signed, requested);
        assert_eq!(
            (verdict.reason, cause(&verdict), verdict.fix.is_some()),
            (Reason::Signature, None, true),
            "{signed} as {requested}"
        );
    }
    let url = "https://h.example/a?x=1&y=2";
    let good = with_canned(url, canned(url, END), HashAlgorithm::Sha1, "");
    let other_key = judge(&good, &[trusted(None, "rsa2048-e3.pem")], None);
    assert_eq!((cause(&other_key), other_key.fix.is_some()), (None, true));
}
