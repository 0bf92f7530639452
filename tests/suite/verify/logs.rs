//! Access logs in all formats, from a generator whose signatures are openssl's and whose numbers
//! are known.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common::{
    Sandbox, cloudfront_base64, openssl, openssl_is_here, outcome, run_with, text,
};

const HOST: &str = "cdn.example.com";
const VERIFY: &str = "--public-key rsa2048-public.pem";

/// The day of all requests, 2026-11-15, and times around it.
const END: i64 = 1_796_083_200;
const PAST: i64 = 1_794_000_000;

/// What one kind of request is: how many there are, and the group that it belongs to, if to any.
struct Kind {
    count: u64,
    path: &'static str,
    /// Changes the path and query of the signed URL into those that are requested.
    change: fn(&str) -> String,
    policy: Policy,
    status: u16,
    ip: &'static str,
    host: &'static str,
    in_cookies: bool,
    group: Option<&'static str>,
}

enum Policy {
    None,
    Canned(i64),
    Custom(&'static str, i64, &'static str),
}

const PLAIN: Kind = Kind {
    count: 1,
    path: "/a.mp4",
    change: str::to_owned,
    policy: Policy::Canned(END),
    status: 200,
    ip: "192.0.2.7",
    host: HOST,
    in_cookies: false,
    group: None,
};

/// Fourteen kinds, with the groups that a person would put them in.
fn kinds() -> Vec<Kind> {
    vec![
        Kind { count: 40, ..PLAIN },
        Kind {
            count: 7,
            status: 403,
            group: Some("403 ok"),
            ..PLAIN
        },
        Kind {
            count: 5,
            path: "/my%20file.pdf",
            status: 206,
            ..PLAIN
        },
        Kind {
            count: 11,
            policy: Policy::Canned(PAST),
            status: 403,
            group: Some("403 expired"),
            ..PLAIN
        },
        Kind {
            count: 6,
            change: |url| format!("{url}&utm_source=mail"),
            status: 403,
            group: Some("403 signature parameter-added"),
            ..PLAIN
        },
        Kind {
            count: 4,
            path: "/b%20c.pdf",
            change: |url| url.replace("%20", "+"),
            status: 403,
            group: Some("403 signature path-encoding"),
            ..PLAIN
        },
        Kind {
            count: 9,
            policy: Policy::None,
            path: "/free.css",
            ..PLAIN
        },
        Kind {
            count: 8,
            policy: Policy::None,
            path: "/secret.mp4",
            status: 403,
            group: Some("403 missing"),
            ..PLAIN
        },
        Kind {
            count: 20,
            policy: Policy::Custom("https://cdn.example.com/v/*", END, "0.0.0.0/0"),
            path: "/v/1.ts",
            ..PLAIN
        },
        Kind {
            count: 3,
            policy: Policy::Custom("https://cdn.example.com/v/*", END, "0.0.0.0/0"),
            path: "/w/1.ts",
            status: 403,
            group: Some("403 resource path"),
            ..PLAIN
        },
        Kind {
            count: 2,
            policy: Policy::Custom("https://cdn.example.com/v/*", END, "192.0.2.0/24"),
            path: "/v/2.ts",
            ip: "2001:db8::7",
            status: 403,
            group: Some("403 ip"),
            ..PLAIN
        },
        Kind {
            count: 12,
            policy: Policy::Custom("https://cdn.example.com/v/*", END, "0.0.0.0/0"),
            path: "/v/3.ts",
            in_cookies: true,
            ..PLAIN
        },
        Kind {
            count: 10,
            policy: Policy::Custom("https://cdn.example.com/v/*", PAST, "0.0.0.0/0"),
            path: "/v/4.ts",
            in_cookies: true,
            status: 403,
            group: Some("403 expired"),
            ..PLAIN
        },
        Kind {
            count: 1,
            host: "www.example.com",
            status: 200,
            group: Some("200 signature host"),
            ..PLAIN
        },
    ]
}

/// One logged request, field by field.
type Fields = BTreeMap<&'static str, String>;

impl Kind {
    fn fields(&self, folder: &Path, escapes_percent: bool) -> Fields {
        let url = format!("https://{HOST}{}", self.path);
        let signed = |policy: &str| {
            let arguments = ["dgst", "-sha1", "-sign", "rsa2048-pkcs8.pem"];
            let signature = openssl(folder, &arguments, policy.as_bytes());
            cloudfront_base64(&signature)
        };
        let id = "K2JCJMDEHXQW5F";
        let (mut query, mut cookie) = (String::new(), "-".to_owned());
        match &self.policy {
            Policy::None => {}
            Policy::Canned(end) => {
                let policy = format!(
                    r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{end}}}}}}}]}}"#
                );
                query = format!(
                    "Expires={end}&Signature={}&Key-Pair-Id={id}",
                    signed(&policy)
                );
            }
            Policy::Custom(resource, end, ip) => {
                let policy = format!(
                    r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{end}}},"IpAddress":{{"AWS:SourceIp":"{ip}"}}}}}}]}}"#
                );
                let encoded = cloudfront_base64(policy.as_bytes());
                let signature = signed(&policy);
                if self.in_cookies {
                    cookie = format!(
                        "session=1;%20CloudFront-Policy={encoded};%20CloudFront-Signature={signature};%20CloudFront-Key-Pair-Id={id}"
                    );
                } else {
                    query = format!("Policy={encoded}&Signature={signature}&Key-Pair-Id={id}");
                }
            }
        }
        let requested = (self.change)(&format!("{}?{query}", self.path));
        let (stem, query) = requested.split_once('?').unwrap();
        let logged = |text: &str| {
            if escapes_percent {
                text.replace('%', "%25")
            } else {
                text.to_owned()
            }
        };
        let query = if query.is_empty() {
            "-".to_owned()
        } else {
            logged(query)
        };
        Fields::from([
            ("date", "2026-11-15".to_owned()),
            ("time", "10:00:00".to_owned()),
            ("timestamp", "1794736800".to_owned()),
            ("timestamp(ms)", "1794736800123".to_owned()),
            ("c-ip", self.ip.to_owned()),
            ("cs-method", "GET".to_owned()),
            ("cs-protocol", "https".to_owned()),
            ("x-host-header", self.host.to_owned()),
            ("cs-uri-stem", logged(stem)),
            ("cs-uri-query", query),
            ("cs(Cookie)", cookie),
            ("sc-status", self.status.to_string()),
        ])
    }
}

/// The lines of the log, in an order that mixes the kinds.
fn rows(folder: &Path, escapes_percent: bool) -> Vec<Fields> {
    let mut rows = Vec::new();
    for kind in kinds() {
        let fields = kind.fields(folder, escapes_percent);
        rows.extend((0..kind.count).map(|_| fields.clone()));
    }
    // A linear congruential generator, so that each run has the same order.
    let mut state = 7u64;
    for index in (1..rows.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        rows.swap(index, (state >> 33) as usize % (index + 1));
    }
    rows
}

fn lines(rows: &[Fields], names: &[&str], separator: &str) -> String {
    let line = |row: &Fields| -> String {
        let values: Vec<&str> = names.iter().map(|name| row[name].as_str()).collect();
        values.join(separator) + "\n"
    };
    rows.iter().map(line).collect()
}

const NAMES: [&str; 10] = [
    "date",
    "time",
    "c-ip",
    "cs-method",
    "cs-uri-stem",
    "sc-status",
    "cs-uri-query",
    "cs(Cookie)",
    "x-host-header",
    "cs-protocol",
];

const REAL_TIME: [&str; 8] = [
    "timestamp",
    "c-ip",
    "sc-status",
    "x-host-header",
    "cs-protocol",
    "cs-uri-stem",
    "cs-uri-query",
    "cs(Cookie)",
];

/// The result of a query in Amazon Athena: names with underscores, all values in quotation marks,
/// and commas in some.
fn athena(rows: &[Fields]) -> String {
    let names = NAMES.join("\",\"").to_lowercase();
    let names = names.replace(['-', '('], "_").replace(')', "");
    let mut table = format!("\"cs_user_agent\",\"{names}\"\n");
    for line in lines(rows, &NAMES, "\",\"").lines() {
        table += &format!("\"Mozilla/5.0%20(KHTML,%20like%20Gecko)\",\"{line}\"\n");
    }
    table
}

/// The same requests in each format, with the flags that it needs.
fn formats(rows: &[Fields]) -> Vec<(&'static str, String, String)> {
    let legacy = format!("#Version: 1.0\n#Fields: {}\n", NAMES.join(" "));
    let json: String = rows
        .iter()
        .map(|row| {
            let members: serde_json::Map<_, _> = row
                .iter()
                .filter(|(name, _)| !name.starts_with("timestamp"))
                .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
                .collect();
            serde_json::Value::Object(members).to_string() + "\n"
        })
        .collect();
    let real_time = format!("--fields '{}'", REAL_TIME.join(","));
    let milliseconds = REAL_TIME.map(|name| {
        if name == "timestamp" {
            "timestamp(ms)"
        } else {
            name
        }
    });
    vec![
        ("legacy", legacy + &lines(rows, &NAMES, "\t"), String::new()),
        ("JSON", json, String::new()),
        (
            "plain",
            NAMES.join("|") + "\n" + &lines(rows, &NAMES, "|"),
            String::new(),
        ),
        (
            "plain with spaces",
            milliseconds.join("\t") + "\n" + &lines(rows, &milliseconds, "\t"),
            String::new(),
        ),
        ("real-time", lines(rows, &REAL_TIME, "\t"), real_time),
        ("Athena", athena(rows), String::new()),
    ]
}

/// The groups of a summary in JSON, as `STATUS REASON KINDS`, with their counts.
fn groups(summary: &serde_json::Value) -> BTreeMap<String, u64> {
    let groups = summary["groups"].as_array().unwrap().iter();
    groups
        .map(|group| {
            let kinds: Vec<&str> = group["kinds"]
                .as_array()
                .unwrap()
                .iter()
                .map(|kind| kind.as_str().unwrap())
                .collect();
            let name = format!(
                "{} {} {}",
                group["status"],
                group["reason"].as_str().unwrap(),
                kinds.join(" ")
            );
            (name.trim_end().to_owned(), group["count"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn a_summary_has_the_numbers_of_the_log() {
    if !openssl_is_here("summaries of access logs") {
        return;
    }
    let sandbox = Sandbox::new();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for kind in kinds() {
        if let Some(group) = kind.group {
            *expected.entry(group.to_owned()).or_default() += kind.count;
        }
    }
    let mut first = None;
    for escapes_percent in [false, true] {
        let rows = rows(sandbox.path(), escapes_percent);
        for (format, log, flags) in formats(&rows) {
            let case = format!("{format}, {escapes_percent}");
            sandbox.write("log", log);
            let (status, stdout, stderr) = outcome(
                &sandbox,
                &format!("cfsign verify --input log {VERIFY} {flags} --summary --json"),
            );
            assert_eq!((status, stderr.as_str()), (Some(1), ""), "{case}");
            let summary: serde_json::Value = serde_json::from_str(&stdout).unwrap();
            assert_eq!(groups(&summary), expected, "{case}");
            let counts = ["requests", "unreadable", "passed_over", "allowed"]
                .map(|name| summary[name].as_u64().unwrap());
            assert_eq!(counts, [138, 0, 9, 84], "{case}");
            // Everything but the spelling of the examples is the same in all formats.
            let first = first.get_or_insert_with(|| stdout.clone());
            assert_eq!(&stdout, first, "{case}");
        }
    }
}

/// One thread, two threads, and four parts whose summaries are added up.
#[test]
fn parts_of_a_log_add_up() {
    if !openssl_is_here("parts of access logs") {
        return;
    }
    let sandbox = Sandbox::new();
    let rows = rows(sandbox.path(), true);
    let header = format!("#Version: 1.0\n#Fields: {}\n", NAMES.join(" "));
    let log = format!("{header}{}", lines(&rows, &NAMES, "\t"));
    let summary = |input: &str, flags: &str| {
        let command = format!("cfsign verify - {VERIFY} --summary --json {flags}");
        text(&run_with(&mut sandbox.shell(&command), input.as_bytes()).stdout)
    };
    let whole = summary(&log, "-j 1");
    assert_eq!(summary(&log, "-j 2"), whole);
    for part in 0..4 {
        let rows: Vec<Fields> = rows.iter().skip(part).step_by(4).cloned().collect();
        let log = format!("{header}{}", lines(&rows, &NAMES, "\t"));
        sandbox.write(&format!("part{part}"), summary(&log, ""));
    }
    let merged = outcome(
        &sandbox,
        "cfsign verify --summary --json --merge part3 part1 part0 part2",
    );
    assert_eq!((merged.0, merged.1), (Some(1), whole));
    // Logs that follow each other, each with its header, are one log.
    let twice = summary(&format!("{log}{log}"), "");
    assert!(twice.starts_with("{\"requests\":276,"), "{twice}");
}

#[test]
fn other_logs_are_refused() {
    let sandbox = Sandbox::new();
    let owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    for (line, said) in [
        (
            "https 2026-11-15T10:00:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 \"GET https://www.example.com:443/ HTTP/1.1\"".to_owned(),
            "is the log of another server, not of CloudFront",
        ),
        (
            format!("{owner} bucket [15/Nov/2026:10:00:00 +0000] 192.0.2.3 {owner} 3E57427F3EXAMPLE REST.GET.OBJECT a \"GET /a HTTP/1.1\" 200"),
            "is the log of another server, not of CloudFront",
        ),
        (
            "192.0.2.3 - - [15/Nov/2026:10:00:00 +0000] \"GET /a?Signature=x HTTP/1.1\" 403 153 \"-\" \"curl/8.5.0\"".to_owned(),
            "is the log of another server, not of CloudFront",
        ),
        (
            "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-11-15 10:00:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status".to_owned(),
            "has no field x-host-header, so the host of the URLs is not known",
        ),
        (
            "1794736800.123\t192.0.2.1\t200\tcdn.example.com\thttps\t/a\t-".to_owned(),
            "looks like a real-time log, which does not name its fields",
        ),
        (
            "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem sc-status x-host-header".to_owned(),
            "has no field cs-uri-query or cs(Cookie)",
        ),
        (
            "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem cs-uri-query sc-status".to_owned(),
            "has no field x-host-header, so the host of the URLs is not known",
        ),
    ] {
        sandbox.write("log", line);
        let (status, stdout, stderr) = outcome(&sandbox, &format!("cfsign verify --input log {VERIFY}"));
        let first = stderr.lines().next().unwrap_or_default();
        assert_eq!((status, stdout.as_str(), first), (Some(2), "", format!("error: \"log\" {said}").as_str()));
    }
}

/// A row of a log has the logged status beside the verdict; other rows have none.
#[test]
fn json_has_the_logged_status() {
    let sandbox = Sandbox::new();
    let header = format!("#Version: 1.0\n#Fields: {}\n", NAMES.join(" "));
    let row = "2026-11-15\t10:00:00\t192.0.2.1\tGET\t/a\t403\t-\t-\tcdn.example.com\thttps\n";
    sandbox.write("log", header + row);
    let (_, json, _) = outcome(
        &sandbox,
        &format!("cfsign verify --input log {VERIFY} --json"),
    );
    assert!(json.contains(r#","status":403}"#), "{json}");
    sandbox.write("list", "https://cdn.example.com/a\n");
    let (_, json, _) = outcome(
        &sandbox,
        &format!("cfsign verify --input list {VERIFY} --json"),
    );
    assert!(!json.contains("status"), "{json}");
}

/// A merged file that is empty is an error with its name, not a summary of nothing.
#[test]
fn an_empty_summary_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("part", "\n");
    let (status, _, stderr) = outcome(&sandbox, "cfsign verify --summary --merge part");
    let said = "error: \"part\" is empty, not a summary in JSON\n";
    assert_eq!((status, stderr.as_str()), (Some(2), said));
}

/// Lines that are cut, have fields of nothing, or far too many: each is an error, and the rest is
/// read.
#[test]
fn hostile_lines_are_errors() {
    let sandbox = Sandbox::new();
    let header = format!("#Version: 1.0\n#Fields: {}\n", NAMES.join(" "));
    let whole = "2026-11-15\t10:00:00\t192.0.2.1\tGET\t/a\t403\t-\t-\tcdn.example.com\thttps\n";
    let many = "\t-".repeat(200_000);
    let log = [
        header.as_bytes(),
        whole.as_bytes(),
        b"2026-11-15\t10:00:00\t192.0.2.1\tGET\n",
        &whole.replace("10:00:00", "25:61:00").into_bytes(),
        b"\t\t\t\t\t\t\t\t\t\n",
        b"-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n",
        &whole.replace("/a", "/\0").into_bytes(),
        &whole.replace("/a", "/%").into_bytes(),
        b"2026-11-15\t\xff\xfe\n",
        many.as_bytes(),
        b"\n",
        whole.as_bytes(),
        b"2026-11-15\t10:00",
    ]
    .concat();
    sandbox.write("log", log);
    let (status, stdout, stderr) =
        outcome(&sandbox, &format!("cfsign verify --input log {VERIFY}"));
    assert_eq!(status, Some(2), "{stderr}");
    assert!(
        stdout
            .lines()
            .filter(|line| line.starts_with("denied   missing"))
            .count()
            >= 2,
        "{stdout}"
    );
    let lines: Vec<&str> = stderr
        .lines()
        .filter_map(|line| line.strip_prefix("error: line ")?.split(':').next())
        .collect();
    for line in ["4", "5", "7", "10", "11", "13"] {
        assert!(lines.contains(&line), "{line}: {stderr}");
    }
}
