//! Checks the rules of the contract that need no knowledge of the service.

use crate::Faults;

/// Reports a number below its minimum.
pub fn minimum(number: impl Into<i64>, least: i64, faults: &mut Faults) {
    if number.into() < least {
        faults.report(format!("must be at least {least}"));
    }
}

/// Reports a number above its maximum.
pub fn maximum(number: impl Into<i64>, most: i64, faults: &mut Faults) {
    if number.into() > most {
        faults.report(format!("must be at most {most}"));
    }
}

/// Reports text of too few characters.
pub fn min_length(text: &str, least: usize, faults: &mut Faults) {
    if text.chars().count() < least {
        faults.report(format!("must be of at least {least} characters"));
    }
}

/// Reports text of too many characters.
pub fn max_length(text: &str, most: usize, faults: &mut Faults) {
    if text.chars().count() > most {
        faults.report(format!("must be of at most {most} characters"));
    }
}

/// Reports an array of too few elements.
pub fn min_items<T>(elements: &[T], least: usize, faults: &mut Faults) {
    if elements.len() < least {
        faults.report(format!("must have at least {least} elements"));
    }
}

/// Reports an array of too many elements.
pub fn max_items<T>(elements: &[T], most: usize, faults: &mut Faults) {
    if elements.len() > most {
        faults.report(format!("must have at most {most} elements"));
    }
}

/// Reports text that is not a date-time of RFC 3339.
pub fn date_time(text: &str, faults: &mut Faults) {
    if chrono::DateTime::parse_from_rfc3339(text).is_err() {
        faults.report("must be an RFC 3339 date-time, such as 2026-01-18T09:00:00Z");
    }
}

/// Reports text that is not a full-date of RFC 3339.
pub fn date(text: &str, faults: &mut Faults) {
    let digits = |range| text.get(range).is_some_and(|part: &str| part.bytes().all(|byte| byte.is_ascii_digit()));
    // The parser alone takes `2026-1-8` and `+2026-01-08` too.
    let is_padded = text.len() == 10 && digits(0..4) && digits(5..7) && digits(8..10);
    if !is_padded || text.parse::<chrono::NaiveDate>().is_err() {
        faults.report("must be an RFC 3339 date, such as 2026-01-18");
    }
}

#[cfg(test)]
mod tests;
