#!/usr/bin/env python3
"""Runs random command lines, most of them nearly right, and checks what must hold for each of them.

    tests/fuzz/command_line.py [LINES [SEED]]          20000 lines and seed 1 if not given
    CFSIGN=path/to/cfsign tests/fuzz/command_line.py   another program than target/debug/cfsign

- The exit code is 0, 1 or 2, within five seconds.
- With 2 there is an error on standard error, and nothing on standard output, other than rows of a batch or
  verdicts on several URLs.
- Nothing panics, no private key appears in any output, and no temporary file is left behind.
- At least a third of the lines succeed.

The same seed gives the same lines. A line that fails is printed with its reason, as a command for a shell in a folder with the files
of tests/keys and tests/manifests.
"""

import base64
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CFSIGN = os.path.abspath(os.environ.get("CFSIGN", f"{ROOT}/target/debug/cfsign"))
KEYS = ["p256-pkcs8.pem", "p256-sec1.pem", "rsa2048-pkcs8.pem", "rsa2048-pkcs1.pem"]
NOW = "2026-12-01T00:00:00Z"
PANIC = re.compile(rb"panicked|stack overflow|memory allocation|BACKTRACE|internal error")

# The alternatives of each rule, the valid ones first. A list is a sequence, in which RULE? may be left out and RULE* repeats.
GRAMMAR = {
    "URL": ["https://h.example/a", "https://h.example/a?x=1", "https://d111111abcdef8.cloudfront.net/v/a.mp4", "http://h.example/",
            "https://h.example/a%20b", "https://h.example", "https://h.example:8443/a/../b?c='d'", "https://xn--bcher-kva.example/ü",
            "https://h.example/a b", "https://h.example/*", "h.example/a", "ftp://h.example/a", "-", "", "https://u:p@h.example/", "https://h.example/a#b"],
    "PATTERN": ["https://h.example/*", "https://h.example/v/*", "http*://*.example/*", "*", "https://h.example/a?b", "https://*/a", "h.example/*", "", "https://h.example/a\\?b=*"],
    "TIME": ["1h", "7d", "2099-01-01", "2027-01-31T10:00:00Z", "4102444800", "@1800000000", "2 weeks", "tomorrow", "now", "0s", "-1h", "20270131", "1800000000000",
             "2027-02-30", "1h30m", "99999999d", "soon", "", "2027-01-31 10:00", "Sun, 31 Jan 2027 10:00:00 GMT"],
    "DURATION": ["15m", "1h", "3600", "0", "1ms", "-5", "x", "1000000000y", "7d"],
    "IP": ["192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "10.0.0.0/33", "::1", "192.0.2.1/8", "x", ""],
    "KEY": [*KEYS, *KEYS, "rsa2048-encrypted.pem", "rsa2048-public.pem", "rsa4096.pem", "missing.pem", ".", "env:KEY", "env:NONE", "-", "file://p256-pkcs8.pem", "/dev/null",
            "rows.csv", "half.pem", "arn:aws:kms:us-east-1:1:key/x"],
    "PUBLIC": ["rsa2048-public.pem", "p256-public.pem", "rsa2048-certificate.pem", "K2JCJMDEHXQW5F=p256-public.pem", "p256-pkcs8.pem", "missing.pem", "-"],
    "ID": ["K2JCJMDEHXQW5F", "K2JCJMDEHXQW5F", "k", "", "APKAEIBAERJR2EXAMPLE", "a b", "K2JC&x=1"],
    "HASH": ["sha1", "sha256", "SHA-256", "md5", ""],
    "NUMBER": ["1", "2", "8", "0", "1024", "1025", "-1", "x"],
    "FORMAT": ["text", "json", "query", "curl", "set-cookie", "cookie", "netscape", "ffmpeg", "terraform", "x"],
    "ROWS": ["lines", "csv", "tsv", "jsonl", "CSV", "xml"],
    "FILE": ["rows.txt", "rows.csv", "rows.tsv", "rows.jsonl", "bad.txt", "binary", "empty", "missing", "-", "media.m3u8", ".", "utf16.csv"],
    "MANIFEST": ["media.m3u8", "master.m3u8", "video.m3u8", "files.mpd", "template.mpd", "rows.txt", "binary", "empty", "missing", "-"],
    "BASE": ["https://h.example/v/", "https://h.example/v/video.m3u8", "h.example", "https://h.example/?x=1", ""],
    "OUT": ["out", "-", "/dev/stdout", "/dev/null", "missing/out", ".", "loop", "rows.out"],
    "WORD": ["a", "x=1", "a=b c", "ü", "*", "'", "$(touch hacked)", "\n", "a\tb", "--", "%", "x" * 300, "\u202e", "=", "🎬.mp4"],
    "SIGNING": [["-k", "ID", "-p", "KEY"], ["-k", "ID", "-p", "KEY"], ["--key-pair-id", "ID", "--private-key=KEY"],
                ["-k", "ID", "-p", "rsa2048-encrypted.pem", "--passphrase", "PASSPHRASE"],
                ["-k", "ID", "--sign-command", "openssl dgst -sha256 -sign p256-pkcs8.pem", "--hash", "sha256"],
                ["-k", "ID", "--sign-command", "cat {policy_file}", "--sign-timeout", "DURATION"], ["-k", "ID"], []],
    "PASSPHRASE": ["env:PHRASE", "env:NONE", "phrase.txt", "correct horse"],
    "CONDITIONS": [["-e", "TIME"], ["-e", "TIME"], ["-e", "1h", "CONDITION*"], ["--expires-in", "DURATION"], ["--policy", "POLICY"], []],
    "CONDITION": [["--starts", "TIME"], ["--ip", "IP"], ["-r", "PATTERN"], ["--custom"], ["--round", "DURATION"]],
    "POLICY": ["policy.json", "policy.json", "bad.json", "-", "missing", "rows.txt"],
    "CHANGE": [["--query", "WORD"], ["--download-as", "WORD"], ["--encode"], ["--resign"], ["--stream"], ["--escape"]],
    "GLOBAL": [["-q"], ["--strict"], ["--color", "always"], ["--now", "TIME"], ["--json"], ["--format", "FORMAT"]],
    "COOKIE-FLAG": [["--domain", "h.example"], ["--path", "/v"], ["--same-site", "WORD"], ["--no-secure"], ["--no-http-only"], ["--persistent"], ["--clear"]],
    "BATCH-FLAG": [["--from", "ROWS"], ["--to", "ROWS"], ["-j", "NUMBER"], ["--fail-fast"], ["-o", "OUT"], ["--base-url", "BASE"], ["--url-column", "WORD"]],
    "PLAYLIST-FLAG": [["--each"], ["--query-variables"], ["--recursive", "--out", "OUT"], ["-o", "OUT"]],
    "VERIFY-FLAG": [["--valid-for", "DURATION"], ["--answer", "FILE"], ["--ip", "IP"]],
    "COOKIES": ["cookies.txt", "jar.txt", "cookies.json", "rows.txt", "-", "missing"],
    "GENERATE": [["key", "generate", "new.pem", "--type", "p256", "GENERATE-FLAG*"], ["key", "generate", "OUT", "--type", "p256", "GENERATE-FLAG*"]],
    "GENERATE-FLAG": [["--force"], ["--encrypt"], ["--passphrase", "PASSPHRASE"], ["--json"]],
    "LINE": [
        ["url", "URL", "SIGNING", "CONDITIONS", "CHANGE?", "GLOBAL?"], ["url", "URL", "URL", "SIGNING", "CONDITIONS", "CHANGE*", "GLOBAL*"],
        ["sign", "--url", "URL", "SIGNING", "--date-less-than", "TIME"],
        ["cookies", "PATTERN", "SIGNING", "CONDITIONS", "COOKIE-FLAG*", "GLOBAL?"],
        ["batch", "FILE", "SIGNING", "CONDITIONS", "BATCH-FLAG*", "CHANGE?", "GLOBAL?"], ["batch", "SIGNING", "CONDITIONS", "BATCH-FLAG*"],
        ["playlist", "MANIFEST", "--base-url", "BASE", "SIGNING", "CONDITIONS", "PLAYLIST-FLAG?", "GLOBAL?"],
        ["policy", "URL", "CONDITIONS", "SIGNING", "GLOBAL?"],
        ["verify", "SIGNED", "--public-key", "PUBLIC", "VERIFY-FLAG?", "GLOBAL?"], ["verify", "URL", "--cookies", "COOKIES", "--public-key", "PUBLIC", "--ip", "IP"],
        ["inspect", "SIGNED", "GLOBAL?"], ["inspect", "--cookies", "COOKIES", "GLOBAL?"],
        ["key", "inspect", "KEY", "GLOBAL?"], ["key", "public", "KEY", "GLOBAL?"], "GENERATE",
        ["completions", "SHELL"], ["man", "COMMAND?"], ["COMMAND", "--help"], ["COMMAND", "-h"], ["--version"], ["COMMAND", "WORD*"], [],
    ],
    "SHELL": ["bash", "zsh", "fish", "elvish", "powershell", "csh"],
    "COMMAND": ["url", "cookies", "batch", "playlist", "policy", "verify", "inspect", "key", "completions", "man", "help", "check", "x"],
    "SIGNED": [],
}
INPUTS = ["https://h.example/a\nhttps://h.example/b?x=1\n", "url,expires\nhttps://h.example/a,2027-01-31\nx,\n", "", "\0\xff", "#EXTM3U\na.ts\n"]


def private_parts(name):
    """Pieces of a private key in the encodings that a message might have: 16 characters of base64 or hexadecimal."""
    body = "".join(line for line in open(name).read().split("\n") if line and not line.startswith("-"))
    der = base64.b64decode(body)
    # The modulus of an RSA key comes first and is public; of a P-256 key, the scalar is private.
    secret = slice(320, len(der) - 16) if "rsa" in name else (slice(36, 68) if "pkcs8" in name else slice(7, 39))
    text = body[secret.start // 3 * 4 + 4 : secret.stop // 3 * 4 - 4]
    digits = der[secret].hex()
    return {piece[start : start + 16] for piece in (text, digits) for start in range(len(piece) - 15)}


def expand(part, choose):
    """A random expansion of a part of the grammar, as a list of words."""
    if isinstance(part, list):
        return [word for each in part for word in expand(each, choose)]
    prefix, equals, name = part.rpartition("=")
    rule = name.rstrip("?*")
    if rule not in GRAMMAR:
        return [part]
    if equals:
        return [f"{prefix}={expand(name, choose)[0]}"]
    times = choose.randrange(2 if name.endswith("?") else 4) if name != rule else 1
    words = []
    for _ in range(times):
        alternatives = GRAMMAR[rule]
        count = len(alternatives)
        if rule not in ("LINE", "WORD", "SIGNED") and choose.random() < 0.7:
            count = count // 2 + 1
        words += expand(alternatives[choose.randrange(count)], choose)
    return words


def mutate(line, choose):
    """One small mistake, in one line of six."""
    if not line or choose.random() > 1 / 6:
        return line
    at = choose.randrange(len(line))
    word = line[at]
    change = choose.randrange(5)
    if change == 0:
        return line[:at] + line[at + 1 :]
    if change == 1:
        return line[:at] + [word, word] + line[at + 1 :]
    if change == 2:
        return line[:at] + [word[:-1]] + line[at + 1 :]
    if change == 3:
        return line[:at] + [choose.choice(GRAMMAR["WORD"])] + line[at:]
    return line[:at] + [word + choose.choice("*?&=%' \n\u200b")] + line[at + 1 :]


def prepare():
    for folder in ("tests/keys", "tests/manifests"):
        for name in os.listdir(f"{ROOT}/{folder}"):
            if os.path.isfile(f"{ROOT}/{folder}/{name}"):
                shutil.copy(f"{ROOT}/{folder}/{name}", ".")
                os.chmod(name, 0o600)
    files = {
        "rows.txt": INPUTS[0] * 20, "rows.csv": INPUTS[1], "rows.tsv": INPUTS[1].replace(",", "\t"), "bad.txt": "x\n" * 3, "empty": "",
        "rows.jsonl": '{"url":"https://h.example/a","n":1}\n{"url":2}\nx\n', "phrase.txt": "correct horse\n", "bad.json": '{"Statement":{}}',
        "policy.json": '{"Statement":[{"Resource":"https://h.example/*","Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}}}]}',
        "half.pem": open("rsa2048-pkcs8.pem").read()[-900:],
    }
    for name, text in files.items():
        open(name, "w").write(text)
    open("binary", "wb").write(bytes(range(256)) * 20)
    open("utf16.csv", "w", encoding="utf-16").write(INPUTS[1])
    os.symlink("loop", "loop")
    sign = ["-k", "K2JCJMDEHXQW5F", "-p", "p256-pkcs8.pem", "-e", "2099-01-01"]
    output = lambda *command: subprocess.run([CFSIGN, *command, *sign], capture_output=True, text=True, check=True).stdout
    for name, form in (("cookies.txt", "set-cookie"), ("jar.txt", "netscape"), ("cookies.json", "json")):
        open(name, "w").write(output("cookies", "https://h.example/*", "--format", form))
    for arguments in (["https://h.example/a"], ["https://h.example/a?x=1", "--custom"], ["https://h.example/b", "--hash", "sha256"]):
        signed = output("url", *arguments).strip()
        GRAMMAR["SIGNED"] += [signed, signed[:-9], signed.replace("/a", "/c"), signed.replace("&", "&amp;")]
    GRAMMAR["SIGNED"] += GRAMMAR["URL"]


def wrong(line, result, before, secrets):
    """The first thing that must not be, if there is one."""
    output = result.stdout + result.stderr
    if result.returncode not in (0, 1, 2):
        return f"exit code {result.returncode}"
    if PANIC.search(result.stderr):
        return "a panic"
    if result.returncode == 2:
        has_rows = "batch" in line or ("verify" in line and b"line " in result.stderr)
        if result.stdout and not has_rows:
            return "output with exit code 2"
        if b"error" not in result.stderr and b"Usage" not in result.stderr:
            return "exit code 2 without an error"
    for run in re.findall(rb"[A-Za-z0-9+/]{16,}", output):
        text = run.decode()
        if any(text[start : start + 16] in secrets for start in range(len(text) - 15)):
            return "a part of a private key"
    left = [name for name in os.listdir(".") if name not in before and (name.startswith(".") or name == "hacked")]
    if left or os.listdir("tmp"):
        return f"left behind: {left or os.listdir('tmp')}"
    return None


def main():
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    choose = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="cfsign-lines-")
    codes, failures = {}, 0
    try:
        os.chdir(folder)
        prepare()
        os.mkdir("tmp")
        secrets = set().union(*(private_parts(name) for name in KEYS))
        before = set(os.listdir("."))
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": f"{folder}/tmp", "PHRASE": "correct horse",
                       "KEY": open("p256-pkcs8.pem").read()}
        for number in range(lines):
            line = mutate(expand("LINE", choose), choose)
            if "--now" not in line and choose.random() < 0.9:
                line += ["--now", NOW]
            stdin = choose.choice(INPUTS)
            try:
                result = subprocess.run([CFSIGN, *line], input=stdin.encode("latin-1"), capture_output=True, env=environment, timeout=5)
                codes[result.returncode] = codes.get(result.returncode, 0) + 1
                reason = wrong(line, result, before, secrets)
            except subprocess.TimeoutExpired:
                reason = "it takes more than five seconds"
            except ValueError:
                reason = None  # A word that no command line can have
            if reason:
                failures += 1
                print(f"line {number}: {reason}: printf {shlex.quote(stdin)} | cfsign {shlex.join(line)}", flush=True)
            for name in os.listdir("tmp"):
                os.remove(f"tmp/{name}")
            for name in set(os.listdir(".")) - before:
                shutil.rmtree(name, ignore_errors=True) if os.path.isdir(name) else os.remove(name)
    finally:
        os.chdir("/")
        shutil.rmtree(folder)
    shown = ", ".join(f"{count} exited with {code}" for code, count in sorted(codes.items()))
    print(f"{lines} lines of seed {seed}: {shown}; {failures} failures")
    succeeded = codes.get(0, 0) + codes.get(1, 0)
    if 3 * succeeded < lines:
        sys.exit(f"error: only {succeeded} of {lines} lines succeeded")
    sys.exit(1 if failures else 0)


main()
