//! One list in several encodings and with several line ends: every reader reads it alike, or says
//! the same about it.

use crate::common::{Sandbox, outcome};

const URLS: [&str; 3] = [
    "https://h.example/v/a.mp4",
    "https://h.example/v/b.mp4?n=1",
    "https://h.example/v/c.mp4",
];

const KEY: &str = "-k K2JCJMDEHXQW5F -p p256-pkcs8.pem --now 2026-12-01";
const VERIFY: &str = "--public-key p256-public.pem --now 2026-12-01";

/// The text in each encoding that is read.
fn read_encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        marked.encode_utf16().flat_map(bytes).collect()
    };
    vec![
        ("UTF-8", text.into()),
        ("UTF-8 with a mark", format!("\u{feff}{text}").into()),
        ("UTF-16LE with a mark", utf16(u16::to_le_bytes)),
        ("UTF-16BE with a mark", utf16(u16::to_be_bytes)),
    ]
}

/// Every reader of text: what it reads, and the command.
fn readers(sandbox: &Sandbox) -> Vec<(&'static str, String, String)> {
    let list = URLS.join("\n") + "\n";
    let signed = outcome(
        sandbox,
        &format!("printf '{list}' | cfsign batch {KEY} -e 2027-01-31"),
    );
    let cookies = outcome(
        sandbox,
        &format!("cfsign cookies 'https://h.example/v/*' {KEY} -e 2027-01-31"),
    );
    assert_eq!((signed.0, cookies.0), (Some(0), Some(0)));
    let policy = r#"{"Statement":[{"Resource":"https://h.example/v/*",
"Condition":{"DateLessThan":{"AWS:EpochTime":1801353600}}}]}
"#;
    let answer = "HTTP/1.1 403 Forbidden\nServer: AmazonS3\n\n\
                  <Error><Code>AccessDenied</Code><Message>Access Denied</Message>\n\
                  <RequestId>1</RequestId><HostId>2</HostId></Error>\n";
    let table = URLS.map(|url| format!("{url},1\n")).concat();
    let hls = "#EXTM3U\n#EXTINF:6,\na.ts\n";
    vec![
        (
            "url -",
            list.clone(),
            format!("cfsign url - {KEY} -e 2027-01-31 < FILE"),
        ),
        (
            "batch",
            list.clone(),
            format!("cfsign batch FILE {KEY} -e 2027-01-31"),
        ),
        (
            "batch, CSV",
            format!("url,n\n{table}"),
            format!("cfsign batch FILE --from csv --to jsonl {KEY} -e 2027-01-31"),
        ),
        (
            "--policy",
            policy.into(),
            format!("cfsign url https://h.example/v/a {KEY} --policy FILE"),
        ),
        (
            "playlist",
            hls.into(),
            format!(
                "cfsign playlist FILE --base-url https://h.example/v/ {KEY} -e 2027-01-31 | tr -d '\\r' | sed 's/^\u{feff}//'"
            ),
        ),
        (
            "verify -",
            signed.1,
            format!("cfsign verify - {VERIFY} < FILE"),
        ),
        (
            "--cookies",
            cookies.1,
            format!("cfsign verify https://h.example/v/a --cookies FILE {VERIFY}"),
        ),
        (
            "--answer",
            answer.into(),
            "cfsign verify --answer FILE".into(),
        ),
    ]
}

#[test]
fn every_reader_reads_every_encoding() {
    let sandbox = Sandbox::new();
    for (reader, text, command) in readers(&sandbox) {
        sandbox.write("input", &text);
        let command = command.replace("FILE", "input");
        let expected = outcome(&sandbox, &command);
        assert!(!expected.1.is_empty(), "{reader}: {expected:?}");
        for line_end in ["\n", "\r\n", "\r"] {
            for (encoding, bytes) in read_encodings(&text.replace('\n', line_end)) {
                sandbox.write("input", bytes);
                let case = format!("{reader}, {encoding}, {line_end:?}");
                assert_eq!(outcome(&sandbox, &command), expected, "{case}");
            }
        }
    }
}

/// The error names the file, says what it looks like, and is the same whoever reads it.
#[test]
fn every_reader_names_what_it_does_not_read() {
    let sandbox = Sandbox::new();
    for (reader, text, command) in readers(&sandbox) {
        let command = command.replace("FILE", "input");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut cut = b"\xff\xfe".to_vec();
        cut.extend(&utf16[..utf16.len() - 1]);
        let cases: [(Vec<u8>, &str); 6] = [
            (b"\x1f\x8b\x08\0abc".into(), "is gzip-compressed"),
            (
                b"PK\x03\x04\x14\0\x06\0".into(),
                "is a ZIP file or a spreadsheet",
            ),
            (utf16, "is UTF-16 text without a byte-order mark"),
            (cut, "is damaged UTF-16 text, or in two encodings"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".into(), "is binary data"),
            (
                b"/v/a\0/v/b\0".into(),
                "contains NUL bytes instead of line breaks",
            ),
        ];
        for (bytes, what) in cases {
            sandbox.write("input", bytes);
            let (status, _, stderr) = outcome(&sandbox, &format!("{command} > out"));
            let first = stderr.lines().next().unwrap_or_default();
            let names = ["error: \"input\" ", "error: standard input "];
            let said = names.iter().find_map(|name| first.strip_prefix(name));
            let is_said = said.is_some_and(|said| said.starts_with(what));
            assert!(is_said, "{reader}, {what}: {stderr}");
            if !command.contains('|') {
                assert_eq!(status, Some(2), "{reader}, {what}");
            }
        }
    }
}

#[test]
fn latin_1_is_named_with_its_byte() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "input",
        b"https://h.example/v/a\nhttps://h.example/caf\xe9\n",
    );
    let hint = "hint: save it as UTF-8, or convert it: iconv -f windows-1252 -t utf-8 FILE\n";
    let said = "is not UTF-8 text: byte";
    let whole = outcome(
        &sandbox,
        &format!("cfsign url - {KEY} -e 2027-01-31 < input"),
    );
    let expected =
        format!("error: standard input {said} 44 is 0xE9, as in Latin-1 or Windows-1252\n{hint}");
    assert_eq!((whole.0, whole.2), (Some(2), expected));
    let rows = outcome(&sandbox, &format!("cfsign batch input {KEY} -e 2027-01-31"));
    let expected = format!(
        "error: line 2: the url {said} 22 is 0xE9, as in Latin-1 or Windows-1252\n{hint}\
         error: 1 of 2 rows not signed\n"
    );
    assert_eq!((rows.0, rows.2), (Some(1), expected));
}
