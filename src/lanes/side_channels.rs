//! Tests that neither instructions nor addresses depend on secrets.
//!
//! The portable vectors run under Valgrind with secrets marked as uninitialized memory, which makes
//! Valgrind report each branch and each address that depends on one (A. Langley, "ctgrind", 2010).
//! Valgrind does not know AVX-512, so for those the time is measured with fixed and with random
//! secrets in random order, and compared with Welch's t-test (O. Reparaz, J. Balasch and
//! I. Verbauwhede, "Dude, is my code constant time?", 2017). Both compile from the same generic
//! code, in which only the vector operations differ.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used, unsafe_code)]

use std::array::from_fn;
use std::hint::black_box;
use std::process::{Command, Output};
use std::time::Instant;

use super::avx512::Avx512Ifma;
use super::comparisons::{key, lanes_key, numbers, point};
use super::limbs::{from_bytes, load};
use super::portable::Portable;
use super::vector::LANES;
use super::*;
use zeroize::Zeroizing;

fn rsa_key() -> Box<rsa::Key> {
    Box::new(lanes_key(&numbers(&key("rsa2048-pkcs8.pem"))).unwrap())
}

/// A request to Valgrind, a sequence of instructions without effect elsewhere (valgrind.h).
fn valgrind_request(request: u64, address: usize, length: usize) -> u64 {
    let arguments = [request, address as u64, length as u64, 0, 0, 0];
    let mut answer = 0_u64;
    // SAFETY: the rotations by 128 bits in all restore rdi, and Valgrind only writes to rdx.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const arguments,
            inout("rdx") answer,
            inout("rdi") 0_u64 => _,
        );
    }
    answer
}

fn runs_in_valgrind() -> bool {
    valgrind_request(0x1001, 0, 0) > 0
}

/// Marks a value as secret or public. The mutable reference is hidden from LLVM, which otherwise
/// may use what it knows of the value in place of the memory.
fn mark<T: ?Sized>(value: &mut T, is_secret: bool) {
    let request = if is_secret { 0x4d43_0001 } else { 0x4d43_0002 };
    let length = size_of_val(value);
    let address = (&raw mut *black_box(value)).cast::<u8>();
    valgrind_request(request, address.expose_provenance(), length);
}

#[test]
#[ignore = "Valgrind takes half a minute; .ci/run runs it"]
fn no_branch_or_address_depends_on_a_secret() {
    if runs_in_valgrind() {
        return sign_with_marked_secrets();
    }
    let name = "side_channels::no_branch_or_address_depends_on_a_secret";
    if let Some(output) = in_valgrind(name) {
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
    }
}

/// Runs a test of this file in Valgrind, which exits with the code 9 if it finds an error.
fn in_valgrind(test: &str) -> Option<Output> {
    let run = Command::new("valgrind")
        .args(["--quiet", "--error-exitcode=9"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--include-ignored", "--test-threads=1"])
        .output();
    match run {
        Ok(output) => {
            let summary = String::from_utf8_lossy(&output.stdout);
            assert!(summary.contains("1 passed"), "{summary}");
            Some(output)
        }
        Err(error) => {
            eprintln!("SKIPPED: valgrind: {error}");
            None
        }
    }
}

fn sign_with_marked_secrets() {
    let mut key = rsa_key();
    mark(&mut key.p, true);
    mark(&mut key.q, true);
    mark(&mut key.qinv, true);
    let message = [7; rsa::SIZE];
    let message = load(Portable, &[from_bytes(&message); LANES]);
    black_box(key.signature_of(Portable, &message));
    mark(&mut *key, false);

    let curve = Curve::new(Portable);
    let (scalar, point) = ([5; 32], point(&[5; 32]));
    let mut key = Box::new(ecdsa::Key::new(&curve, Portable, &scalar, &point));
    let mut inputs: Vec<Input> = (1..20)
        .map(|i| Input {
            digest: [i; 32],
            nonce: Zeroizing::new([i; 32]),
        })
        .collect();
    mark(&mut key.scalar, true);
    for input in &mut inputs {
        mark(&mut *input.nonce, true);
    }
    // The check that follows is of the signatures, which are public.
    black_box(ecdsa::sign_unchecked(&curve, Portable, &key, &inputs));
}

/// Proves that a branch on a marked value would be found.
#[test]
#[ignore = "needs Valgrind; .ci/run runs it"]
fn a_branch_on_a_secret_is_reported() {
    let name = "side_channels::a_branch_on_a_secret_is_reported";
    if runs_in_valgrind() {
        let mut secret = Box::new(3_u64);
        mark(&mut *secret, true);
        if black_box(*secret) == 4 {
            eprintln!("not reached");
        }
        return;
    }
    if let Some(output) = in_valgrind(name) {
        assert_eq!(output.status.code(), Some(9));
    }
}

/// The mean of some times, and the square of its standard error.
fn mean_and_error(times: &[f64]) -> (f64, f64) {
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    (mean, squares / (count - 1.0) / count)
}

/// Times `sign` with fixed (`true`) and random (`false`) secrets, and returns Welch's t of the
/// faster nine tenths: the rest is what interrupts took.
fn welch_t(count: usize, mut sign: impl FnMut(bool, &mut dyn FnMut() -> u64) -> f64) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut times: Vec<(bool, f64)> = Vec::with_capacity(count);
    for _ in 0..count {
        let is_fixed = random() >> 40 & 1 == 1;
        times.push((is_fixed, sign(is_fixed, &mut random)));
    }
    times.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let (mut fixed, mut varied) = (Vec::new(), Vec::new());
    for (is_fixed, time) in &times[..count * 9 / 10] {
        if *is_fixed {
            fixed.push(*time);
        } else {
            varied.push(*time);
        }
    }
    let ((fixed, a), (varied, b)) = (mean_and_error(&fixed), mean_and_error(&varied));
    (fixed - varied) / (a + b).sqrt()
}

fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64
}

/// The paper takes |t| above 10 for proof of a leak, and a leak grows with the number of
/// measurements, so the test repeats before it fails.
#[test]
#[ignore = "statistical, and takes minutes; .ci/run runs it"]
fn the_time_with_avx512_does_not_depend_on_secrets() {
    let Some(avx512) = Avx512Ifma::detect() else {
        eprintln!("SKIPPED: this processor has no AVX-512 IFMA");
        return;
    };
    let mut key = rsa_key();
    let messages = [[7; rsa::SIZE]; LANES];
    let rsa = || {
        welch_t(10_000, |is_fixed, random| {
            // Signatures with these exponents are wrong, and take the same steps.
            for digit in key.p.exponent.iter_mut().chain(&mut key.q.exponent) {
                let digit_if_random = random() as u8 & 0xf;
                *digit = if is_fixed { 0 } else { digit_if_random };
            }
            time(|| _ = black_box(key.sign(avx512, &messages)))
        })
    };
    assert_no_leak("RSA", rsa);
    let curve = Curve::new(avx512);
    let key = ecdsa::Key::new(&curve, avx512, &[5; 32], &point(&[5; 32]));
    let p256 = || {
        welch_t(100_000, |is_fixed, random| {
            let inputs: [Input; LANES] = from_fn(|_| {
                // Below the order, with its highest bit clear.
                let mut nonce: [u8; 32] = from_fn(|_| random() as u8);
                nonce[0] &= 0x7f;
                // By an index: a branch here may be mispredicted, which the first times would show.
                let nonces = [nonce, [0x35; 32]];
                Input {
                    digest: [9; 32],
                    nonce: Zeroizing::new(black_box(nonces)[usize::from(is_fixed)]),
                }
            });
            time(|| _ = black_box(ecdsa::sign_unchecked(&curve, avx512, &key, &inputs)))
        })
    };
    assert_no_leak("P-256", p256);
}

fn assert_no_leak(what: &str, mut measure: impl FnMut() -> f64) {
    let mut results = Vec::new();
    for _ in 0..3 {
        results.push(measure());
        if results.last().is_some_and(|t| t.abs() < 5.0) {
            eprintln!("{what}: Welch's t {results:.2?}");
            return;
        }
    }
    panic!("{what}: the time depends on secrets: Welch's t {results:.2?}");
}
