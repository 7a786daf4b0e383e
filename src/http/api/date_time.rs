//! Timestamps as the contract has them: RFC 3339 in UTC, to the microsecond.

use crate::payments::Timestamp;
use chrono::{Datelike, SecondsFormat, Timelike};

/// Formats a timestamp, such as `2026-01-18T09:00:00.000000Z`.
///
/// Written digit by digit: chrono calls `std::fmt` for each part, and a page has 40 timestamps. chrono formats the rare
/// cases, which are years of more or fewer than four digits, and leap seconds.
pub(super) fn format(timestamp: Timestamp) -> String {
    let timestamp = timestamp.to_utc();
    let (date, time) = (timestamp.date_naive(), timestamp.time());
    let (year, micros) = (date.year(), time.nanosecond() / 1000);
    let (1000..=9999, 0..1_000_000) = (year, micros) else {
        return timestamp.to_rfc3339_opts(SecondsFormat::Micros, true);
    };
    let two = |number: u32| [10, 1].map(|unit| b'0' + (number / unit % 10) as u8);
    let year = year.unsigned_abs();
    let ([y1, y2], [y3, y4], [m1, m2], [d1, d2]) = (two(year / 100), two(year), two(date.month()), two(date.day()));
    let ([h1, h2], [n1, n2], [s1, s2]) = (two(time.hour()), two(time.minute()), two(time.second()));
    let ([u1, u2], [u3, u4], [u5, u6]) = (two(micros / 10_000), two(micros / 100), two(micros));
    let text = [
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', u1, u2, u3, u4, u5,
        u6, b'Z',
    ];
    // Always valid: digits are ASCII.
    String::from_utf8(text.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{SecondsFormat, Timestamp, format};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn timestamps_are_formatted_as_chrono_does(micros in -100_000_000_000_000_000_i64..300_000_000_000_000_000) {
            let time = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(format(time), time.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true));
        }
    }
}
