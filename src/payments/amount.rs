//! Amounts of money, as exact decimal text.

use super::BrokenRule;

/// The most digits before the decimal point.
const MAX_WHOLE: usize = 18;
/// The most digits after it.
const MAX_FRACTION: usize = 10;

/// Says whether `text` is an amount of money: a decimal number strictly greater than zero, `digits[.digits]`, ASCII only, with at
/// most 18 digits before the point and 10 after it. The client's spelling is kept (`"100.10"` is not `"100.1"`). The currency
/// stands beside it in the attributes; no rule of ours looks at it.
///
/// # Errors
/// The first rule that `text` breaks.
pub(super) fn check(text: &str) -> Result<(), BrokenRule> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if !is_digits(whole) || fraction.is_some_and(|digits| !is_digits(digits)) {
        return Err(BrokenRule(
            "must be a decimal number in digits, such as \"100.21\": no sign, exponent, separator or space",
        ));
    }
    if whole.len() > MAX_WHOLE {
        return Err(BrokenRule("must have at most 18 digits before the point"));
    }
    if fraction.is_some_and(|digits| digits.len() > MAX_FRACTION) {
        return Err(BrokenRule("must have at most 10 digits after the point"));
    }
    if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        return Err(BrokenRule("must be greater than zero"));
    }
    Ok(())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::check;
    use proptest::prelude::*;

    #[test]
    fn accepts_every_spelling_of_a_positive_decimal() {
        for text in ["100.21", "0.0000000001", "999999999999999999.9999999999", "1", "1.10", "007"] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn refuses_text_that_is_no_positive_decimal() {
        for text in [
            "",
            "0",
            "0.00",
            "-1",
            "+1",
            "1e3",
            "NaN",
            "inf",
            ".5",
            "5.",
            ".",
            "1.2.3",
            "1,000",
            " 1",
            "1 ",
            "1\n",
            "１００",
            "٣",
            "0x10",
            "1_000",
            "1234567890123456789",
            "1.12345678901",
            "1\0",
        ] {
            assert!(check(text).is_err(), "{text:?} was accepted; it must be refused");
        }
    }

    proptest! {
        #[test]
        fn accepts_every_decimal_within_the_limits(whole in "[0-9]{1,18}", fraction in proptest::option::of("[0-9]{1,10}")) {
            let text = fraction.map_or(whole.clone(), |digits| format!("{whole}.{digits}"));
            let positive = text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
            prop_assert_eq!(check(&text).is_ok(), positive);
        }

        #[test]
        fn accepts_only_digits_and_one_point(text in ".{0,40}") {
            if check(&text).is_ok() {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
                prop_assert!(text.matches('.').count() <= 1);
            }
        }
    }
}
