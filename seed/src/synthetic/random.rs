//! Generates pseudo-random numbers with SplitMix64. Own code rather than a crate, because a new version of a crate may
//! give other numbers, and the payments of a seed must never change.

/// A SplitMix64 generator.
#[derive(Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

    /// The generator for the payment with this number.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        // The seed is mixed first: otherwise number 2 of one seed would give the sequence of number 1 of the next seed.
        Self(mix(seed.wrapping_add(Self::STEP)) ^ mix(number.wrapping_mul(Self::STEP)))
    }

    /// The next 64 bits.
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        mix(self.0)
    }

    /// A uniform number below `bound`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product (Lemire): no division. The bias is below bound / 2^64.
        let product = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or_default()
    }

    /// True with probability 1 in `count`.
    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// One of `choices`, all equally likely.
    #[expect(clippy::indexing_slicing, reason = "a number below the length is an index")]
    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        const { assert!(N > 0) };
        choices[usize::try_from(self.below(N as u64)).unwrap_or_default()]
    }

    /// A UUID of version 8, the one whose bits are free to choose (RFC 9562, section 5.8).
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next_u64(), self.next_u64());
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
    use super::SplitMix64;

    /// The expected numbers come from the reference implementation, started at 1234567.
    #[test]
    fn matches_the_reference_implementation() {
        let mut random = SplitMix64(1_234_567);
        let numbers = [random.next_u64(), random.next_u64(), random.next_u64()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn numbers_below_a_bound_are_uniform() {
        let mut random = SplitMix64::new(1, 1);
        let mut seen = [0_u32; 6];
        for _ in 0..60_000 {
            seen[usize::try_from(random.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (9_500..10_500).contains(count)), "{seen:?}");
        assert_eq!(random.below(0), 0);
    }
}
