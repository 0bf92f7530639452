//! `examples/spark`: partitions of a data set give the URLs that `cfsign url` gives for each row.

use crate::common::{
    Sandbox, openssl_is_here, openssl_verifies, outcome, parameter, root, run_with, skipped,
    stdout_of, text,
};
use serde_json::Value;

/// The default expiry, and that of a row with its own.
const END: (&str, u32) = ("2027-01-31", 1_801_353_600);
const OTHER_END: (&str, u32) = ("2027-02-28", 1_803_772_800);

/// The output of `cfsign url`, after openssl has verified its signature.
fn signed(sandbox: &Sandbox, url: &str, (date, epoch): (&str, u32)) -> String {
    let arguments = [
        "url",
        url,
        "-k",
        "K2JCJMDEHXQW5F",
        "-p",
        "rsa2048-pkcs8.pem",
        "-e",
        date,
        "-q",
    ];
    let signed = stdout_of(&mut sandbox.cfsign(&arguments))
        .trim_end()
        .to_owned();
    let policy = format!(
        r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{epoch}}}}}}}]}}"#
    );
    assert_eq!(parameter(&signed, "Expires"), epoch.to_string());
    if openssl_is_here("signatures of the rows") {
        assert!(
            openssl_verifies(sandbox, "rsa2048-public.pem", "-sha1", &policy, &signed),
            "{signed}"
        );
    }
    signed
}

/// Makes a data set, runs the example on it and on text, and prints the signed rows. Then it runs
/// it without a key.
const SPARK: &str = r#"
import runpy, sys
from pyspark.sql import SparkSession

def session():
    return SparkSession.builder.getOrCreate()

def sign(*arguments):
    sys.argv = ["sign.py", *arguments, "--key-pair-id", "K2JCJMDEHXQW5F", "--expires", "2027-01-31"]
    runpy.run_path(sys.argv.pop(1), run_name="__main__")

def show(folder):
    for row in session().read.parquet(folder).orderBy("url").toJSON().collect():
        print(row)

example = sys.argv[1]
columns = "url string, expires string, customer struct<id: bigint>, seen timestamp"
session().read.schema(columns).json("rows.jsonl").repartition(3).write.parquet("urls.parquet")
sign(example, "urls.parquet", "signed.parquet", "--private-key", "rsa2048-pkcs8.pem")
show("signed.parquet")
sign(example, "--text", "urls.txt", "signed-text.parquet", "--private-key", "rsa2048-pkcs8.pem")
show("signed-text.parquet")
try:
    sign(example, "urls.parquet", "unsigned.parquet", "--private-key", "absent.pem")
except Exception as error:
    print([line for line in str(error).splitlines() if line.startswith(("RuntimeError: cfsign", "error: "))][:2])
"#;

#[test]
fn spark() {
    let sandbox = Sandbox::new();
    let programs = "command -v java spark-submit && python3 -c 'import pyspark'";
    if outcome(&sandbox, programs).0 != Some(0) {
        return skipped("the Spark example", "PySpark or Java is not installed");
    }
    sandbox.write("driver.py", SPARK);
    sandbox.write(
        "urls.txt",
        "https://h.example/a\nhttps://h.example/b c\nhttps://h.example/d\n",
    );
    let rest = r#""customer":{"id":9007199254740993},"seen":"2026-12-01T10:00:00.123456Z""#;
    sandbox.write(
        "rows.jsonl",
        format!(
            r#"{{"url":"https://h.example/a?x=1&y=2",{rest}}}
{{"url":"https://h.example/b c",{rest}}}
{{"url":"https://h.example/d","expires":"2027-02-28",{rest}}}
{{{rest}}}
"#
        ),
    );
    let line = format!(
        "unset CFSIGN_PRIVATE_KEY; spark-submit --master 'local[2]' --conf spark.ui.enabled=false \
         --files rsa2048-pkcs8.pem driver.py '{}'",
        root().join("examples/spark/sign.py").display()
    );
    let mut command = sandbox.shell(&line);
    command
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .env("TZ", "America/New_York");
    // spark-submit puts Python's warnings on standard output.
    command.env("PYTHONWARNINGS", "ignore");
    if let Some(java) = std::env::var_os("JAVA_HOME") {
        command.env("JAVA_HOME", java);
    }
    let output = run_with(&mut command, b"");
    let (said, log) = (
        text(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{log}");

    let not_encoded = r#"the URL "https://h.example/b c" contains " ", which clients percent-encode before they send it"#;
    let row = |url: &str, result: &str| {
        // Spark writes times as the clock on the wall shows them, and no more than milliseconds of
        // them.
        let rest = rest.replace("10:00:00.123456Z", "05:00:00.123-05:00");
        serde_json::from_str::<Value>(&format!("{{{url}{rest},{result}}}")).unwrap()
    };
    let result = |url: &str, end| format!(r#""signed_url":"{}""#, signed(&sandbox, url, end));
    let error = |error: &str| format!(r#""error":{}"#, Value::from(error));
    let found: Vec<&str> = said.lines().collect();
    assert_eq!(found.len(), 10, "{said}{log}");
    let rows: Vec<Value> = found[1..5]
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(found[0], "2 of 4 rows not signed");
    assert_eq!(
        rows,
        [
            row("", &error("the row has no url")),
            row(
                r#""url":"https://h.example/a?x=1&y=2","#,
                &result("https://h.example/a?x=1&y=2", END)
            ),
            row(r#""url":"https://h.example/b c","#, &error(not_encoded)),
            row(
                r#""url":"https://h.example/d","expires":"2027-02-28","#,
                &result("https://h.example/d", OTHER_END)
            ),
        ]
    );
    assert_eq!(found[5], "1 of 3 rows not signed");
    assert_eq!(
        found[6..9],
        [
            format!(
                r#"{{"url":"https://h.example/a",{}}}"#,
                result("https://h.example/a", END)
            ),
            format!(
                r#"{{"url":"https://h.example/b c",{}}}"#,
                error(not_encoded)
            ),
            format!(
                r#"{{"url":"https://h.example/d",{}}}"#,
                result("https://h.example/d", END)
            ),
        ]
    );
    assert_eq!(
        found[9],
        r#"['RuntimeError: cfsign ended with status 2', 'error: cannot read "absent.pem": there is no such file or folder']"#
    );
    assert!(!sandbox.join("unsigned.parquet/_SUCCESS").exists());
}
