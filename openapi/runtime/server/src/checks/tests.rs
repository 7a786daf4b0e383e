use super::*;

fn is_fault(check: impl FnOnce(&mut Faults)) -> bool {
    let mut faults = Faults::default();
    check(&mut faults);
    !faults.is_empty()
}

#[test]
fn bounds_are_inclusive() {
    for (number, is_below, is_above) in [(1, true, false), (2, false, false), (3, false, false), (4, false, true)] {
        assert_eq!(is_fault(|faults| minimum(number, 2, faults)), is_below, "{number}");
        assert_eq!(is_fault(|faults| maximum(i64::from(number), 3, faults)), is_above, "{number}");
    }
    for (list, is_below, is_above) in [(&[][..], true, false), (&[0], false, false), (&[0, 0], false, true)] {
        assert_eq!(is_fault(|faults| min_items(list, 1, faults)), is_below, "{list:?}");
        assert_eq!(is_fault(|faults| max_items(list, 1, faults)), is_above, "{list:?}");
    }
}

#[test]
fn lengths_count_characters() {
    assert!(!is_fault(|faults| max_length("é✓💰", 3, faults)) && is_fault(|faults| max_length("é✓💰", 2, faults)));
    assert!(!is_fault(|faults| min_length("é✓💰", 3, faults)) && is_fault(|faults| min_length("é✓💰", 4, faults)));
}

#[test]
fn dates_are_those_of_rfc_3339() {
    for text in ["2026-01-18", "2024-02-29", "0000-01-01", "9999-12-31"] {
        assert!(!is_fault(|faults| date(text, faults)), "{text}");
    }
    for text in [
        "",
        "2026-1-18",
        "2026-02-29",
        "2026-13-01",
        "+2026-01-18",
        "2026-01-18Z",
        " 2026-01-1",
        "20260118",
        "2026-01-1é",
    ] {
        assert!(is_fault(|faults| date(text, faults)), "{text}");
    }
    for text in ["2026-01-18T09:00:00Z", "2026-01-18T09:00:00.123456+05:30", "2026-06-30T23:59:60Z"] {
        assert!(!is_fault(|faults| date_time(text, faults)), "{text}");
    }
    for text in ["", "2026-01-18", "2026-01-18T09:00:00", "2026-01-18T25:00:00Z", "yesterday"] {
        assert!(is_fault(|faults| date_time(text, faults)), "{text}");
    }
}
