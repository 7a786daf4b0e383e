//! Chooses payment schemes, and the currencies, amounts and days that fit them.

use super::random::SplitMix64;

/// A payment scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Fps,
    Bacs,
    Chaps,
    Sepa,
    Swift,
}

/// A currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Currency {
    Gbp,
    Eur,
    Usd,
    Jpy,
    Kwd,
}

impl Scheme {
    /// Chooses a scheme, roughly as often as each is used in the UK.
    pub(super) fn choose(random: &mut SplitMix64) -> Self {
        match random.below(100) {
            0..42 => Self::Fps,
            42..60 => Self::Bacs,
            60..62 => Self::Chaps,
            62..88 => Self::Sepa,
            _ => Self::Swift,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Fps => "FPS",
            Self::Bacs => "BACS",
            Self::Chaps => "CHAPS",
            Self::Sepa => "SEPA",
            Self::Swift => "SWIFT",
        }
    }

    /// The kind of payment within the scheme.
    pub(super) fn kind(self, collected: bool, random: &mut SplitMix64) -> &'static str {
        match self {
            Self::Fps => random.pick(&["ImmediatePayment", "ImmediatePayment", "ForwardDatedPayment", "StandingOrder"]),
            Self::Bacs if collected => "DirectDebit",
            Self::Bacs => "DirectCredit",
            Self::Chaps => "SameDayHighValue",
            Self::Sepa => random.pick(&["SCT", "SCT", "SCTInst"]),
            Self::Swift => "CustomerCreditTransfer",
        }
    }

    /// Chooses a currency that the scheme clears.
    pub(super) fn currency(self, random: &mut SplitMix64) -> Currency {
        match self {
            Self::Fps | Self::Bacs | Self::Chaps => Currency::Gbp,
            Self::Sepa => Currency::Eur,
            Self::Swift => random.pick(&[
                Currency::Usd,
                Currency::Usd,
                Currency::Usd,
                Currency::Eur,
                Currency::Jpy,
                Currency::Jpy,
                Currency::Kwd,
            ]),
        }
    }

    /// The currency of the owner's account.
    pub(super) fn home(self, currency: Currency) -> Currency {
        match self {
            Self::Fps | Self::Bacs | Self::Chaps | Self::Sepa => currency,
            Self::Swift => Currency::Gbp,
        }
    }

    /// Draws an amount in the smallest unit of `currency`, approximately log-normal: small amounts are frequent, large ones
    /// rare.
    pub(super) fn amount(self, random: &mut SplitMix64, currency: Currency) -> u64 {
        // The base-2 logarithm, in sixteenths, of the median in pence, and the width of the distribution around it.
        let (median, width) = match self {
            Self::Fps => (217, 40),   // 120.00
            Self::Bacs => (262, 34),  // 850.00
            Self::Chaps => (392, 40), // 240,000.00
            Self::Sepa => (238, 40),  // 300.00
            Self::Swift => (320, 40), // 10,000.00
        };
        // The sum of six uniform numbers is approximately normal.
        let spread: u64 = (0..6).map(|_| random.below(width + 1)).sum();
        let logarithm = (median + spread).saturating_sub(3 * width).clamp(4 * 16, 44 * 16);
        let pence = {
            // 2^(a + b/16) is approximately 2^a * (1 + b/16); the random number below `unit` smooths the steps.
            let unit = (1_u64 << (logarithm / 16)) / 16;
            unit * (16 + logarithm % 16) + random.below(unit.max(1))
        };
        // The limit of Faster Payments: one million pounds.
        let pence = if self == Self::Fps { pence.min(100_000_000) } else { pence };
        let (units, per_pence) = currency.exchange_rate();
        let amount = (pence * units / per_pence).max(1);
        // Round amounts are frequent, and so are prices just below one.
        let whole = 10_u64.pow(currency.decimals());
        match random.below(10) {
            0..2 if amount > 10 * whole => amount / (10 * whole) * 10 * whole,
            2..4 if amount > whole => amount / whole * whole,
            4 if amount > whole && whole > 1 => amount / whole * whole - 1,
            _ => amount,
        }
    }

    /// Draws a day in 2025 on which the scheme is open.
    pub(super) fn day(self, random: &mut SplitMix64) -> Day {
        let day = Day(random.below(365));
        match self {
            Self::Fps => day,
            Self::Bacs | Self::Chaps | Self::Sepa | Self::Swift => day.or_next_weekday(),
        }
    }
}

impl Currency {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Gbp => "GBP",
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
        }
    }

    pub(super) fn decimals(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Gbp | Self::Eur | Self::Usd => 2,
            Self::Kwd => 3,
        }
    }

    /// How many of the smallest units are worth how many pence, approximately.
    fn exchange_rate(self) -> (u64, u64) {
        match self {
            Self::Gbp => (1, 1),
            Self::Eur => (115, 100),
            Self::Usd => (127, 100),
            Self::Jpy => (19, 10),
            Self::Kwd => (39, 10),
        }
    }

    /// Draws a bank's charge, in the smallest unit.
    pub(super) fn charge(self, random: &mut SplitMix64) -> u64 {
        let (units, pence) = self.exchange_rate();
        (5 * (20 + random.below(380)) * units / pence).max(1)
    }

    /// Formats an amount in the smallest unit as the contract writes it.
    pub(super) fn text(self, amount: u64) -> String {
        let whole = 10_u64.pow(self.decimals());
        match usize::try_from(self.decimals()) {
            Ok(decimals @ 1..) => format!("{}.{:0decimals$}", amount / whole, amount % whole),
            Ok(0) | Err(_) => amount.to_string(),
        }
    }
}

/// Draws a rate at which `amount` of `to` was bought; returns it, and the cost in the smallest unit of `from`.
pub(super) fn exchange(random: &mut SplitMix64, amount: u64, from: Currency, to: Currency) -> (String, u64) {
    const PARTS: u128 = 100_000;
    let ((from_units, from_pence), (to_units, to_pence)) = (from.exchange_rate(), to.exchange_rate());
    // The amount of `to` that one of `from` buys, in hundred thousandths, within two per cent of the usual rate.
    let scale = |currency: Currency| 10_u128.pow(currency.decimals());
    let drift = u128::from(980 + random.below(41));
    let rate = PARTS * u128::from(to_units * from_pence) * scale(from) * drift
        / (u128::from(to_pence * from_units) * scale(to) * 1000);
    let cost = u128::from(amount) * PARTS * scale(from) / (rate * scale(to)).max(1);
    (format!("{}.{:05}", rate / PARTS, rate % PARTS), u64::try_from(cost).unwrap_or(u64::MAX).max(1))
}

/// A day of 2025, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(pub(super) u64);

impl Day {
    /// This day, or the Monday after it if it is at a weekend. The result stays in 2025, whose last day is a Wednesday.
    fn or_next_weekday(self) -> Self {
        // The first day of 2025 was a Wednesday.
        match (self.0 + 2) % 7 {
            5 => Self(self.0 + 2),
            6 => Self(self.0 + 1),
            _ => self,
        }
    }

    fn month_and_day(self) -> (u64, u64) {
        let mut day = self.0;
        for (month, days) in (1..).zip([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]) {
            if day < days {
                return (month, day + 1);
            }
            day -= days;
        }
        (12, day + 1)
    }

    pub(super) fn iso(self) -> String {
        let (month, day) = self.month_and_day();
        format!("2025-{month:02}-{day:02}")
    }

    pub(super) fn digits(self) -> String {
        let (month, day) = self.month_and_day();
        format!("2025{month:02}{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, Day, Scheme, exchange};
    use crate::synthetic::random::SplitMix64;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(Currency::Gbp.text(5), "0.05");
        assert_eq!(Currency::Gbp.text(123_456), "1234.56");
        assert_eq!(Currency::Jpy.text(123_456), "123456");
        assert_eq!(Currency::Kwd.text(123_456), "123.456");
    }

    #[test]
    fn amounts_lie_around_their_median_with_a_long_tail() {
        for (scheme, currency, median) in [
            (Scheme::Fps, Currency::Gbp, 12_000),
            (Scheme::Bacs, Currency::Gbp, 85_000),
            (Scheme::Chaps, Currency::Gbp, 24_000_000),
            (Scheme::Sepa, Currency::Eur, 34_000),
            (Scheme::Swift, Currency::Jpy, 1_900_000),
            (Scheme::Swift, Currency::Kwd, 3_900_000),
        ] {
            let mut random = SplitMix64::new(7, 7);
            let mut amounts: Vec<u64> = (0..20_000).map(|_| scheme.amount(&mut random, currency)).collect();
            amounts.sort_unstable();
            let at = |share: usize| amounts[amounts.len() * share / 1000];
            assert!((median * 7 / 10..median * 13 / 10).contains(&at(500)), "{scheme:?}: median {}", at(500));
            assert!(at(990) > 4 * at(500), "{scheme:?}: {} is no tail of {}", at(990), at(500));
            assert!(at(10) < at(500) / 4 && at(0) > 0, "{scheme:?}: from {} to {}", at(10), at(500));
            let mean = amounts.iter().sum::<u64>() / 20_000;
            assert!(mean > at(500), "{scheme:?}: the large ones do not pull the mean {mean} up");
        }
        let mut random = SplitMix64::new(7, 8);
        assert!((0..50_000).all(|_| Scheme::Fps.amount(&mut random, Currency::Gbp) <= 100_000_000));
    }

    #[test]
    fn days_are_days_of_2025_and_schemes_are_closed_at_weekends() {
        assert_eq!(
            (Day(0).iso(), Day(58).iso(), Day(59).iso()),
            ("2025-01-01".into(), "2025-02-28".into(), "2025-03-01".into())
        );
        assert_eq!((Day(364).iso(), Day(364).digits()), ("2025-12-31".into(), "20251231".into()));
        assert_eq!(Day(3).or_next_weekday().iso(), "2025-01-06"); // 4 January was a Saturday.
        assert_eq!(Day(4).or_next_weekday().iso(), "2025-01-06");
        assert_eq!(Day(5).or_next_weekday().iso(), "2025-01-06");
        assert!((0..365).all(|day| Day(day).or_next_weekday().0 < 365));
    }

    #[test]
    fn an_exchange_is_what_its_rate_says() {
        let mut random = SplitMix64::new(1, 2);
        for (to, amount, low, high) in [
            (Currency::Usd, 127_000, 97_500, 102_500),
            (Currency::Jpy, 190_000, 97_500, 102_500),
            (Currency::Kwd, 390_000, 97_500, 102_500),
        ] {
            let (rate, cost) = exchange(&mut random, amount, Currency::Gbp, to);
            assert!((low..high).contains(&cost), "{to:?} at {rate}: {cost}");
            assert_eq!(rate.split_once('.').map(|(_, parts)| parts.len()), Some(5), "{rate}");
        }
    }
}
