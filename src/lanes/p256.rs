//! The group of the elliptic curve P-256: multiples of its generator, eight at a time.
//!
//! Points are in Jacobian coordinates `(X, Y, Z)`, which stand for `x = X / Z^2`, `y = Y / Z^3`.
//! All coordinates are in Montgomery form and below `2 p`.
//!
//! Sources: FIPS 186-5 and SP 800-186, section 3.2.1.3; D. Bernstein and T. Lange,
//! "Explicit-Formulas Database", madd-2007-bl and dbl-2001-b; A. Booth, "A signed binary
//! multiplication technique" (1951).

use std::array::from_fn;

use super::limbs::{Limbs, Numbers, add, carry, from_bytes, load, select, splat, store, subtract};
use super::montgomery::{Modulus, Montgomery, subtract_if_not_less};
use super::vector::{InstructionSet, LANES, Vector};

/// The limbs of a coordinate or scalar: 260 bits.
pub const LIMBS: usize = 5;

/// Eight coordinates or scalars.
pub type Scalars<I> = Numbers<I, LIMBS>;

/// The size of a coordinate or scalar in bytes.
pub const SIZE: usize = 32;

/// The bits of a scalar that one point addition covers.
const WINDOW: usize = 5;
/// The windows of a scalar of 256 bits and the sign bit.
const WINDOWS: usize = 257_usize.div_ceil(WINDOW);
/// The positive digits of a window.
const DIGITS: usize = 1 << (WINDOW - 1);

const P: [u8; SIZE] = hex(b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
const N: [u8; SIZE] = hex(b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const GENERATOR: [[u8; SIZE]; 2] = [
    hex(b"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
    hex(b"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
];

/// Returns whether a number is above zero and below the order, in variable time.
pub fn is_scalar(number: &[u8; SIZE]) -> bool {
    *number > [0; SIZE] && *number < N
}

/// The curve, with the multiples of its generator.
pub struct Curve {
    p: Modulus<LIMBS>,
    pub n: Modulus<LIMBS>,
    pub generator: Multiples,
}

/// The affine points `d 32^i P` for the digits `d` from 1 to 16, for each window `i`.
#[derive(Clone)]
pub struct Multiples(pub(super) Vec<[Affine; DIGITS]>);

/// The x and y coordinates of a point, in Montgomery form.
pub type Affine = [Limbs<LIMBS>; 2];

/// Eight points.
#[derive(Clone, Copy)]
struct Points<I: InstructionSet> {
    x: Scalars<I>,
    y: Scalars<I>,
    z: Scalars<I>,
}

impl Curve {
    pub fn new(instructions: impl InstructionSet) -> Self {
        let mut curve = Curve {
            p: Modulus::new(&P),
            n: Modulus::new(&N),
            generator: Multiples(Vec::new()),
        };
        curve.generator = curve.multiples(instructions, &GENERATOR);
        curve
    }

    /// The x coordinate, reduced modulo the order of the group, of each scalar times the generator.
    /// Scalars are big-endian, above zero and below the order.
    #[inline(always)]
    pub fn multiples_of_generator<I: InstructionSet>(
        &self,
        instructions: I,
        scalars: &[[[u8; SIZE]; LANES]],
    ) -> Vec<Scalars<I>> {
        let field = Field::new(&self.p, instructions);
        let points: Vec<Points<I>> = scalars
            .iter()
            .map(|scalars| field.sum_of_multiples(&[(&self.generator, scalars)]))
            .collect();
        let mut inverses: Vec<Scalars<I>> = points.iter().map(|point| point.z).collect();
        invert(&field.montgomery, &mut inverses);
        let order = self.n.on(instructions);
        let mut coordinates = Vec::with_capacity(points.len());
        for (point, inverse) in points.iter().zip(&inverses) {
            let x = field.product(&field.product(&point.x, inverse), inverse);
            let x = field
                .montgomery
                .reduce(&field.product(&x, &field.montgomery.one()));
            coordinates.push(order.reduce(&x));
        }
        coordinates
    }

    /// The lanes in which the sum of some multiples has the x-coordinate `r`, for scalars and `r`
    /// that are public.
    ///
    /// `r` is compared without dividing by `Z^2`, and not modulo the order: a sum whose x-coordinate
    /// is not below the order counts as wrong, which happens in one of 2^128 cases.
    #[inline(always)]
    pub fn sum_has_x<I: InstructionSet>(
        &self,
        instructions: I,
        terms: &[(&Multiples, &[[u8; SIZE]; LANES])],
        r: &Scalars<I>,
    ) -> [bool; LANES] {
        let field = Field::new(&self.p, instructions);
        let sum = field.sum_of_multiples(terms);
        let zz = field.product(&sum.z, &sum.z);
        let r = field.product(r, &field.montgomery.r(2));
        let expected = store(&field.montgomery.reduce(&field.product(&r, &zz)));
        let x = store(&field.montgomery.reduce(&sum.x));
        // Zero for the point at infinity, and for a sum that the formulas for adding do not cover.
        let zz = store(&field.montgomery.reduce(&zz));
        from_fn(|lane| {
            let limbs = x[lane].iter().zip(&expected[lane]);
            let difference = limbs.fold(0, |difference, (a, b)| difference | (a ^ b));
            let any = zz[lane].iter().fold(0, |any, limb| any | limb);
            (difference == 0) & (any != 0)
        })
    }

    /// Computes the multiples of a point, eight windows at a time, one in each lane.
    pub fn multiples<I: InstructionSet>(
        &self,
        instructions: I,
        point: &[[u8; SIZE]; 2],
    ) -> Multiples {
        instructions.run(
            #[inline(always)]
            || {
                let field = Field::new(&self.p, instructions);
                let [x, y] = point.each_ref().map(|coordinate| {
                    let coordinate = splat(instructions, &from_bytes(coordinate));
                    field.product(&coordinate, &field.montgomery.r(2))
                });
                let z = field.montgomery.r(1);
                let mut base = Points { x, y, z };
                let mut bases = Vec::with_capacity(WINDOWS);
                for _ in 0..WINDOWS {
                    bases.push(base);
                    for _ in 0..WINDOW {
                        base = field.double(&base);
                    }
                }
                let bases = field.to_affine(&bases);
                let mut table = Vec::with_capacity(WINDOWS);
                for group in bases.chunks(LANES) {
                    let lanes: [Affine; LANES] =
                        from_fn(|lane| group[lane.min(group.len() - 1)][lane]);
                    let x = load(instructions, &lanes.map(|[x, _]| x));
                    let y = load(instructions, &lanes.map(|[_, y]| y));
                    let base = Points { x, y, z };
                    let mut multiples = vec![base, field.double(&base)];
                    for digit in 2..DIGITS {
                        multiples.push(field.add(&multiples[digit - 1], &x, &y));
                    }
                    let multiples = field.to_affine(&multiples);
                    table.extend(
                        (0..group.len()).map(|lane| from_fn(|digit| multiples[digit][lane])),
                    );
                }
                Multiples(table)
            },
        )
    }
}

/// Arithmetic modulo p.
struct Field<'m, I: InstructionSet> {
    montgomery: Montgomery<'m, I, LIMBS>,
    twice_p: Scalars<I>,
}

impl<'m, I: InstructionSet> Field<'m, I> {
    #[inline(always)]
    fn new(p: &'m Modulus<LIMBS>, instructions: I) -> Self {
        let montgomery = p.on(instructions);
        let twice_p = add(montgomery.modulus(), montgomery.modulus());
        Field {
            montgomery,
            twice_p,
        }
    }

    /// The sum of points times their scalars: of one multiple from each window of each point.
    ///
    /// Windows are added from the least significant one up. For one scalar below the order, the sum
    /// so far and the next multiple are then never equal or opposite, so the formula for adding
    /// different points is enough. With two points that happens by chance only, in one of 2^250
    /// cases, and makes `Z` zero.
    #[inline(always)]
    fn sum_of_multiples(&self, terms: &[(&Multiples, &[[u8; SIZE]; LANES])]) -> Points<I> {
        let instructions = self.montgomery.instructions;
        instructions.run(
            #[inline(always)]
            || {
                let zero = instructions.splat(0);
                let one = self.montgomery.r(1);
                let mut sum = Points {
                    x: [zero; LIMBS],
                    y: [zero; LIMBS],
                    z: [zero; LIMBS],
                };
                let mut digits_so_far = zero;
                for (multiples, scalars) in terms {
                    let scalars = scalars.each_ref().map(BoothDigits::new);
                    for (window, multiples) in multiples.0.iter().enumerate() {
                        let digits = scalars.each_ref().map(|scalar| scalar.digit(window));
                        let magnitude = instructions.load(digits.map(|digit| digit.magnitude));
                        let negative = instructions.load(digits.map(|digit| digit.negative));
                        let (x, y) = self.select(multiples, magnitude, negative);
                        let added = self.add(&sum, &x, &y);
                        // Nothing is added for the digit zero, and the first point is copied.
                        let first = digits_so_far.equals(zero);
                        let none = magnitude.equals(zero);
                        for (sum, added, multiple) in [
                            (&mut sum.x, &added.x, &x),
                            (&mut sum.y, &added.y, &y),
                            (&mut sum.z, &added.z, &one),
                        ] {
                            *sum = select(&select(added, first, multiple), none, sum);
                        }
                        digits_so_far = digits_so_far + magnitude;
                    }
                }
                sum
            },
        )
    }

    /// The multiple for each lane's digit. All of them are read whatever the digits are.
    #[inline(always)]
    fn select(
        &self,
        multiples: &[Affine; DIGITS],
        magnitude: I::Vector,
        negative: I::Vector,
    ) -> (Scalars<I>, Scalars<I>) {
        let instructions = self.montgomery.instructions;
        let zero = instructions.splat(0);
        let (mut x, mut y) = ([zero; LIMBS], [zero; LIMBS]);
        for (index, multiple) in multiples.iter().enumerate() {
            let selected = magnitude.equals(instructions.splat(index as u64 + 1));
            for limb in 0..LIMBS {
                x[limb] = x[limb].select(selected, instructions.splat(multiple[0][limb]));
                y[limb] = y[limb].select(selected, instructions.splat(multiple[1][limb]));
            }
        }
        let negative = negative.equals(instructions.splat(1));
        let opposite = self.subtract(&[zero; LIMBS], &y);
        (x, select(&y, negative, &opposite))
    }

    /// The sum of a point and an affine point. They must not be equal, opposite or at infinity.
    #[inline(always)]
    fn add(&self, point: &Points<I>, x: &Scalars<I>, y: &Scalars<I>) -> Points<I> {
        let zz = self.product(&point.z, &point.z);
        let h = self.difference(&self.product(x, &zz), &point.x);
        let zzz = self.product(&point.z, &zz);
        let r = self.difference(&self.product(y, &zzz), &point.y);
        let hh = self.product(&h, &h);
        let hhh = self.product(&h, &hh);
        let v = self.product(&point.x, &hh);
        // r^2 - h^3 - 2 v: h^3 is below 1.5 p and v below 1.25 p, so that 4 p is enough to keep
        // this positive, and two steps reduce it.
        let rr = self.product(&r, &r);
        let mut x = add(&subtract(&rr, &hhh), &add(&self.twice_p, &self.twice_p));
        x = subtract(&subtract(&x, &v), &v);
        carry(&mut x);
        let x = self.below_2p(&self.below_2p(&x));
        let product = self.product(&r, &self.difference(&v, &x));
        Points {
            x,
            y: self.subtract(&product, &self.product(&point.y, &hhh)),
            z: self.product(&point.z, &h),
        }
    }

    /// The sum of a point with itself.
    #[inline(always)]
    fn double(&self, point: &Points<I>) -> Points<I> {
        let delta = self.product(&point.z, &point.z);
        let gamma = self.product(&point.y, &point.y);
        let beta = self.product(&point.x, &gamma);
        let difference = self.subtract(&point.x, &delta);
        let third = self.product(&difference, &self.sum(&point.x, &delta));
        let alpha = self.sum(&self.twice(&third), &third);
        let four_beta = self.twice(&self.twice(&beta));
        let x = self.subtract(&self.product(&alpha, &alpha), &self.twice(&four_beta));
        let eight_gammas = self.twice(&self.twice(&self.twice(&self.product(&gamma, &gamma))));
        let y = self.product(&alpha, &self.subtract(&four_beta, &x));
        Points {
            x,
            y: self.subtract(&y, &eight_gammas),
            z: self.twice(&self.product(&point.y, &point.z)),
        }
    }

    /// The affine coordinates in each lane, reduced below p.
    #[inline(always)]
    fn to_affine(&self, points: &[Points<I>]) -> Vec<[Affine; LANES]> {
        let mut inverses: Vec<Scalars<I>> = points.iter().map(|point| point.z).collect();
        invert(&self.montgomery, &mut inverses);
        let mut affine = Vec::with_capacity(points.len());
        for (point, inverse) in points.iter().zip(&inverses) {
            let square = self.product(inverse, inverse);
            let x = self.product(&point.x, &square);
            let y = self.product(&point.y, &self.product(&square, inverse));
            let (x, y) = (
                store(&self.montgomery.reduce(&x)),
                store(&self.montgomery.reduce(&y)),
            );
            affine.push(from_fn(|lane| [x[lane], y[lane]]));
        }
        affine
    }

    #[inline(always)]
    fn product(&self, a: &Scalars<I>, b: &Scalars<I>) -> Scalars<I> {
        self.montgomery.product(a, b)
    }

    /// `a - b`, below `4 p`: the product of two such numbers is still below `2 p`.
    #[inline(always)]
    fn difference(&self, a: &Scalars<I>, b: &Scalars<I>) -> Scalars<I> {
        let mut difference = add(&subtract(a, b), &self.twice_p);
        carry(&mut difference);
        difference
    }

    /// `a - b`, below `2 p`.
    #[inline(always)]
    fn subtract(&self, a: &Scalars<I>, b: &Scalars<I>) -> Scalars<I> {
        self.below_2p(&self.difference(a, b))
    }

    /// `a + b`, below `2 p`.
    #[inline(always)]
    fn sum(&self, a: &Scalars<I>, b: &Scalars<I>) -> Scalars<I> {
        let mut sum = add(a, b);
        carry(&mut sum);
        self.below_2p(&sum)
    }

    #[inline(always)]
    fn twice(&self, a: &Scalars<I>) -> Scalars<I> {
        self.sum(a, a)
    }

    /// Subtracts `2 p` from numbers that are not below it.
    #[inline(always)]
    fn below_2p(&self, a: &Scalars<I>) -> Scalars<I> {
        subtract_if_not_less(self.montgomery.instructions, a, &self.twice_p)
    }
}

/// Replaces each number by its inverse; none may be zero. Both are in Montgomery form.
///
/// One exponentiation (Fermat's little theorem) serves all vectors (Montgomery's trick: P. Montgomery,
/// "Speeding the Pollard and elliptic curve methods of factorization", 1987).
pub fn invert<I: InstructionSet>(field: &Montgomery<'_, I, LIMBS>, numbers: &mut [Scalars<I>]) {
    field.instructions.run(
        #[inline(always)]
        || {
            // products[i] is the product of all numbers before number i.
            let mut products = Vec::with_capacity(numbers.len());
            let mut product = field.r(1);
            for number in numbers.iter() {
                products.push(product);
                field.multiply(&mut product, number);
            }
            let mut inverse = power_minus_two(field, &product);
            for (number, product) in numbers.iter_mut().zip(&products).rev() {
                let rest = field.product(&inverse, number);
                *number = field.product(&inverse, product);
                inverse = rest;
            }
        },
    );
}

/// `a^(m - 2)`, with fixed windows of four bits. The exponent is public.
#[inline(always)]
fn power_minus_two<I: InstructionSet>(
    field: &Montgomery<'_, I, LIMBS>,
    a: &Scalars<I>,
) -> Scalars<I> {
    let mut powers = [field.r(1); 16];
    for exponent in 1..16 {
        powers[exponent] = field.product(&powers[exponent - 1], a);
    }
    let mut exponent = [0; LIMBS];
    for (limb, vector) in exponent.iter_mut().zip(field.modulus()) {
        *limb = vector.store()[0];
    }
    // Neither modulus borrows here.
    exponent[0] -= 2;
    let mut power = field.r(1);
    for limb in exponent.into_iter().rev() {
        for shift in (0..52).step_by(4).rev() {
            for _ in 0..4 {
                power = field.product(&power, &power);
            }
            power = field.product(&power, &powers[(limb >> shift & 0xf) as usize]);
        }
    }
    power
}

/// A scalar in signed digits to the base 32, from -16 to 16 (Booth's encoding): one less than half
/// as many multiples are needed as with unsigned ones, since `-d P` is `d P` with `-y`.
struct BoothDigits {
    /// Twice the scalar, little-endian, with room to read past the last window.
    twice: [u8; SIZE + 2],
}

#[derive(Clone, Copy)]
struct BoothDigit {
    magnitude: u64,
    /// 1 for a negative digit, and 0 otherwise.
    negative: u64,
}

impl BoothDigits {
    #[inline(always)]
    fn new(scalar: &[u8; SIZE]) -> Self {
        let mut twice = [0; SIZE + 2];
        let mut carry = 0;
        for (byte, twice) in scalar.iter().rev().zip(&mut twice) {
            *twice = byte << 1 | carry;
            carry = byte >> 7;
        }
        twice[SIZE] = carry;
        BoothDigits { twice }
    }

    #[inline(always)]
    fn digit(&self, window: usize) -> BoothDigit {
        let bit = window * WINDOW;
        let bytes = u16::from_le_bytes([self.twice[bit / 8], self.twice[bit / 8 + 1]]);
        // The bits of the window and the one below it.
        let bits = u64::from(bytes >> (bit % 8)) & ((2 << WINDOW) - 1);
        let negative = bits >> WINDOW;
        let rounded = (bits + 1) >> 1;
        // rounded - 32 where the highest bit is set: in constant time, x or -x.
        let digit = rounded.wrapping_sub(negative << WINDOW);
        let magnitude = (digit ^ negative.wrapping_neg()).wrapping_add(negative);
        BoothDigit {
            magnitude,
            negative,
        }
    }
}

const fn hex<const SIZE: usize>(digits: &[u8]) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    let mut index = 0;
    while index < digits.len() {
        let digit = match digits[index] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit => digit - b'a' + 10,
        };
        bytes[index / 2] = bytes[index / 2] << 4 | digit;
        index += 1;
    }
    bytes
}
