//! Vectors in the 512-bit registers of x86-64 processors with AVX-512 IFMA: Intel's since Ice Lake
//! (2019), AMD's since Zen 4 (2022).

#![allow(unsafe_code)]

use std::arch::x86_64::*;
use std::hint::black_box;
use std::ops::{Add, Sub};

use super::vector::{InstructionSet, LANES, LIMB_BITS, LIMB_MASK, Vector};

/// The right to use AVX-512 IFMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx512Ifma(());

/// Eight lanes in one register. Only [`Avx512Ifma`] makes the first one.
#[derive(Clone, Copy, Debug)]
pub struct Avx512Vector(__m512i);

impl Avx512Ifma {
    pub const NAME: &str = "AVX-512 IFMA";

    /// `None` if the processor or the operating system lacks AVX-512 IFMA.
    pub fn detect() -> Option<Self> {
        let supported =
            is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma");
        supported.then_some(Avx512Ifma(()))
    }
}

/// Calls a function that needs AVX-512 IFMA.
macro_rules! avx512 {
    ($call:expr) => {{
        // SAFETY: the only requirement is a processor with AVX-512 IFMA, which the `Avx512Ifma` or
        // `Avx512Vector` at hand proves. The two functions with a pointer get that of an array of
        // 64 bytes, and have no alignment requirement.
        unsafe { $call }
    }};
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn with_avx512<T>(f: impl FnOnce() -> T) -> T {
    // LLVM aligns the stack to 64 bytes only in functions with a variable that requires it.
    // Without one, spilled registers straddle cache lines, which costs a tenth of the speed.
    black_box(&_mm512_setzero_si512());
    f()
}

impl InstructionSet for Avx512Ifma {
    type Vector = Avx512Vector;

    #[inline(always)]
    fn run<T>(self, f: impl FnOnce() -> T) -> T {
        avx512!(with_avx512(f))
    }

    #[inline(always)]
    fn load(self, lanes: [u64; LANES]) -> Avx512Vector {
        Avx512Vector(avx512!(_mm512_loadu_epi64(lanes.as_ptr().cast())))
    }

    #[inline(always)]
    fn splat(self, number: u64) -> Avx512Vector {
        Avx512Vector(avx512!(_mm512_set1_epi64(number.cast_signed())))
    }
}

impl Add for Avx512Vector {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Avx512Vector(avx512!(_mm512_add_epi64(self.0, other.0)))
    }
}

impl Sub for Avx512Vector {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Avx512Vector(avx512!(_mm512_sub_epi64(self.0, other.0)))
    }
}

impl Vector for Avx512Vector {
    type Mask = __mmask8;

    #[inline(always)]
    fn store(self) -> [u64; LANES] {
        let mut lanes = [0; LANES];
        avx512!(_mm512_storeu_epi64(lanes.as_mut_ptr().cast(), self.0));
        lanes
    }

    #[inline(always)]
    fn add_product_low(self, a: Self, b: Self) -> Self {
        Avx512Vector(avx512!(_mm512_madd52lo_epu64(self.0, a.0, b.0)))
    }

    #[inline(always)]
    fn add_product_high(self, a: Self, b: Self) -> Self {
        Avx512Vector(avx512!(_mm512_madd52hi_epu64(self.0, a.0, b.0)))
    }

    #[inline(always)]
    fn limb(self) -> Self {
        let mask = avx512!(_mm512_set1_epi64(LIMB_MASK.cast_signed()));
        Avx512Vector(avx512!(_mm512_and_si512(self.0, mask)))
    }

    #[inline(always)]
    fn carry(self) -> Self {
        Avx512Vector(avx512!(_mm512_srai_epi64::<{ LIMB_BITS as u32 }>(self.0)))
    }

    #[inline(always)]
    fn equals(self, other: Self) -> __mmask8 {
        avx512!(_mm512_cmpeq_epi64_mask(self.0, other.0))
    }

    #[inline(always)]
    fn select(self, mask: __mmask8, other: Self) -> Self {
        Avx512Vector(avx512!(_mm512_mask_mov_epi64(self.0, mask, other.0)))
    }
}
