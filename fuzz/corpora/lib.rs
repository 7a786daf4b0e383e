//! The inputs that fuzzing found worth keeping: a text file for each target, an input on each line.
//!
//! Lines are escaped as in a byte string of Rust, so that a person can read and add one; `fuzz/run.py` reads and writes the same.
//! Tests replay them without a fuzzer.

#![allow(clippy::panic, reason = "a test that fails says so by panicking")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

/// Calls `target` with each input that is kept for it. The output of a failure names the input.
///
/// # Panics
/// When the target does, or nothing is kept for it.
pub fn replay(name: &str, target: fn(&[u8])) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).with_extension("txt");
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!kept.is_empty(), "nothing is kept in {}", path.display());
    for (number, line) in kept.lines().enumerate() {
        let input =
            unescape(line).unwrap_or_else(|| panic!("line {} of {} cannot be read", number + 1, path.display()));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&input))) {
            eprintln!("the target {name} fails for line {} of {}: {line}", number + 1, path.display());
            resume_unwind(panic);
        }
    }
}

/// Reads what [`u8::escape_ascii`] writes.
fn unescape(line: &str) -> Option<Vec<u8>> {
    let mut rest = line.bytes();
    let mut input = Vec::new();
    while let Some(byte) = rest.next() {
        input.push(match byte {
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                other @ (b'\\' | b'\'' | b'"') => other,
                _ => return None,
            },
            other => other,
        });
    }
    Some(input)
}

#[cfg(test)]
mod tests {
    use super::unescape;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_input_can_stand_on_a_line() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let line = all.escape_ascii().to_string();
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(unescape(&line), Some(all));
        assert_eq!((unescape("\\"), unescape("\\q"), unescape("\\x0")), (None, None, None));
    }

    #[test]
    fn each_target_has_its_inputs() {
        let names = |folder: &str, ending: &str| -> BTreeSet<String> {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(folder);
            let files =
                std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            files.filter_map(|file| file.strip_suffix(ending).map(str::to_owned)).filter(|name| name != "lib").collect()
        };
        assert_eq!(names("corpora", ".txt"), names("targets", ".rs"), "fuzz/corpora/NAME.txt and fuzz/targets/NAME.rs");
    }
}
