//! Comparison of numbers as decimals, without rounding.

use std::iter;

/// Returns whether two JSON numbers have exactly the same value: `1.10` is `11e-1`.
pub(crate) fn same(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let (left, right) = (Number::read(left), Number::read(right));
    if left.digits.is_empty() || right.digits.is_empty() {
        return left.digits.is_empty() && right.digits.is_empty(); // Zero has neither sign nor exponent.
    }
    left.negative == right.negative
        && left.digits == right.digits
        && left.exponent.differs_by(&right.exponent, right.point - left.point)
}

/// The number `±0.DIGITS · 10^(point + exponent)`, where the digits neither begin nor end with a zero.
struct Number<'a> {
    negative: bool,
    digits: Vec<u8>,
    point: i128,
    exponent: Exponent<'a>,
}

impl<'a> Number<'a> {
    fn read(text: &'a str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
        let unsigned = mantissa.strip_prefix('-');
        let (whole, fraction) =
            unsigned.unwrap_or(mantissa).split_once('.').unwrap_or((unsigned.unwrap_or(mantissa), ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|digit| *digit == b'0').collect();
        let zeros = whole.len() + fraction.len() - digits.len();
        let significant = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        digits.truncate(significant);
        // No text is so long that its length would not fit.
        let length = |length: usize| i128::try_from(length).unwrap_or(i128::MAX);
        Self {
            negative: unsigned.is_some(),
            digits,
            point: length(whole.len()) - length(zeros),
            exponent: Exponent::read(exponent),
        }
    }
}

/// An exponent of any length, kept as text: `1e999999999999999999999` is a number like any other.
struct Exponent<'a> {
    sign: i128,
    digits: &'a str,
}

impl<'a> Exponent<'a> {
    fn read(text: &'a str) -> Self {
        let sign = if text.starts_with('-') { -1 } else { 1 };
        Self { sign, digits: text.trim_start_matches(['+', '-']).trim_start_matches('0') }
    }

    /// Returns whether `self - other == by`, computed from the first digit to the last.
    fn differs_by(&self, other: &Self, by: i128) -> bool {
        // Once the difference is this large, no further digit can bring it back: each step multiplies it by ten and
        // changes it by less than 20.
        const LARGE: u128 = 1 << 100;
        let width = self.digits.len().max(other.digits.len());
        let padded = |exponent: &Self| {
            let (sign, digits) = (exponent.sign, exponent.digits);
            let zeros = iter::repeat_n(b'0', width - digits.len());
            zeros.chain(digits.bytes()).map(move |digit| sign * i128::from(digit.saturating_sub(b'0')))
        };
        let mut difference: i128 = 0;
        for (mine, theirs) in padded(self).zip(padded(other)) {
            difference = difference * 10 + mine - theirs;
            if difference.unsigned_abs() > LARGE {
                return false;
            }
        }
        difference == by
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_numbers() {
        let table: &[&[&str]] = &[
            &["0", "-0", "0.0", "-0.00", "0e5", "0E-999999999999999999999999", "0.000e400"],
            &["1.1", "1.10", "11e-1", "0.11E+1", "0.0011e3", "110e-2", "1.1e0", "1.1e-0", "1.1e+00"],
            &["-1", "-1.0", "-10e-1", "-0.1e1"],
            &["100", "1e2", "1E+2", "1.00e2", "1000e-1"],
            &["123456789012345678901234567890", "12345678901234567890123456789e1", "1.2345678901234567890123456789e29"],
            &["1e400", "10e399", "0.1e401"],
            &["1e-400", "0.1e-399", "10e-401"],
            &[
                "1e100000000000000000000000000000000000000000000000",
                "10e99999999999999999999999999999999999999999999999",
            ],
            &[
                "1e-99999999999999999999999999999999999999999999999",
                "10e-100000000000000000000000000000000000000000000000",
            ],
        ];
        for (row, numbers) in table.iter().enumerate() {
            for (other, others) in table.iter().enumerate() {
                for (left, right) in numbers.iter().flat_map(|left| others.iter().map(move |right| (left, right))) {
                    assert_eq!(same(left, right), row == other, "{left} and {right}");
                }
            }
        }
    }

    #[test]
    fn numbers_that_a_float_would_confuse() {
        let table = [
            ("123456789012345678901234567890", "123456789012345678901234567891"),
            ("0.1", "0.1000000000000000055511151231257827"),
            ("1e400", "1e401"),
            ("1e400", "-1e400"),
            ("1e-400", "0"),
            ("9007199254740992", "9007199254740993"),
            ("1", "-1"),
            ("1", "10"),
            ("12", "1.2"),
            ("1e99999999999999999999999999999999999999999999", "1e99999999999999999999999999999999999999999998"),
            ("1e99999999999999999999999999999999999999999999", "1e-99999999999999999999999999999999999999999999"),
        ];
        for (left, right) in table {
            assert!(!same(left, right) && !same(right, left), "{left} and {right}");
        }
    }

    #[test]
    fn long_numbers_take_no_longer_than_their_text() {
        let nines = "9".repeat(1_000_000);
        let zeros = "0".repeat(1_000_000);
        assert!(same(&format!("1e{nines}"), &format!("10.0e{}8", &nines[1..])));
        assert!(!same(&format!("1e{nines}"), &format!("1e-{nines}")));
        assert!(same(&format!("1{zeros}"), "1e1000000"));
        assert!(same(&format!("0.{zeros}1"), "1e-1000001"));
    }

    proptest! {
        #[test]
        fn moving_the_point_changes_nothing(number in any::<i64>(), zeros in 0_usize..30, exponent in -500_i32..500) {
            let shifted = format!("{number}{}e{}", "0".repeat(zeros), i64::from(exponent) - i64::try_from(zeros).unwrap());
            let plain = format!("{number}e{exponent}");
            prop_assert!(same(&plain, &shifted));
        }

        #[test]
        fn integers_are_compared_like_integers(left in -50_i32..50, right in -50_i32..50, zeros in 0_usize..3) {
            let spelled = format!("{right}.{}e-0", "0".repeat(zeros + 1));
            prop_assert_eq!(same(&left.to_string(), &spelled), left == right);
        }
    }
}
