#!/usr/bin/env python3
"""Measures that processor time grows linearly with the size of the input, for every way into cfsign.

    cargo build --release --locked && tests/bench/linear.py > linear.md
    CFSIGN=path/to/cfsign tests/bench/linear.py [WORD...]      only the rows that contain a WORD

Each row runs one command on inputs of n, 2n and 4n, and prints the seconds of each, without those of an empty run, and the larger
of the two ratios. The least of five runs counts, and n is doubled while the time is too short to measure. A ratio
over the limit is measured again, up to three times. Exits with 1 if doubling an input takes more than 2.3 times as long anywhere.
"""

import base64
import os
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CFSIGN = os.path.abspath(os.environ.get("CFSIGN", f"{ROOT}/target/release/cfsign"))
LIMIT = 2.3
MEASURABLE = 0.03
TOO_LONG = 20.0
ARGUMENT = 120_000  # Linux takes arguments of up to 128 KiB

HOST = "https://d111111abcdef8.cloudfront.net"
KEY = ["-q", "-k", "K2JCJMDEHXQW5F", "-p", "p256-pkcs8.pem"]
SIGN = [*KEY, "-e", "4102444800"]
MANY = [*SIGN, "-r", "*"]


def repeat(piece, size):
    return (piece * (size // len(piece) + 1))[:size]


def stars(size):
    return HOST + "/" + repeat("*a", size)


def rows(piece, size, header=""):
    """Rows of `piece`, in which {} is the number of the row."""
    lines, total, number = [header], len(header), 0
    while total < size:
        lines.append(piece.format(number))
        total += len(lines[-1])
        number += 1
    return "".join(lines)


def wide(size):
    """A table with one row and many columns."""
    names = [f"c{number}" for number in range(size // 16)]
    return "url," + ",".join(names) + "\n" + HOST + "/a," + ",".join("1" for _ in names) + "\n"


def wide_object(size):
    members = ",".join(f'"c{number}":1' for number in range(size // 12))
    return f'{{"url":"{HOST}/a",{members}}}\n'


def signed(url):
    command = [CFSIGN, "url", url, *SIGN]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def signed_by_openssl(url, pattern):
    """With a policy that cfsign refuses to sign, because it is longer than a URL can be."""
    text = policy(pattern).encode()
    command = ["openssl", "dgst", "-sha1", "-sign", "p256-pkcs8.pem"]
    signature = subprocess.run(command, input=text, capture_output=True, check=True).stdout
    shown = [base64.b64encode(part).decode().translate(str.maketrans("+=/", "-_~")) for part in (text, signature)]
    return f"{url}?Policy={shown[0]}&Signature={shown[1]}&Key-Pair-Id=K2JCJMDEHXQW5F"


def cookies():
    command = [CFSIGN, "cookies", f"{HOST}/*", *SIGN, "--format", "netscape"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def policy(pattern):
    text = '{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}'
    return text % pattern


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
MPD = '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>%s</Period></MPD>'
BASE = ["--base-url", f"{HOST}/v/"]
PEM = open(f"{ROOT}/tests/keys/p256-pkcs8.pem").read()
VERIFY = ["-q", "--public-key", "p256-public.pem"]


class Case:
    """A row of the table: a name, a function from a size to an input, and one from the input to a command line."""

    def __init__(self, name, make, command, largest, is_file=True):
        self.name, self.make, self.command, self.largest, self.is_file = name, make, command, largest, is_file


def batch(name, make, *flags, sign=MANY, largest=1 << 24):
    return Case(f"batch: {name}", make, lambda file: ["batch", "-j", "1", *sign, *flags, file], largest)


def one_row(name, make, *flags, sign=MANY):
    """A batch whose only row is long; the longest has a megabyte."""
    return batch(name, make, *flags, sign=sign, largest=900_000)


def playlist(name, make, *flags):
    return Case(f"playlist: {name}", make, lambda file: ["playlist", *SIGN, *BASE, *flags, file], 1 << 24)


def source(name, make, command):
    """Input that is read at once, up to a megabyte."""
    return Case(name, make, lambda file: [*command, file], 900_000)


def stdin(name, make, command):
    return Case(name, make, lambda _: command, 1 << 24)


def argument(name, make, command):
    return Case(name, make, command, ARGUMENT, is_file=False)


CASES = [
    argument("url: long path", lambda n: f"{HOST}/{repeat('a', n)}", lambda a: ["url", a, *SIGN]),
    argument("url: long query", lambda n: f"{HOST}/a?{repeat('a=b&', n)}c", lambda a: ["url", a, *SIGN]),
    argument("url: --encode", lambda n: f"{HOST}/{repeat('a é', n // 2)}x", lambda a: ["url", "--encode", a, *SIGN]),
    argument("url: --resign", lambda n: f"{HOST}/a?{repeat('Expires=1&', n)}c", lambda a: ["url", "--resign", a, *SIGN]),
    argument("url: --resource", stars, lambda a: ["url", f"{HOST}/{repeat('a', 100_000)}b", "-r", a, *SIGN]),
    argument("url: --download-as", lambda n: repeat("é", n // 2), lambda a: ["url", f"{HOST}/a", "--download-as", a, *SIGN]),
    argument("url: --query", lambda n: "a=" + repeat("é", n // 2), lambda a: ["url", f"{HOST}/a", "--query", a, *SIGN]),
    argument("url: --expires", lambda n: repeat("1h", n), lambda a: ["url", f"{HOST}/a", *KEY, "-e", a]),
    argument("url: --policy", stars, lambda a: ["url", f"{HOST}/{repeat('a', 100_000)}b", *KEY, "--policy", "policy"]),
    stdin("url: lines of stdin", lambda n: rows(HOST + "/{}\n", n // 20), ["url", "-", *SIGN]),
    argument("url: --format json", lambda n: f"{HOST}/{repeat('a', n)}", lambda a: ["url", a, *SIGN, "--format", "json"]),
    source("url: --policy, white space", lambda n: " " * n + policy(f"{HOST}/*"), ["url", f"{HOST}/a", *KEY, "--policy"]),
    source("url: --policy, brackets", lambda n: repeat("[", n), ["url", f"{HOST}/a", *KEY, "--policy"]),
    stdin("url: output of a sign command", lambda n: repeat("TUlJ", n), ["url", f"{HOST}/a", "-q", "-k", "K2JCJMDEHXQW5F", "-e", "4102444800", "--sign-command", "cat input"]),
    argument("cookies: resource", stars, lambda a: ["cookies", a, *SIGN]),
    argument("policy: URL", lambda n: f"{HOST}/{repeat('a', n)}", lambda a: ["policy", a, "-q", "-e", "4102444800"]),
    batch("lines", lambda n: rows(HOST + "/{}\n", n)),
    batch("lines, blank", lambda n: repeat("\n", n)),
    batch("lines, bad", lambda n: repeat("x\n", n // 4)),
    batch("lines, bare \\r", lambda n: repeat("x\r", n)),
    one_row("lines, one long", lambda n: f"{HOST}/{repeat('a', n)}\n"),
    batch("lines, --base-url --encode", lambda n: rows("a b{}\n", n), "--base-url", HOST, "--encode"),
    batch("lines, each signed", lambda n: rows(HOST + "/{}\n", n // 20), sign=SIGN),
    batch("lines to CSV", lambda n: rows(HOST + "/{}\n", n), "--to", "csv"),
    batch("lines to JSON", lambda n: rows(HOST + "/{}\n", n), "--to", "jsonl"),
    batch("CSV", lambda n: rows(HOST + '/{},"x"\n', n, "url,n\n"), "--from", "csv"),
    batch("CSV, bare \\r", lambda n: rows(HOST + "/{},x\r", n, "url,n\r"), "--from", "csv"),
    one_row("CSV, line breaks in quotes", lambda n: f'url,n\n{HOST}/a,"{repeat(chr(10), n)}"\n', "--from", "csv"),
    one_row("CSV, quotes", lambda n: f'url,n\n{HOST}/a,"{repeat(chr(34) * 2, n // 2 * 2)}"\n', "--from", "csv"),
    one_row("CSV, columns", wide, "--from", "csv"),
    one_row("CSV, columns, to JSON", wide, "--from", "csv", "--to", "jsonl"),
    one_row("CSV, columns, to TSV", wide, "--from", "csv", "--to", "tsv"),
    one_row("CSV, surplus fields", lambda n: f"url\n{HOST}/a{repeat(',', n)}\n", "--from", "csv"),
    one_row("CSV, resource", lambda n: f"url,resource\n{HOST}/{repeat('a', n // 3)}b,{stars(n // 3)}\n", "--from", "csv", sign=SIGN),
    batch("CSV, resource, rows", lambda n: rows(f"{HOST}/{repeat('a', 4000)}b,{stars(4000)}\n", n // 4, "url,resource\n"), "--from", "csv", sign=SIGN),
    batch("TSV", lambda n: rows(HOST + "/{}\tx\n", n, "url\tn\n"), "--from", "tsv"),
    batch("TSV, bare \\r", lambda n: rows(HOST + "/{}\tx\r", n, "url\tn\r"), "--from", "tsv"),
    batch("TSV to CSV", lambda n: rows(HOST + "/{}\tx\n", n, "url\tn\n"), "--from", "tsv", "--to", "csv"),
    batch("TSV to JSON", lambda n: rows(HOST + "/{}\tx\n", n, "url\tn\n"), "--from", "tsv", "--to", "jsonl"),
    batch("JSON to lines", lambda n: rows('{{"url":"' + HOST + '/{}"}}\n', n), "--from", "jsonl", "--to", "lines"),
    batch("JSON", lambda n: rows('{{"url":"' + HOST + '/{}"}}\n', n), "--from", "jsonl"),
    one_row("JSON, members", wide_object, "--from", "jsonl"),
    one_row("JSON, members, to CSV", wide_object, "--from", "jsonl", "--to", "csv"),
    one_row("JSON, members, to TSV", wide_object, "--from", "jsonl", "--to", "tsv"),
    one_row("JSON, brackets", lambda n: repeat("[", n) + "\n", "--from", "jsonl"),
    one_row("JSON, escapes", lambda n: f'{{"url":"{HOST}/a","n":"{repeat(chr(92) * 2, n // 2 * 2)}"}}\n', "--from", "jsonl", "--to", "csv"),
    batch("JSON, bad rows first", lambda n: rows("x{}\n", n // 4) + f'{{"url":"{HOST}/a"}}\n', "--from", "jsonl", "--to", "csv"),
    batch("patterns in lines", lambda n: rows(f"{HOST}/{repeat('a', 8000)}{{}}\n", n), sign=[*SIGN, "-r", stars(3000)]),
    playlist("HLS, segments", lambda n: HLS + rows("#EXTINF:4,\n{}.ts\n", n)),
    playlist("HLS, --each", lambda n: HLS + rows("#EXTINF:4,\n{}.ts\n", n // 20), "--each"),
    playlist("HLS, one line", lambda n: HLS + "#EXTINF:4,\n" + repeat("a", n) + "\n"),
    playlist("HLS, attributes", lambda n: HLS + '#EXT-X-KEY:METHOD=AES-128,' + rows('A{}="x",', n) + 'URI="k"\n'),
    playlist("HLS, URI attributes", lambda n: HLS + '#EXT-X-MAP:' + repeat('URI="k",', n) + '\n'),
    playlist("HLS, variables", lambda n: HLS + rows('#EXT-X-DEFINE:NAME="v{0}",VALUE="x"\n{{$v{0}}}.ts\n', n)),
    playlist("HLS, quotes", lambda n: HLS + "#EXT-X-MAP:" + repeat('"', n) + "\n"),
    playlist("HLS, unclosed {$", lambda n: HLS + repeat("{$", n) + "\n"),
    playlist("HLS, --query-variables", lambda n: HLS + rows("#EXTINF:4,\n{}.ts\n", n), "--query-variables"),
    playlist("HLS, --resign", lambda n: HLS + rows("#EXTINF:4,\n{}.ts?Expires=1&Signature=AAAA&Key-Pair-Id=K1\n", n), "--resign"),
    playlist("DASH, SegmentURL", lambda n: MPD % ("<AdaptationSet><Representation><SegmentList>" + '<SegmentURL media="a.m4s"/>' * (n // 27) + "</SegmentList></Representation></AdaptationSet>")),
    playlist("DASH, BaseURL in a level", lambda n: MPD % f"<AdaptationSet>{'<BaseURL>a/</BaseURL>' * (n // 21)}<Representation/></AdaptationSet>"),
    playlist("DASH, BaseURL in each level", lambda n: MPD % ("<AdaptationSet><BaseURL>a/</BaseURL>" * (n // 60) + "</AdaptationSet>" * (n // 60))),
    playlist("DASH, depth", lambda n: MPD % ("<A>" * (n // 7) + "</A>" * (n // 7))),
    playlist("DASH, attributes", lambda n: MPD % ("<A " + rows('a{}="x" ', n) + "/>")),
    playlist("DASH, entities", lambda n: MPD % ("<BaseURL>" + "&amp;" * (n // 5) + "</BaseURL>")),
    argument("verify: long path", lambda n: f"{HOST}/{repeat('a', n)}?Expires=4102444800&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F", lambda a: ["verify", a, *VERIFY]),
    argument("verify: parameters", lambda n: f"{HOST}/a?{repeat('a=b&', n)}Expires=4102444800&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F", lambda a: ["verify", a, *VERIFY]),
    argument("verify: --resource pattern", lambda n: signed_by_openssl(f"{HOST}/{repeat('a', 30_000)}b", HOST + "/*" + repeat("a*", n // 2)), lambda a: ["verify", a, *VERIFY]),
    argument("verify: changed path", lambda n: signed(f"{HOST}/{repeat('a/', n // 2 * 2)}b").replace("/b?", "/c?"), lambda a: ["verify", a, *VERIFY]),
    stdin("verify: lines of stdin", lambda n: (signed(f"{HOST}/a") + "\n") * (n // 2000), ["verify", "-", *VERIFY]),
    source("verify: cookie jar", lambda n: cookies() + rows(".example.com\tTRUE\t/\tTRUE\t0\tn{}\tv\n", n), ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: cookie jar, same names", lambda n: cookies() + repeat(".example.com\tTRUE\t/\tTRUE\t0\tCloudFront-Policy\tv\n", n), ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: Cookie header", lambda n: "Cookie: " + rows("n{}=v; ", n), ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: Set-Cookie lines", lambda n: rows("Set-Cookie: CloudFront-Policy={}; Path=/; Secure\n", n), ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: JSON cookies", lambda n: "{" + rows('"n{}":"v",', n) + '"x":"y"}', ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: curl -v lines", lambda n: rows("< set-cookie: CloudFront-Policy={}; Path=/\n", n), ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: a browser's list", lambda n: "[" + rows('{{"name":"n{}","value":"v","domain":".example.com"}},', n) + '{"name":"x","value":"y"}]', ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: HAR", lambda n: '{"log":{"entries":[' + rows('{{"request":{{"url":"https://h.example/{}","cookies":[]}}}},', n) + '{"request":{"cookies":[]}}]}}', ["verify", f"{HOST}/a", *VERIFY, "--cookies"]),
    source("verify: --answer", lambda n: repeat("<Code>Access", n), ["verify", f"{HOST}/a", *VERIFY, "--answer"]),
    source("inspect: cookie jar", lambda n: cookies() + rows(".example.com\tTRUE\t/\tTRUE\t0\tn{}\tv\n", n), ["inspect", "-q", "--cookies"]),
    argument("inspect: parameters", lambda n: f"{HOST}/a?{repeat('a=b&', n)}Expires=4102444800&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F", lambda a: ["inspect", a, "-q"]),
    argument("inspect: policy", lambda n: signed_by_openssl(f"{HOST}/a", HOST + "/a*" + repeat("*", n // 2)), lambda a: ["inspect", a, "-q"]),
    source("key inspect: text before", lambda n: repeat("text\n", n) + PEM, ["key", "inspect"]),
    source("key inspect: dashes", lambda n: repeat("-----BEGIN ", n), ["key", "inspect"]),
    source("key inspect: blocks", lambda n: repeat(PEM, n), ["key", "inspect"]),
    source("key inspect: base64", lambda n: repeat("TUlJ", n), ["key", "inspect"]),
    source("key inspect: escapes", lambda n: repeat("\\\\n", n) + PEM, ["key", "inspect"]),
    source("key inspect: brackets", lambda n: repeat("[", n), ["key", "inspect"]),
    source("key public: text before", lambda n: repeat("text\n", n) + PEM, ["key", "public"]),
    source("key inspect: DER", lambda n: "0\x80" * (n // 2), ["key", "inspect"]),
]


def seconds(command, folder):
    """Processor time of a run, the least of five; the result of the run does not matter."""
    least = float("inf")
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(os.devnull, "wb") as sink, open(f"{folder}/input", "rb") as stdin:
            process = subprocess.run([CFSIGN, *command], cwd=folder, stdin=stdin, stdout=sink, stderr=sink)
        if process.returncode not in (0, 1, 2):
            sys.exit(f"error: exit code {process.returncode}: {' '.join(command)[:200]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
        if least > 2:
            break
    return least


def times_of(case, folder, base, size):
    """The times for n, 2n and 4n."""
    times = []
    for factor in (1, 2, 4):
        data = case.make(size * factor)
        argument = data
        if case.is_file:
            argument = "input"
            with open(f"{folder}/input", "w", newline="") as file:
                file.write(data)
        else:
            with open(f"{folder}/policy", "w") as file:
                file.write(policy(data))
        times.append(max(seconds(case.command(argument), folder) - base, 0))
        if times[-1] > TOO_LONG:
            break
    return times


def ratio_of(times):
    """The larger of the two ratios; `None` if the times are too short for one."""
    pairs = [(a, b) for a, b in zip(times, times[1:]) if b > MEASURABLE]
    return max((b / max(a, 0.005) for a, b in pairs), default=None)


def measured(case, folder, base):
    """n and the times. n grows until 2n can be measured, or 4n is as large as it may be."""
    size = min(1 << 13, case.largest // 4)
    times = times_of(case, folder, base, size)
    while max(times[:2]) <= MEASURABLE and size < case.largest // 4:
        size = min(2 * size, case.largest // 4)
        times = times_of(case, folder, base, size)
    # Other work on the machine makes times longer, never shorter.
    for _ in range(3):
        if (ratio_of(times) or 0) <= LIMIT or times[-1] > TOO_LONG:
            break
        times = [min(pair) for pair in zip(times, times_of(case, folder, base, size))]
    return size, times


def main():
    if not os.access(CFSIGN, os.X_OK):
        sys.exit(f'error: cannot run "{CFSIGN}"\nhint: cargo build --release --locked')
    folder = tempfile.mkdtemp(prefix="cfsign-linear-")
    worst = 0.0
    try:
        for name in ("p256-pkcs8.pem", "p256-public.pem"):
            shutil.copy(f"{ROOT}/tests/keys/{name}", folder)
            os.chmod(f"{folder}/{name}", 0o600)
        os.chdir(folder)
        open("input", "w").close()
        base = seconds(["policy", f"{HOST}/a", "-e", "4102444800"], folder)
        print("| input | n (kB) | n | 2n | 4n | ratio |\n|---|---:|---:|---:|---:|---:|")
        for case in CASES:
            if len(sys.argv) > 1 and not any(word in case.name for word in sys.argv[1:]):
                continue
            size, times = measured(case, folder, base)
            ratio = ratio_of(times)
            worst = max(worst, ratio or 0)
            cells = " | ".join(f"{time:.3f}" for time in times)
            shown = "-" if ratio is None else f"{ratio:.2f}"
            print(f"| {case.name} | {size / 1000:.0f} | {cells} | {shown} |", flush=True)
    finally:
        shutil.rmtree(folder)
    if worst > LIMIT:
        sys.exit(f"error: a doubling takes {worst:.2f} times as long")


main()
