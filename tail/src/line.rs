//! The line of an event.

use payments_client::models::{Event, EventData};
use serde_json::Value;
use std::io::{self, Write};

/// How events are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Words,
    /// For programs: the event as the service sent it, and its cursor.
    Json,
}

/// Writes the line of an event, and flushes: a reader at the other end of a pipe waits for it.
pub(crate) fn write(output: &mut impl Write, format: Format, event: &Event, cursor: &str) -> io::Result<()> {
    let line = match format {
        Format::Words => in_words(event),
        Format::Json => as_json(event, cursor)?,
    };
    writeln!(output, "{line}")?;
    output.flush()
}

/// Text of others is quoted where it has control characters, which a terminal would obey.
fn in_words(event: &Event) -> String {
    let EventData { payment_id, organisation_id, version, payment, .. } = &event.data;
    let time = event.timestamp.replacen('T', " ", 1);
    let time = time.get(..19).unwrap_or(&time);
    let kind = event.kind.to_string();
    let kind = kind.strip_prefix("payment.").unwrap_or(&kind);
    let amount = payment.as_ref().map(|payment| {
        let currency: Option<String> = payment.attributes.get("currency").and_then(|json| json.ok().flatten());
        let currency = currency.map(|currency| format!(" {}", shown(&currency))).unwrap_or_default();
        format!("  {}{currency}", shown(payment.attributes.amount()))
    });
    format!(
        "{}  {:<9} {}  version {version}  {}{}",
        shown(time),
        shown(kind),
        shown(payment_id),
        shown(organisation_id),
        amount.unwrap_or_default()
    )
}

fn shown(text: &str) -> String {
    if text.chars().any(char::is_control) { format!("{text:?}") } else { text.to_owned() }
}

/// Attributes keep their bytes, but for ends of lines between their values.
fn as_json(event: &Event, cursor: &str) -> io::Result<String> {
    // Within a string, JSON has them escaped.
    let mut line = serde_json::to_string(event)?.replace(['\r', '\n'], " ");
    // An object of its own members, which has no member of this name.
    line.pop();
    line.push_str(r#","cursor":"#);
    line.push_str(&Value::from(cursor).to_string());
    line.push('}');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::{Format, write};
    use payments_client::models::Event;

    fn event(kind: &str, id: &str, payment: &str) -> Event {
        let text = format!(
            r#"{{"id":"evt_1","type":"{kind}","timestamp":"2026-01-18T09:00:00.000000Z","data":{{"payment_id":{id},"organisation_id":"acme","version":7,{payment}"links":{{"self":"http://x/v1/payments/p/history/7"}}}}}}"#
        );
        serde_json::from_str(&text).expect("an event")
    }

    fn line(format: Format, event: &Event) -> String {
        let mut out = Vec::new();
        write(&mut out, format, event, "CURSOR").expect("memory can be written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn people_read_words() {
        let updated = event("payment.updated", r#""p-1""#, "");
        assert_eq!(line(Format::Words, &updated), "2026-01-18 09:00:00  updated   p-1  version 7  acme\n");
        let payment =
            r#""payment":{"type":"Payment","organisation_id":"acme","attributes":{"amount":"1.10","currency":"GBP"}},"#;
        let created = event("payment.created", r#""p-1""#, payment);
        assert_eq!(line(Format::Words, &created), "2026-01-18 09:00:00  created   p-1  version 7  acme  1.10 GBP\n");
    }

    #[test]
    fn a_terminal_obeys_no_text_of_others() {
        let line = line(Format::Words, &event("payment.updated", r#""a\u001b[2Jb""#, ""));
        assert!(line.contains(r#""a\u{1b}[2Jb""#) && !line.contains('\u{1b}'), "{line:?}");
    }

    #[test]
    fn programs_read_the_event_and_its_cursor() {
        let attributes = r#"{"amount":"1.10", "rate": 1.10, "n":null}"#;
        let payment = format!(r#""payment":{{"type":"Payment","organisation_id":"acme","attributes":{attributes}}},"#);
        let line = line(Format::Json, &event("payment.created", r#""p-1""#, &payment));
        assert!(line.contains(attributes), "attributes keep their bytes: {line}");
        assert!(line.ends_with("\"cursor\":\"CURSOR\"}\n") && line.lines().count() == 1, "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&read["id"], &read["cursor"]), (&"evt_1".into(), &"CURSOR".into()));
        let several = event("payment.created", r#""p-1""#, &payment.replace(", ", ",\r\n"));
        assert_eq!(super::as_json(&several, "c").expect("JSON").lines().count(), 1);
    }
}
