//! Chance that is the same everywhere and for ever: SplitMix64, which is ten lines and has no version to change.

/// A sequence of numbers that depends on nothing but how it was begun.
#[derive(Debug)]
pub(crate) struct Draw(u64);

impl Draw {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

    /// The sequence of the payment with this number.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        // The seed is mixed first: otherwise number 2 of one seed would begin as number 1 of the next.
        Self(mix(seed.wrapping_add(Self::STEP)) ^ mix(number.wrapping_mul(Self::STEP)))
    }

    /// 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        mix(self.0)
    }

    /// A number below `bound`, all about as often; 0 if there is none.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product: no division, and for bounds like ours no bias that anyone could see.
        let product = u128::from(self.bits()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or_default()
    }

    /// True once in `count` times.
    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// One of `choices`, which are not empty.
    #[expect(clippy::indexing_slicing, reason = "a number below the length is an index")]
    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        const { assert!(N > 0) };
        choices[usize::try_from(self.below(N as u64)).unwrap_or_default()]
    }

    /// An id: a UUID of version 8, whose bits are anyone's to choose.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        let (version, variant) = (high & !0xF000 | 0x8000, low & !(0b11 << 62) | (0b10 << 62));
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            version >> 32,
            version >> 16 & 0xFFFF,
            version & 0xFFFF,
            variant >> 48,
            variant & 0xFFFF_FFFF_FFFF
        )
    }
}

fn mix(bits: u64) -> u64 {
    let bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::Draw;

    /// The first numbers of SplitMix64 from state 1234567, as its author's code gives them.
    #[test]
    fn is_splitmix64() {
        let mut draw = Draw(1_234_567);
        let numbers = [draw.bits(), draw.bits(), draw.bits()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_evenly_below_a_bound() {
        let mut draw = Draw::new(1, 1);
        let mut seen = [0_u32; 6];
        for _ in 0..60_000 {
            seen[usize::try_from(draw.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (9_500..10_500).contains(count)), "{seen:?}");
        assert_eq!(draw.below(0), 0);
    }
}
