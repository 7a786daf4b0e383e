//! Writes each event as one JSON object on one line.
//!
//! Fields are written straight into a buffer that the thread keeps, without a tree of values and with little of
//! `std::fmt`. Every request is logged, and the JSON format of `tracing-subscriber` takes longer than the rest of a
//! small request (`docs/PERFORMANCE.md`).

use super::Fields;
use crate::{payments::Timestamp, vectorised};
use std::{
    cell::RefCell,
    fmt::{self, Debug, Write as _},
    io,
    time::SystemTime,
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// Writes events to a writer. Lines have no spans: the program has none.
#[derive(Debug)]
pub(super) struct JsonLayer<W>(pub(super) W);

thread_local! {
    /// The line that is being written. Kept for its capacity.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The capacity that is kept for the next line, in bytes.
const KEPT_CAPACITY: usize = 4 << 10;

impl<S: Subscriber, W: io::Write + Clone + 'static> Layer<S> for JsonLayer<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let record = |members: &mut Members<'_>| {
            event.record(members);
            members.text("target", metadata.target());
        };
        // A failure is ignored: there is no other place to report it.
        write_line(*metadata.level(), SystemTime::now(), record, |line| drop(self.0.clone().write_all(line)));
    }
}

/// Writes the line of an event, with the members that `record` adds, and passes it to `out`.
pub(super) fn write_line(
    level: Level,
    time: SystemTime,
    record: impl FnOnce(&mut Members<'_>),
    out: impl FnOnce(&[u8]),
) {
    LINE.with(|line| {
        // Drops an event that is logged while another is being written, by the `Debug` of one of its fields.
        let Ok(mut line) = line.try_borrow_mut() else { return };
        line.clear();
        line.push_str("{\"timestamp\":\"");
        write_timestamp(&mut line, time);
        line.push_str("\",\"level\":\"");
        line.push_str(level.as_str());
        line.push('"');
        record(&mut Members(&mut line));
        line.push_str("}\n");
        out(line.as_bytes());
        line.shrink_to(KEPT_CAPACITY);
    });
}

/// Appends RFC 3339 in UTC, to the microsecond. The time of a broken clock becomes one that RFC 3339 can write, see
/// [`Timestamp::by_clock`].
fn write_timestamp(line: &mut String, time: SystemTime) {
    thread_local! {
        /// Caches the text of the last second: lines come more often than seconds change.
        static SECOND: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
    }
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != since.as_secs() {
            *second = since.as_secs();
            *text = Timestamp::by_clock(time).to_utc().format("%Y-%m-%dT%H:%M:%S.").to_string();
        }
        line.push_str(text);
    });
    // Adding 1,000,000 keeps the leading zeros; the 1 is cut off.
    let mut digits = itoa::Buffer::new();
    line.push_str(digits.format(1_000_000 + since.subsec_micros()).get(1..).unwrap_or_default());
    line.push('Z');
}

/// Writes fields as members of an object.
pub(super) struct Members<'a>(&'a mut String);

impl Members<'_> {
    /// Field names are Rust identifiers, which need no escapes. Inlined, so that the length of a constant name is
    /// known.
    #[inline(always)]
    fn name(&mut self, name: &'static str) {
        self.0.push_str(",\"");
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn raw(&mut self, name: &'static str, value: &str) {
        self.name(name);
        self.0.push_str(value);
    }

    fn formatted(&mut self, name: &'static str, value: fmt::Arguments<'_>) {
        self.name(name);
        self.0.push('"');
        // A `Debug` that fails cuts the value short, and the line stays valid JSON.
        let _ = Escaped(self.0).write_fmt(value);
        self.0.push('"');
    }
}

impl Fields for Members<'_> {
    fn text(&mut self, name: &'static str, value: &str) {
        self.name(name);
        self.0.push('"');
        escape(self.0, value);
        self.0.push('"');
    }

    #[inline(always)]
    fn unescaped(&mut self, name: &'static str, value: &str) {
        self.name(name);
        self.0.push('"');
        self.0.push_str(value);
        self.0.push('"');
    }

    fn number(&mut self, name: &'static str, value: u64) {
        self.raw(name, itoa::Buffer::new().format(value));
    }

    fn boolean(&mut self, name: &'static str, value: bool) {
        self.raw(name, if value { "true" } else { "false" });
    }
}

impl Visit for Members<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.formatted(field.name(), format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.raw(field.name(), itoa::Buffer::new().format(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.boolean(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no numbers that are not finite.
        if value.is_finite() {
            self.raw(field.name(), &value.to_string())
        } else {
            self.formatted(field.name(), format_args!("{value}"))
        }
    }
}

/// Escapes formatted text for a JSON string (RFC 8259, section 7).
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(self.0, text);
        Ok(())
    }
}

fn escape(line: &mut String, text: &str) {
    let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // Most text needs no escapes.
    if vectorised::all(text.as_bytes(), |byte| !is_special(byte)) {
        line.push_str(text);
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, special) = rest.split_at(at);
        line.push_str(plain);
        let (special, behind) = special.split_at(1);
        match special {
            "\"" => line.push_str("\\\""),
            "\\" => line.push_str("\\\\"),
            "\n" => line.push_str("\\n"),
            control => {
                // Infallible: the target is a string.
                let _ = write!(line, "\\u{:04x}", control.bytes().next().unwrap_or_default());
            }
        }
        rest = behind;
    }
    line.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::{JsonLayer, write_timestamp};
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
        time::{Duration, SystemTime},
    };
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::registry().with(JsonLayer(writer));
        tracing::subscriber::with_default(subscriber, log);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_event_is_one_line_of_json() {
        let absent: Option<&str> = None;
        let line = logged(|| {
            tracing::warn!(status = 201, ratio = 0.5, yes = true, who = %"me", absent, "request");
        });
        let (timestamp, rest) = line.split_at(line.find(",\"level\"").unwrap());
        chrono::DateTime::parse_from_rfc3339(timestamp.trim_start_matches("{\"timestamp\":\"").trim_end_matches('"'))
            .unwrap();
        assert_eq!(
            rest,
            ",\"level\":\"WARN\",\"message\":\"request\",\"status\":201,\"ratio\":0.5,\"yes\":true,\"who\":\"me\",\
             \"target\":\"payments::log::json::tests\"}\n"
        );
    }

    #[test]
    fn no_logged_text_can_forge_a_line() {
        let hostile = "a\"b\\c\nd\r\u{1}\u{7f}é💰";
        let line = logged(|| tracing::info!(text = hostile, debug = ?hostile, nan = f64::NAN, "{hostile}"));
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["text"], &read["message"]), (&hostile.into(), &hostile.into()));
        assert_eq!(read["debug"], format!("{hostile:?}"));
        assert_eq!(read["nan"], "NaN");
    }

    #[test]
    fn a_clock_that_is_wrong_does_no_harm() {
        let epoch = SystemTime::UNIX_EPOCH;
        let century = Duration::from_secs(3_155_695_200);
        for (time, text) in [
            (epoch.checked_sub(century), "1970-01-01T00:00:00.000000Z"),
            (epoch.checked_add(century * 100), "9999-12-31T23:59:59.000000Z"),
            (epoch.checked_add(century * 4_000), "9999-12-31T23:59:59.000000Z"),
        ] {
            let mut line = String::new();
            write_timestamp(&mut line, time.unwrap());
            assert_eq!(line, text);
        }
    }

    #[test]
    fn timestamps_have_microseconds() {
        for text in ["2026-01-18T09:00:00.000000Z", "2026-01-18T09:00:00.000041Z", "2026-01-18T09:00:01.999999Z"] {
            let mut line = String::new();
            let time: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
            write_timestamp(&mut line, time.into());
            assert_eq!(line, text);
        }
    }
}
