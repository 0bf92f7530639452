//! The examples that summarize access logs: a process or a task for each file gives the summary of
//! all.

use crate::common::{Sandbox, outcome, root, run_with, skipped, text};

/// Two logs, one of them compressed: a valid request, two that were changed, and two without a
/// signature.
fn logs() -> Sandbox {
    let sandbox = Sandbox::new();
    let line = r#"
        url=$(cfsign url https://h.example/a -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2099-01-01 -q)
        query=${url#*\?}
        names='date time c-ip cs-uri-stem cs-uri-query sc-status x-host-header cs-protocol'
        row() { printf '2026-11-15\t10:00:00\t192.0.2.7\t/a\t%s\t%s\th.example\thttps\n' "$1" "$2"; }
        log() { printf '#Version: 1.0\n#Fields: %s\n' "$names"; }
        mkdir logs
        (log; row "$query" 200; row "$query&x=1" 403; row - 200) > logs/one
        (log; row "$query&x=1" 403; row - 403) | gzip > logs/two.gz"#;
    let (status, _, stderr) = outcome(&sandbox, line);
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    sandbox
}

const SUMMARY: &str = "\
5 requests: 1 allowed, 3 denied, 1 not signed

2   40.0 %  403 signature (parameter-added)
    time:     2026-11-15T10:00:00Z
    example:  https://h.example/a
    cause:    the query parameter \"x=1\" was added after signing
    fix:      remove it, or sign the URL that includes it

1   20.0 %  403 missing
    time:     2026-11-15T10:00:00Z
    example:  https://h.example/a
    fix:      request the signed URL, or send the signed cookies
";

#[test]
fn a_process_for_each_log() {
    let example = root().join("examples/log-summary.sh");
    let line = format!(
        "CFSIGN_PUBLIC_KEY=rsa2048-public.pem sh '{}' logs/*",
        example.display()
    );
    let (status, stdout, stderr) = outcome(&logs(), &line);
    assert_eq!((stdout.as_str(), stderr.as_str()), (SUMMARY, ""));
    assert_eq!(status, Some(1));
}

#[test]
fn a_spark_task_for_each_log() {
    let sandbox = logs();
    let programs = "command -v java spark-submit && python3 -c 'import pyspark'";
    if outcome(&sandbox, programs).0 != Some(0) {
        return skipped("the Spark example", "PySpark or Java is not installed");
    }
    let line = format!(
        "spark-submit --master 'local[2]' --conf spark.ui.enabled=false --files rsa2048-public.pem \
         '{}' 'logs/*' --public-key rsa2048-public.pem",
        root().join("examples/spark/summarize.py").display()
    );
    let mut command = sandbox.shell(&line);
    command.env("SPARK_LOCAL_IP", "127.0.0.1");
    let output = run_with(&mut command, b"");
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text(&output.stdout), SUMMARY, "{log}");
}
