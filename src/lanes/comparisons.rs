//! The lanes against other implementations, and the two instruction sets against each other.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

use ::rsa::BoxedUint;
use ::rsa::hazmat::rsa_decrypt_and_check;
use ::rsa::pkcs8::DecodePrivateKey;
use ::rsa::traits::{PrivateKeyParts, PublicKeyParts};
use getrandom::SysRng;
use zeroize::Zeroizing;

use super::limbs::{add, carry, from_bytes, load, store, subtract, to_bytes};
use super::montgomery::Modulus;
use super::portable::Portable;
use super::vector::{InstructionSet, LANES, LIMB_MASK, Vector};
use super::*;

/// Says so where a test checks less for lack of the instructions.
fn avx512() -> Option<Instructions> {
    let detected = Instructions::detect();
    if detected.is_none() {
        eprintln!("SKIPPED: this processor has no AVX-512 IFMA");
    }
    detected
}

/// Numbers that look random, the same in every run (xorshift64*).
pub struct Numbers64(pub u64);

impl Numbers64 {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

#[test]
fn both_instruction_sets_compute_the_same() {
    let Some(avx512) = avx512() else { return };
    let edges = [
        0,
        1,
        LIMB_MASK - 1,
        LIMB_MASK,
        LIMB_MASK + 1,
        1 << 63,
        u64::MAX - 1,
        u64::MAX,
    ];
    fn all<I: InstructionSet>(i: I, a: u64, b: u64, c: u64) -> [[u64; LANES]; 8] {
        i.run(
            #[inline(always)]
            || {
                let (x, y, z) = (
                    i.splat(a),
                    i.load([b; LANES]),
                    i.load([c, a, b, c, a, b, c, a]),
                );
                [
                    x + z,
                    x - z,
                    x.add_product_low(y, z),
                    x.add_product_high(y, z),
                    z.limb(),
                    z.carry(),
                    x.select(y.equals(z), z),
                    z.select(x.equals(z), y),
                ]
                .map(Vector::store)
            },
        )
    }
    for a in edges {
        for b in edges {
            for c in edges {
                assert_eq!(all(avx512, a, b, c), all(Portable, a, b, c), "{a} {b} {c}");
            }
        }
    }
}

#[test]
fn bytes_survive_the_way_through_limbs() {
    let mut numbers = Numbers64(1);
    for _ in 0..100 {
        let bytes: [u8; 32] = numbers.bytes();
        assert_eq!(to_bytes::<5, 32>(&from_bytes(&bytes)), bytes);
        let bytes: [u8; 256] = numbers.bytes();
        assert_eq!(to_bytes::<40, 256>(&from_bytes(&bytes)), bytes);
    }
    assert_eq!(from_bytes::<5>(&[0xff; 32])[4], (1 << 48) - 1);
    assert_eq!(from_bytes::<5>(&[1]), [1, 0, 0, 0, 0]);
}

/// Products modulo 2^61 - 1 in five limbs can be checked with integers.
#[test]
fn products_are_those_of_integers() {
    const M: u64 = (1 << 61) - 1;
    let modulus = Modulus::<5>::new(&M.to_be_bytes());
    let field = modulus.on(Portable);
    let mut numbers = Numbers64(7);
    let mut edges = vec![0, 1, 2, LIMB_MASK, LIMB_MASK + 1, M - 2, M - 1];
    edges.extend((0..17).map(|_| numbers.next() % M));
    for a in &edges {
        for b in edges.chunks_exact(LANES) {
            let lanes = |numbers: &[u64]| {
                let limbs: Vec<_> = numbers
                    .iter()
                    .map(|n| from_bytes(&n.to_be_bytes()))
                    .collect();
                load(Portable, &limbs.try_into().unwrap())
            };
            let product = field.product(&lanes(&[*a; LANES]), &field.r(2));
            let product = field.reduce(&field.product(&product, &lanes(b)));
            for (product, b) in store(&product).iter().zip(b) {
                let expected = u128::from(*a) * u128::from(*b) % u128::from(M);
                assert_eq!(
                    u64::from_be_bytes(to_bytes(product)),
                    expected as u64,
                    "{a} {b}"
                );
            }
        }
    }
}

#[test]
fn squares_are_products() {
    let mut numbers = Numbers64(3);
    for edge in [0x00, 0xff, 0x5a] {
        let mut modulus: [u8; 128] = [edge; 128];
        if edge == 0x5a {
            modulus = numbers.bytes();
        }
        modulus[0] |= 0x80;
        modulus[127] |= 1;
        let modulus = Modulus::<20>::new(&modulus);
        let field = modulus.on(Portable);
        for _ in 0..20 {
            let lanes: [[u64; 20]; LANES] =
                std::array::from_fn(|_| from_bytes(&numbers.bytes::<128>()));
            let number = load(Portable, &lanes);
            let mut square = number;
            field.square(&mut square, &mut [number; 2], |_| {});
            let product = field.product(&number, &number);
            assert_eq!(
                store(&field.reduce(&square)),
                store(&field.reduce(&product))
            );
        }
    }
}

#[test]
fn carries_run_through_every_limb() {
    let ones = load(Portable, &[[LIMB_MASK; 5]; LANES]);
    let one = load(Portable, &[[1, 0, 0, 0, 0]; LANES]);
    let mut sum = add(&ones, &one);
    carry(&mut sum);
    assert_eq!(store(&sum), [[0, 0, 0, 0, 1 << 52]; LANES]);
    let mut difference = subtract(&subtract(&one, &one), &one);
    carry(&mut difference);
    let last = u64::MAX;
    assert_eq!(
        store(&difference),
        [[LIMB_MASK, LIMB_MASK, LIMB_MASK, LIMB_MASK, last]; LANES]
    );
}

pub fn key(name: &str) -> ::rsa::PrivateKey {
    let path = format!("{}/../../tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    let pem = pem::parse(std::fs::read(path).unwrap()).unwrap();
    ::rsa::PrivateKey::from_pkcs8_der(pem.contents()).unwrap()
}

/// The numbers of a key as bytes, in the order of [`Rsa::new`].
pub fn numbers(key: &::rsa::PrivateKey) -> [Vec<u8>; 8] {
    let [p, q] = [&key.primes()[0], &key.primes()[1]];
    let (dp, dq) = (key.dp().unwrap(), key.dq().unwrap());
    let qinv = key.qinv().unwrap().retrieve();
    [key.n().as_ref(), key.e(), key.d(), p, q, dp, dq, &qinv]
        .map(|number| number.to_be_bytes_trimmed_vartime().to_vec())
}

pub fn lanes_key(numbers: &[Vec<u8>; 8]) -> Option<rsa::Key> {
    rsa::Key::new(numbers.each_ref().map(Vec::as_slice))
}

/// Signs with every instruction set that is here, and compares.
fn assert_signs(key: &rsa::Key, messages: &[Block; LANES], expected: &[Option<Block>; LANES]) {
    assert_eq!(&key.sign(Portable, messages), expected);
    if let Some(avx512) = avx512() {
        assert_eq!(&key.sign(avx512, messages), expected);
    }
}

/// Messages below every modulus of 2048 bits.
fn messages(seed: u64) -> [Block; LANES] {
    let mut numbers = Numbers64(seed);
    std::array::from_fn(|_| {
        let mut message = numbers.bytes();
        message[0] &= 0x7f;
        message
    })
}

fn by_rsa(key: &::rsa::PrivateKey, message: &Block) -> Block {
    let message = BoxedUint::from_be_slice(message, 2048).unwrap();
    let signature = rsa_decrypt_and_check(key, None::<&mut SysRng>, &message);
    let bytes = signature.unwrap().to_be_bytes();
    bytes[bytes.len() - rsa::SIZE..].try_into().unwrap()
}

/// The portable vectors make the signatures of the `rsa` crate, so that the code above them is
/// right also where the tests run without AVX-512.
#[test]
fn rsa_signatures_are_those_of_the_rsa_crate() {
    for name in ["rsa2048-pkcs8.pem", "rsa2048-e3.pem"] {
        let key = key(name);
        let messages = messages(5);
        let expected = messages.map(|message| Some(by_rsa(&key, &message)));
        assert_signs(&lanes_key(&numbers(&key)).unwrap(), &messages, &expected);
    }
}

/// RSA has fixed points: 0, 1 and n - 1 are their own signatures.
#[test]
fn fixed_points_of_rsa_are_signed() {
    let numbers = numbers(&key("rsa2048-pkcs8.pem"));
    let mut minus_one: Block = numbers[0].clone().try_into().unwrap();
    minus_one[255] -= 1;
    let (zero, mut one) = ([0; 256], [0; 256]);
    one[255] = 1;
    let messages = [zero, one, minus_one, one, zero, minus_one, zero, one];
    let key = lanes_key(&numbers).unwrap();
    assert_signs(&key, &messages, &messages.map(Some));
}

/// A message that is not below the modulus cannot be recovered, which stands for any fault in one
/// lane: the others are not affected.
#[test]
fn a_lane_that_fails_the_check_stays_alone() {
    let mut messages = messages(6);
    messages[3] = [0xff; 256];
    let key = lanes_key(&numbers(&key("rsa2048-pkcs8.pem"))).unwrap();
    for (lane, signature) in key.sign(Portable, &messages).iter().enumerate() {
        assert_eq!(signature.is_none(), lane == 3, "{lane}");
    }
}

#[test]
fn damaged_rsa_numbers_sign_nothing() {
    let good = numbers(&key("rsa2048-pkcs8.pem"));
    for (what, number, byte, bit) in [
        ("e", 1, 0, 2),
        ("p", 3, 64, 4),
        ("q", 4, 1, 4),
        ("d mod p-1", 5, 100, 1),
        ("d mod q-1", 6, 0, 1),
        ("1/q mod p", 7, 50, 0x80),
    ] {
        let mut damaged = good.clone();
        damaged[number][byte] ^= bit;
        let damaged = lanes_key(&damaged).unwrap();
        let signatures = damaged.sign(Portable, &messages(7));
        assert_eq!(signatures, [None; LANES], "{what}");
    }
}

#[test]
fn rsa_keys_of_other_forms_are_left_to_others() {
    for name in ["rsa1024.pem", "rsa2047.pem", "rsa4096.pem"] {
        assert!(lanes_key(&numbers(&key(name))).is_none(), "{name}");
    }
    let good = numbers(&key("rsa2048-pkcs8.pem"));
    for (what, number, value) in [
        ("the exponent 1", 1, vec![1]),
        ("an even exponent", 1, vec![4]),
        ("an even p", 3, [&good[3][..127], &[2]].concat()),
        ("an even q", 4, [&good[4][..127], &[2]].concat()),
    ] {
        let mut other = good.clone();
        other[number] = value;
        assert!(lanes_key(&other).is_none(), "{what}");
    }
}

/// Those of the key files have no bit set between the first and the last.
#[test]
fn rsa_exponents_with_more_bits() {
    let key = key("rsa2048-pkcs8.pem");
    let primes: Vec<BoxedUint> = key
        .primes()
        .iter()
        .map(|prime| prime.as_ref().clone())
        .collect();
    let mut compared = 0;
    for e in [7_u32, 11, 13, 19, 23, 29, 31, 37, 0x1_0015] {
        // It may have a factor in common with one of the primes less one.
        if let Ok(key) = ::rsa::PrivateKey::from_primes(primes.clone(), e.into()) {
            let messages = messages(u64::from(e));
            let expected = messages.map(|message| Some(by_rsa(&key, &message)));
            assert_signs(&lanes_key(&numbers(&key)).unwrap(), &messages, &expected);
            compared += 1;
        }
    }
    assert!(compared > 2, "{compared}");
}

#[test]
fn multiples_of_the_generator_are_those_of_the_p256_crate() {
    if avx512().is_none() {
        return;
    }
    let scalars: Vec<Bytes> = (1..20).map(|number| [number; 32]).collect();
    // The first number of a signature is the multiple of its nonce.
    let expected = scalars
        .iter()
        .map(|scalar| by_p256(&[1; 32], scalar, &[1; 32]).r);
    assert_eq!(multiples_of_generator(&scalars), Some(expected.collect()));
    for scalar in [[0; 32], [0xff; 32]] {
        assert_eq!(multiples_of_generator(&[[1; 32], scalar]), None);
    }
}

/// Every number of messages, so that lanes and groups are left over in every way.
#[test]
fn any_number_of_messages_is_signed_in_order() {
    let Some(instructions) = avx512() else { return };
    let key = key("rsa2048-pkcs8.pem");
    let rsa = Rsa {
        instructions,
        key: Box::new(lanes_key(&numbers(&key)).unwrap()),
    };
    let messages = [messages(8), messages(9), messages(10)].concat();
    let expected: Vec<_> = messages
        .iter()
        .map(|message| Some(by_rsa(&key, message)))
        .collect();
    for count in [1, 7, 8, 9, 17] {
        assert_eq!(rsa.sign(&messages[..count]), expected[..count], "{count}");
    }
    let scalar = scalar(b"a private key");
    let p256 = P256::new(&scalar, &point(&scalar)).unwrap();
    let mut numbers = Numbers64(11);
    let inputs: Vec<Input> = (1..70)
        .map(|_| input(numbers.bytes(), numbers.bytes()))
        .collect();
    for count in 1..70 {
        let signatures = p256.sign(&inputs[..count]);
        assert_eq!(signatures.len(), count);
        for (input, signature) in inputs.iter().zip(signatures) {
            let expected = by_p256(&scalar, &input.nonce, &input.digest);
            assert_eq!(signature, Some(expected), "{count}");
        }
    }
}

/// A number of at most 32 bytes.
fn scalar(digits: &[u8]) -> Bytes {
    let mut scalar = [0; 32];
    scalar[32 - digits.len()..].copy_from_slice(digits);
    scalar
}

/// The nonce is made smaller than the order.
fn input(digest: Bytes, mut nonce: Bytes) -> Input {
    nonce[0] &= 0x7f;
    Input {
        digest,
        nonce: Zeroizing::new(nonce),
    }
}

/// Signatures for nonces at both ends of their range, checked by the `p256` crate.
#[test]
fn nonces_at_the_edges_make_valid_signatures() {
    use ::p256::Scalar;
    let mut nonces = Vec::new();
    for small in 1..=40_u64 {
        // The second one is the order less the first.
        nonces.extend([Scalar::from(small), -Scalar::from(small)]);
    }
    let mut power = Scalar::ONE;
    for _ in 0..255 {
        // Powers of two, and one less: every window of Booth's digits carries into the next.
        let next = power.double();
        nonces.extend([power, next - Scalar::ONE]);
        power = next;
    }
    let mut inputs = Vec::new();
    for (i, nonce) in nonces.iter().enumerate() {
        // The largest digest is above the order.
        let digests = [[0xff; 32], scalar(&[i as u8])];
        inputs.push(Input {
            digest: digests[i % 2],
            nonce: Zeroizing::new(nonce.to_bytes().into()),
        });
    }
    let scalar = scalar(b"a private key");
    let curve = Curve::new(Portable);
    let key = ecdsa::Key::new(&curve, Portable, &scalar, &point(&scalar));
    let mut signatures = Vec::new();
    // Each group by itself: nonces as close as these may add up to opposite points in the check.
    for inputs in inputs.chunks(LANES) {
        signatures.extend(ecdsa::sign(&curve, Portable, &key, inputs));
    }
    if let Some(avx512) = avx512() {
        let curve = Curve::new(avx512);
        let mut again = Vec::new();
        for inputs in inputs.chunks(LANES) {
            again.extend(ecdsa::sign(&curve, avx512, &key, inputs));
        }
        assert_eq!(again, signatures);
    }
    for (input, signature) in inputs.iter().zip(signatures) {
        let expected = by_p256(&scalar, &input.nonce, &input.digest);
        assert_eq!(signature, Some(expected), "{:x?}", input.nonce);
    }
}

/// A signature as the standard says, in the arithmetic of the `p256` crate.
pub fn by_p256(key: &Bytes, nonce: &Bytes, digest: &Bytes) -> Signature {
    use ::p256::elliptic_curve::ff::PrimeField;
    use ::p256::elliptic_curve::ops::Reduce;
    use ::p256::elliptic_curve::point::AffineCoordinates;
    use ::p256::{FieldBytes, ProjectivePoint, Scalar};
    let [d, k, z] = [key, nonce, digest]
        .map(|number| <Scalar as Reduce<FieldBytes>>::reduce(&(*number).into()));
    let x = (ProjectivePoint::GENERATOR * k).to_affine().x();
    let r = <Scalar as Reduce<FieldBytes>>::reduce(&x);
    let s = k.invert().unwrap() * (z + r * d);
    Signature {
        r: r.to_repr().into(),
        s: s.to_repr().into(),
    }
}

/// The public key of a private key, as coordinates.
pub fn point(scalar: &Bytes) -> [Bytes; 2] {
    let key = ::p256::SecretKey::from_slice(scalar).unwrap();
    let point = key.public_key().to_sec1_bytes();
    [&point[1..33], &point[33..]].map(|coordinate| coordinate.try_into().unwrap())
}
