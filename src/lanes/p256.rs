//! The group of the elliptic curve P-256: multiples of its generator, eight at a time.
//!
//! Points are in Jacobian coordinates `(X, Y, Z)`, which stand for `x = X / Z^2`, `y = Y / Z^3`.
//! All coordinates are in Montgomery form and below `2 p`.
//!
//! Sources: FIPS 186-5 and SP 800-186, section 3.2.1.3; D. Bernstein and T. Lange,
//! "Explicit-Formulas Database", madd-2007-bl and dbl-2001-b; A. Booth, "A signed binary
//! multiplication technique" (1951).

use std::array::from_fn;
use std::hint::black_box;

use super::limbs::{
    Limbs, Numbers, add, carry, from_bytes, load, select, splat, store, subtract, wipe,
};
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
    pub p: Modulus<LIMBS>,
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
pub struct Points<I: InstructionSet> {
    x: Scalars<I>,
    y: Scalars<I>,
    z: Scalars<I>,
}

/// Eight points in affine coordinates, which are reduced below `p`.
#[derive(Clone, Copy)]
pub struct AffinePoints<I: InstructionSet> {
    pub x: Scalars<I>,
    pub y: Scalars<I>,
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

    /// Each scalar times the generator. Scalars are big-endian, above zero and below the order.
    pub fn multiples_of_generator<I: InstructionSet>(
        &self,
        instructions: I,
        scalars: &[[[u8; SIZE]; LANES]],
    ) -> Vec<AffinePoints<I>> {
        instructions.run(
            #[inline(always)]
            || {
                let field = Field::new(&self.p, instructions);
                let mut points = Vec::with_capacity(scalars.len());
                for scalars in scalars {
                    points.push(field.sum_of_multiples(&[(&self.generator, scalars)]));
                }
                let affine = field.to_affine(&points);
                // Z would tell something of the scalar.
                points.fill(field.infinity());
                black_box(&mut points);
                affine
            },
        )
    }

    /// The x coordinates of points, reduced modulo the order of the group.
    #[inline(always)]
    pub fn x_coordinates<I: InstructionSet>(
        &self,
        instructions: I,
        points: &AffinePoints<I>,
    ) -> Scalars<I> {
        let field = self.p.on(instructions);
        let x = field.reduce(&field.product(&points.x, &field.one()));
        self.n.on(instructions).reduce(&x)
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
                let bases = field.lanes_of_affine(&bases);
                let mut table = Vec::with_capacity(WINDOWS);
                for group in bases.chunks(LANES) {
                    let lanes: [Affine; LANES] =
                        from_fn(|lane| group[lane.min(group.len() - 1)][lane]);
                    let x = load(instructions, &lanes.map(|[x, _]| x));
                    let y = load(instructions, &lanes.map(|[_, y]| y));
                    let base = Points { x, y, z };
                    let mut multiples = vec![base, field.double(&base)];
                    for digit in 2..DIGITS {
                        multiples.push(field.add(&multiples[digit - 1], &AffinePoints { x, y }));
                    }
                    let multiples = field.lanes_of_affine(&multiples);
                    table.extend(
                        (0..group.len()).map(|lane| from_fn(|digit| multiples[digit][lane])),
                    );
                }
                Multiples(table)
            },
        )
    }
}

/// Arithmetic modulo p, or modulo the order.
pub struct Field<'m, I: InstructionSet> {
    pub montgomery: Montgomery<'m, I, LIMBS>,
    twice_p: Scalars<I>,
}

impl<'m, I: InstructionSet> Field<'m, I> {
    #[inline(always)]
    pub fn new(p: &'m Modulus<LIMBS>, instructions: I) -> Self {
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
    pub fn sum_of_multiples(&self, terms: &[(&Multiples, &[[u8; SIZE]; LANES])]) -> Points<I> {
        let instructions = self.montgomery.instructions;
        instructions.run(
            #[inline(always)]
            || {
                let zero = instructions.splat(0);
                let one = self.montgomery.r(1);
                let mut sum = self.infinity();
                let mut digits_so_far = zero;
                for (multiples, scalars) in terms {
                    let scalars = scalars.each_ref().map(BoothDigits::new);
                    for (window, multiples) in multiples.0.iter().enumerate() {
                        let digits = scalars.each_ref().map(|scalar| scalar.digit(window));
                        let magnitude = instructions.load(digits.map(|digit| digit.magnitude));
                        let negative = instructions.load(digits.map(|digit| digit.negative));
                        let multiple = self.select(multiples, magnitude, negative);
                        let added = self.add(&sum, &multiple);
                        // Nothing is added for the digit zero, and the first point is copied.
                        let first = digits_so_far.equals(zero);
                        let none = magnitude.equals(zero);
                        for (sum, added, multiple) in [
                            (&mut sum.x, &added.x, &multiple.x),
                            (&mut sum.y, &added.y, &multiple.y),
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
    ) -> AffinePoints<I> {
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
        let y = select(&y, negative, &opposite);
        AffinePoints { x, y }
    }

    /// The point at infinity.
    #[inline(always)]
    pub fn infinity(&self) -> Points<I> {
        let zero = [self.montgomery.instructions.splat(0); LIMBS];
        Points {
            x: zero,
            y: zero,
            z: zero,
        }
    }

    /// A point in Jacobian coordinates.
    #[inline(always)]
    pub fn jacobian(&self, point: &AffinePoints<I>) -> Points<I> {
        Points {
            x: point.x,
            y: point.y,
            z: self.montgomery.r(1),
        }
    }

    /// The lanes in which both are the same point, and not at infinity.
    #[inline(always)]
    pub fn same(&self, a: &Points<I>, b: &Points<I>) -> [bool; LANES] {
        let (aa, bb) = (self.product(&a.z, &a.z), self.product(&b.z, &b.z));
        let (aaa, bbb) = (self.product(&aa, &a.z), self.product(&bb, &b.z));
        let sides = [
            self.product(&a.x, &bb),
            self.product(&b.x, &aa),
            self.product(&a.y, &bbb),
            self.product(&b.y, &aaa),
            self.product(&aaa, &bbb),
        ];
        let [ax, bx, ay, by, zz] = sides.map(|side| store(&self.montgomery.reduce(&side)));
        from_fn(|lane| {
            let difference = (0..LIMBS).fold(0, |difference, limb| {
                let x = ax[lane][limb] ^ bx[lane][limb];
                let y = ay[lane][limb] ^ by[lane][limb];
                difference | x | y
            });
            let any = zz[lane].iter().fold(0, |any, limb| any | limb);
            (difference == 0) & (any != 0)
        })
    }

    /// The sum of a point and an affine point. They must not be equal, opposite or at infinity.
    #[inline(always)]
    pub fn add(&self, point: &Points<I>, affine: &AffinePoints<I>) -> Points<I> {
        let AffinePoints { x, y } = affine;
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
    pub fn double(&self, point: &Points<I>) -> Points<I> {
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

    #[inline(always)]
    fn to_affine(&self, points: &[Points<I>]) -> Vec<AffinePoints<I>> {
        let mut inverses: Vec<Scalars<I>> = Vec::with_capacity(points.len());
        for point in points {
            inverses.push(point.z);
        }
        invert(&self.montgomery, &mut inverses);
        let mut affine = Vec::with_capacity(points.len());
        for (point, inverse) in points.iter().zip(&inverses) {
            let square = self.product(inverse, inverse);
            let x = self.product(&point.x, &square);
            let y = self.product(&point.y, &self.product(&square, inverse));
            affine.push(AffinePoints {
                x: self.montgomery.reduce(&x),
                y: self.montgomery.reduce(&y),
            });
        }
        wipe(self.montgomery.instructions, &mut inverses);
        affine
    }

    /// The affine coordinates in each lane.
    #[inline(always)]
    fn lanes_of_affine(&self, points: &[Points<I>]) -> Vec<[Affine; LANES]> {
        let mut lanes = Vec::with_capacity(points.len());
        for point in self.to_affine(points) {
            let (x, y) = (store(&point.x), store(&point.y));
            lanes.push(from_fn(|lane| [x[lane], y[lane]]));
        }
        lanes
    }

    #[inline(always)]
    pub fn product(&self, a: &Scalars<I>, b: &Scalars<I>) -> Scalars<I> {
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
    pub fn sum(&self, a: &Scalars<I>, b: &Scalars<I>) -> Scalars<I> {
        let mut sum = add(a, b);
        carry(&mut sum);
        self.below_2p(&sum)
    }

    #[inline(always)]
    pub fn twice(&self, a: &Scalars<I>) -> Scalars<I> {
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
/// One exponentiation (Fermat's little theorem) serves all vectors (Montgomery's trick:
/// P. Montgomery, "Speeding the Pollard and elliptic curve methods of factorization", 1987).
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
            wipe(field.instructions, &mut products);
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
