//! An event as one JSON object on one line.
//!
//! It is written straight into the line: the format that `tracing-subscriber` has for this gathers the fields in a tree
//! first, and costs several times as much.

use std::fmt::{self, Debug, Display, Write};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The format. An event is all there is to a line: we have no spans.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json;

/// Keeps no fields of spans.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoFields;

impl<'writer> FormatFields<'writer> for NoFields {
    fn format_fields<R: RecordFields>(&self, _: Writer<'writer>, _: R) -> fmt::Result {
        Ok(())
    }
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        let metadata = event.metadata();
        write!(line, "\",\"level\":\"{}\"", metadata.level().as_str())?;
        let mut members = Members { line: &mut line, outcome: Ok(()) };
        event.record(&mut members);
        members.outcome?;
        line.write_str(",\"target\":\"")?;
        Escaped(&mut line).write_str(metadata.target())?;
        line.write_str("\"}\n")
    }
}

/// Writes fields as members of an object.
struct Members<'a, 'writer> {
    line: &'a mut Writer<'writer>,
    outcome: fmt::Result,
}

impl Members<'_, '_> {
    /// Writes a member whose value is a string.
    fn text(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.member(field, |line| {
            line.write_char('"')?;
            Escaped(line).write_fmt(value)?;
            line.write_char('"')
        });
    }

    fn plain(&mut self, field: &Field, value: impl Display) {
        self.member(field, |line| write!(line, "{value}"));
    }

    fn member(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.outcome.is_ok() {
            // The names of fields are Rust's: they need no escapes.
            let name = |line: &mut Writer<'_>| {
                line.write_str(",\"")?;
                line.write_str(field.name())?;
                line.write_str("\":")
            };
            self.outcome = name(self.line).and_then(|()| write(self.line));
        }
    }
}

impl Visit for Members<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for what is not finite.
        if value.is_finite() { self.plain(field, value) } else { self.text(field, format_args!("{value}")) }
    }
}

/// Text as it stands between the quotes of a JSON string (RFC 8259, section 7).
struct Escaped<'a, 'writer>(&'a mut Writer<'writer>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            let (plain, special) = rest.split_at(at);
            self.0.write_str(plain)?;
            let (special, behind) = special.split_at(1);
            match special {
                "\"" => self.0.write_str("\\\"")?,
                "\\" => self.0.write_str("\\\\")?,
                "\n" => self.0.write_str("\\n")?,
                control => write!(self.0, "\\u{:04x}", control.bytes().next().unwrap_or_default())?,
            }
            rest = behind;
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, NoFields};
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

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
        let subscriber = tracing_subscriber::fmt()
            .event_format(Json)
            .fmt_fields(NoFields)
            .with_writer(move || writer.clone())
            .finish();
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
    fn nothing_that_is_logged_can_forge_a_line() {
        let hostile = "a\"b\\c\nd\r\u{1}\u{7f}é💰";
        let line = logged(|| tracing::info!(text = hostile, debug = ?hostile, nan = f64::NAN, "{hostile}"));
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["text"], &read["message"]), (&hostile.into(), &hostile.into()));
        assert_eq!(read["debug"], format!("{hostile:?}"));
        assert_eq!(read["nan"], "NaN");
    }
}
