use super::{ServerSentEvent, SseParser, TooLong};
use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures_util::{FutureExt, StreamExt, stream};
use proptest::{collection::vec, prelude::*, sample::select};
use std::{convert::Infallible, time::Duration};

/// All events of these chunks, and the parser at their end.
fn parse(chunks: &[&[u8]], most: usize) -> Result<(Vec<ServerSentEvent>, SseParser), TooLong> {
    let mut parser = SseParser::new(most, "");
    let mut events = Vec::new();
    for chunk in chunks {
        let mut chunk = Bytes::copy_from_slice(chunk);
        while let Some(event) = parser.next(&mut chunk)? {
            events.push(event);
        }
        assert!(chunk.is_empty(), "what was not taken: {chunk:?}");
    }
    Ok((events, parser))
}

fn event(id: &str, event: &str, data: &str) -> ServerSentEvent {
    ServerSentEvent { id: id.into(), event: event.into(), data: data.into() }
}

#[track_caller]
fn assert_events(text: &str, expected: &[ServerSentEvent]) {
    assert_eq!(parse(&[text.as_bytes()], 1024).unwrap().0, expected, "{text:?}");
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(parse(&bytes, 1024).unwrap().0, expected, "byte by byte: {text:?}");
}

#[test]
fn events_are_what_the_standard_says() {
    // The examples of the standard.
    assert_events("data: YHOO\ndata: +2\ndata: 10\n\n", &[event("", "message", "YHOO\n+2\n10")]);
    assert_events(
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        &[
            event("1", "message", "first event"),
            event("", "message", "second event"),
            event("", "message", " third event"),
        ],
    );
    assert_events("data\n\ndata\ndata\n\ndata:\n", &[event("", "message", ""), event("", "message", "\n")]);
    assert_events("data:test\n\ndata: test\n\n", &[event("", "message", "test"), event("", "message", "test")]);
    // Ends of lines of all three kinds, and a mark at the beginning.
    for end in ["\n", "\r", "\r\n"] {
        let text = ["\u{feff}event: a", "data: 1", "", "event: b", "", "data: 2", "", ""].join(end);
        assert_events(&text, &[event("", "a", "1"), event("", "message", "2")]);
    }
    assert_events("\u{feff}\u{feff}data: 1\n\ndata: 2\n\n", &[event("", "message", "2")]);
    // An id with a zero is ignored, and one without data counts.
    assert_events("id: 1\n\nid: a\0b\ndata: x\n\n", &[event("1", "message", "x")]);
    // What is not complete is dropped, and what is unknown ignored.
    assert_events("dat: 1\nData: 2\ndata : 3\n:data: 4\n\ndata: 5\n", &[]);
}

#[test]
fn an_event_is_complete_before_the_byte_behind_it() {
    for text in ["data: 1\r\r", "data: 1\n\n", "data: 1\r\n\r"] {
        assert_eq!(parse(&[text.as_bytes()], 1024).unwrap().0.len(), 1, "{text:?}");
    }
    let (events, _) = parse(&[b"data: 1\r\n\r", b"\ndata: 2\n\n"], 1024).unwrap();
    assert_eq!(events, [event("", "message", "1"), event("", "message", "2")]);
}

#[test]
fn the_id_counts_once_its_event_is_complete() {
    let (_, mut parser) = parse(&[b"id: 1\ndata: x\n\nid: 2\ndata: y\n"], 1024).unwrap();
    assert_eq!(parser.last_id(), "1");
    assert!(parser.next(&mut Bytes::from("\n")).unwrap().is_some());
    assert_eq!(parser.last_id(), "2");
    let mut next = SseParser::new(1024, "2");
    assert_eq!(next.next(&mut Bytes::from("data: z\n\n")).unwrap(), Some(event("2", "message", "z")));
}

#[test]
fn the_time_to_wait_is_a_number_of_milliseconds() {
    let retry = |text: &str| parse(&[text.as_bytes()], 1024).unwrap().1.take_retry();
    assert_eq!(retry("retry: 1500\n"), Some(Duration::from_millis(1500)));
    for text in ["retry: 1s\n", "retry: -1\n", "retry: +1\n", "retry:\n", "retry: 99999999999999999999999\n"] {
        assert_eq!(retry(text), None, "{text:?}");
    }
    assert_eq!(retry("retry: 7\nretry: x\n"), Some(Duration::from_millis(7)));
}

#[test]
fn what_is_not_utf_8_is_replaced() {
    let (events, _) = parse(&[b"data: a\xffb\xe2\x82", b"\ndata: \xac\n\n"], 1024).unwrap();
    assert_eq!(events, [event("", "message", "a\u{fffd}b\u{fffd}\n\u{fffd}")]);
    let (events, _) = parse(&[b"data: \xe2", b"\x82\xac\n\n"], 1024).unwrap();
    assert_eq!(events, [event("", "message", "€")], "a character may come in parts");
}

#[test]
fn nothing_of_an_event_can_grow_without_bounds() {
    let line = "x".repeat(200);
    for text in [
        format!("data: {line}"),
        format!(":{line}"),
        format!("data: {}\n", "y".repeat(50)).repeat(10),
        "data\n".repeat(200),
        format!("id: {}\nevent: {}\n", "i".repeat(60), "e".repeat(60)),
    ] {
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(7).collect();
        assert_eq!(parse(&bytes, 100).err(), Some(TooLong), "{text}");
    }
    // Each event and each comment may have as much.
    let text = format!("data: {}\n\n:{}\n", "y".repeat(90), "c".repeat(90)).repeat(100);
    assert_eq!(parse(&[text.as_bytes()], 100).unwrap().0.len(), 100);
}

/// Pieces of streams, with what is easily got wrong more often than by chance. Without what the other parser does otherwise
/// than the standard says: it takes `retry: +1`, stops at ill-formed UTF-8, and panics at a byte order mark at the beginning.
fn pieces() -> impl Strategy<Value = String> {
    let known = vec![
        "data",
        "event",
        "id",
        "retry",
        ":",
        ": ",
        " ",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "\r\r",
        "\u{feff}",
        "data: 1\n\n",
        "id: 7\n",
        "event: tick\n",
        "retry: 10\n",
        "x",
        "0",
        "\0",
        "é",
        "€",
    ];
    vec(prop_oneof![9 => select(known).prop_map(str::to_owned), 1 => "[^+]{0,3}"], 0..40)
        .prop_map(|pieces| pieces.concat())
}

/// The events that another parser finds.
fn reference(bytes: &[u8], cuts: &[usize]) -> Vec<ServerSentEvent> {
    let chunks = cut(bytes, cuts).into_iter().map(|chunk| Ok::<_, Infallible>(chunk.to_vec()));
    let found = stream::iter(chunks).eventsource().map(|event| event.expect("UTF-8"));
    let found = found.map(|found| event(&found.id, &found.event, &found.data)).collect();
    found.now_or_never().expect("every chunk is there")
}

/// The bytes in chunks that end at these places.
fn cut<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_parser_finds_the_same_events(text in pieces(), cuts in vec(any::<usize>(), 0..8)) {
        // The other one waits for the byte behind a CR; a comment brings it, and is nothing itself.
        let text = text.trim_start_matches('\u{feff}').to_owned() + ":";
        let found = parse(&cut(text.as_bytes(), &cuts), 1 << 20).unwrap().0;
        prop_assert_eq!(found, reference(text.as_bytes(), &[]));
    }

    #[test]
    fn any_bytes_in_any_chunks_give_the_same_and_no_panic(bytes in vec(any::<u8>(), 0..200), cuts in vec(any::<usize>(), 0..8)) {
        let whole = parse(&[&bytes], 1 << 20).unwrap().0;
        prop_assert_eq!(&parse(&cut(&bytes, &cuts), 1 << 20).unwrap().0, &whole);
        if let Ok((events, parser)) = parse(&cut(&bytes, &cuts), 20) {
            prop_assert_eq!(events, whole);
            prop_assert!(parser.line.len() <= 20);
        }
    }
}
