//! Where private keys are in the memory of a process, and where they are not.
//!
//! `cfsign batch` is stopped short by input that does not come: it has read its key, signed with
//! it, and waits.
#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::process::{Child, Stdio};

use crate::common::{CFSIGN, Sandbox, is_here, skipped, stdout_of, text};
use rsa::pkcs1::der::Decode;

const SIGN: [&str; 6] = [
    "-k",
    "K2JCJMDEHXQW5F",
    "-e",
    "1800000000",
    "--now",
    "2026-12-01",
];

/// How many rows are signed: enough for both threads.
const ROWS: usize = 32;

/// A run of `cfsign batch` that has signed and waits for more rows.
struct Waiting {
    child: Child,
    /// The end of the rows would be the end of the run.
    _rows: File,
}

impl Waiting {
    /// Has the run read its key as `arguments` say, with `stdin` on standard input.
    fn new(
        sandbox: &Sandbox,
        arguments: &[&str],
        stdin: &str,
        environment: Option<(&str, &str)>,
    ) -> Self {
        let _ = fs::remove_file(sandbox.join("rows"));
        assert!(sandbox.shell("mkfifo rows").status().unwrap().success());
        // Open for reading too, so that opening does not wait for the other end.
        let mut rows = File::options()
            .read(true)
            .write(true)
            .open(sandbox.join("rows"))
            .unwrap();
        let mut command = sandbox.cfsign(&["batch", "rows", "--jobs", "2"]);
        command
            .args(SIGN)
            .args(arguments)
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        // The first row alone, which AWS-LC signs on every processor, then several at a time.
        let mut signed = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        for group in [0..1, 1..ROWS] {
            for row in group.clone() {
                writeln!(rows, "https://h.example/{row}").unwrap();
            }
            for _ in group {
                let line = signed.next().unwrap().unwrap();
                assert!(line.contains("&Signature="), "{arguments:?}");
            }
        }
        Waiting { child, _rows: rows }
    }

    /// All that the process can write to, which is where it can keep a secret; `None`, said aloud,
    /// where the system does not let others look.
    fn memory(&self, test: &str) -> Option<Memory> {
        let folder = format!("/proc/{}", self.child.id());
        let look = || -> io::Result<Memory> {
            let memory = File::open(format!("{folder}/mem"))?;
            let maps = fs::read_to_string(format!("{folder}/maps"))?;
            let writable = maps
                .lines()
                .filter(|line| line.split(' ').nth(1).unwrap().starts_with("rw"));
            let regions = writable.map(|line| {
                let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
                let [start, end] =
                    [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
                let mut bytes = vec![0; (end - start) as usize];
                memory.read_exact_at(&mut bytes, start).map(|()| bytes)
            });
            let regions: Vec<Vec<u8>> = regions.collect::<io::Result<_>>()?;
            Ok(Memory::of(&regions))
        };
        look()
            .map_err(|e| {
                skipped(
                    test,
                    &format!("the memory of a process cannot be read: {e}"),
                )
            })
            .ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The memory of a process, without the pages that nothing was written to.
struct Memory(Vec<Vec<u8>>);

impl Memory {
    fn of(regions: &[Vec<u8>]) -> Self {
        const EMPTY: [u8; 4096] = [0; 4096];
        let mut written = Vec::new();
        for region in regions {
            let pages: Vec<&[u8]> = region.chunks(EMPTY.len()).collect();
            let runs = pages.split(|page| *page == EMPTY);
            written.extend(runs.filter(|run| !run.is_empty()).map(<[_]>::concat));
        }
        Memory(written)
    }

    /// How often a secret is there: of all its pieces of eight bytes, that which is there least
    /// often, and that which is there most often.
    fn copies(&self, secret: &[u8]) -> (usize, usize) {
        let mut found: HashMap<&[u8], usize> = secret.windows(8).map(|piece| (piece, 0)).collect();
        // Most pieces of the memory begin with other bytes, which is seen faster than looked up.
        let mut beginnings = vec![false; 1 << 16];
        let beginning = |piece: &[u8]| usize::from(piece[0]) << 8 | usize::from(piece[1]);
        for piece in secret.windows(8) {
            beginnings[beginning(piece)] = true;
        }
        for piece in self.0.iter().flat_map(|region| region.windows(8)) {
            if beginnings[beginning(piece)]
                && let Some(count) = found.get_mut(piece)
            {
                *count += 1;
            }
        }
        (
            *found.values().min().unwrap(),
            *found.values().max().unwrap(),
        )
    }

    /// Checks that a number is in memory at most `copies` times, whole, in the little-endian form
    /// of the crates that calculate; and that no part of it is there big-endian, as in files, but
    /// for the 32 bytes that the P-256 lanes sign with.
    fn holds(&self, what: &str, number: &[u8], copies: usize) {
        let reversed: Vec<u8> = number.iter().rev().copied().collect();
        let (least, most) = self.copies(&reversed);
        assert!(least == most && most <= copies, "{what}: {least} to {most}");
        let (_, most) = self.copies(number);
        let allowed = usize::from(number.len() == 32);
        assert!(most <= allowed, "{what} as in a file: {most}");
    }

    /// Checks that no part of a text is there.
    fn lacks(&self, what: &str, text: &str) {
        assert_eq!(self.copies(text.as_bytes()), (0, 0), "{what}");
    }
}

/// The base64 of a PEM file in one line.
fn body(pem: &[u8]) -> String {
    text(pem)
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect()
}

/// The secret numbers of the RSA key, and in how many places each is at most while it is in use: in
/// the key that was read, and with AWS-LC, in the numbers that it was given and in the copies of
/// fixed length that it makes of all but the last at the first signature; without AWS-LC, in the
/// `rsa` crate's key, which has the primes also as moduli of Montgomery multiplication, and 1/q in
/// Montgomery form only.
fn rsa_numbers(sandbox: &Sandbox) -> [(&'static str, Vec<u8>, usize); 6] {
    let der = sandbox.read("rsa2048-pkcs1.der");
    let key = rsa::pkcs1::RsaPrivateKeyRef::from_der(&der).unwrap();
    let [d, p, q, dp, dq, qinv] = if cfg!(feature = "aws-lc") {
        [3, 3, 3, 3, 3, 2]
    } else {
        [2, 4, 3, 2, 2, 1]
    };
    [
        ("d", key.private_exponent, d),
        ("p", key.prime1, p),
        ("q", key.prime2, q),
        ("d mod p-1", key.exponent1, dp),
        ("d mod q-1", key.exponent2, dq),
        ("1/q mod p", key.coefficient, qinv),
    ]
    .map(|(name, number, copies)| (name, number.as_bytes().to_vec(), copies))
}

/// The secret number of the P-256 key, which the `p256` crate keeps in one place.
fn p256_number(sandbox: &Sandbox) -> [(&'static str, Vec<u8>, usize); 1] {
    let der = sandbox.read("p256-sec1.der");
    [(
        "d",
        sec1::EcPrivateKey::from_der(&der)
            .unwrap()
            .private_key
            .to_vec(),
        1,
    )]
}

const WAYS: &str = "private keys in memory";

#[test]
fn a_key_in_use_is_in_memory_as_numbers_only() {
    let sandbox = Sandbox::new();
    sandbox.write("passphrase", "correct horse\n");
    let rsa = rsa_numbers(&sandbox);
    let p256 = p256_number(&sandbox);
    for (kind, numbers) in [("rsa2048", rsa.as_slice()), ("p256", p256.as_slice())] {
        let pem = text(&sandbox.read(&format!("{kind}-pkcs8.pem")));
        let [plain, encrypted] = ["pkcs8", "encrypted"].map(|form| format!("{kind}-{form}.pem"));
        for (arguments, stdin) in [
            (["-p", &plain].as_slice(), ""),
            (&["-p", "-"], &pem),
            (&["-p", &encrypted, "--passphrase", "passphrase"], ""),
            (&["-p", &encrypted, "--passphrase", "-"], "correct horse\n"),
        ] {
            let Some(memory) = Waiting::new(&sandbox, arguments, stdin, None).memory(WAYS) else {
                return;
            };
            for (name, number, copies) in numbers {
                memory.holds(&format!("{arguments:?}: {name}"), number, *copies);
            }
            memory.lacks(&format!("{arguments:?}: PEM"), &body(pem.as_bytes()));
            memory.lacks(&format!("{arguments:?}: passphrase"), "correct horse");
        }
    }
}

#[test]
fn a_key_from_the_environment_stays_there() {
    let sandbox = Sandbox::new();
    let pem = text(&sandbox.read("rsa2048-pkcs8.pem"));
    let waiting = Waiting::new(&sandbox, &["-p", "env:KEY"], "", Some(("KEY", &pem)));
    let Some(memory) = waiting.memory(WAYS) else {
        return;
    };
    for (name, number, copies) in rsa_numbers(&sandbox) {
        memory.holds(name, &number, copies);
    }
    // The one copy that the system made when the process began: no process can be sure to wipe it.
    for line in pem.lines().filter(|line| !line.starts_with("-----")) {
        assert_eq!(memory.copies(line.as_bytes()), (1, 1), "{line}");
    }
}

#[test]
fn a_crash_leaves_no_core_file() {
    let sandbox = Sandbox::new();
    let waiting = Waiting::new(&sandbox, &["-p", "p256-pkcs8.pem"], "", None);
    let limits = fs::read_to_string(format!("/proc/{}/limits", waiting.child.id())).unwrap();
    let core = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))
        .unwrap();
    let soft: u64 = core.split_whitespace().next().unwrap().parse().unwrap();
    assert!(soft <= 1, "{core}");
}

#[test]
#[ignore = "valgrind takes its time"]
fn the_engine_reads_and_leaves_nothing_amiss() {
    if !is_here("valgrind", "memory errors and leaks") {
        return;
    }
    let sandbox = Sandbox::new();
    let urls = "https://h.example/a https://h.example/b https://h.example/c";
    for key in [
        "rsa2048-pkcs8.pem",
        "rsa2048-e3.pem",
        "rsa4096.pem",
        "p256-pkcs8.pem",
    ] {
        let sign = format!("'{CFSIGN}' url {urls} --quiet -p {key} {}", SIGN.join(" "));
        let valgrind = "valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99";
        let output = sandbox
            .shell(&format!("{valgrind} {sign}"))
            .output()
            .unwrap();
        assert_eq!(
            (output.status.code(), text(&output.stderr)),
            (Some(0), String::new()),
            "{key}"
        );
        assert_eq!(
            text(&output.stdout),
            stdout_of(&mut sandbox.shell(&sign)),
            "{key}"
        );
    }
}
