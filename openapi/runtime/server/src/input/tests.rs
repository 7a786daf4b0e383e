use super::*;

static OPERATION: Operation = Operation {
    id: "getThing",
    tag: "things",
    method: "GET",
    path: "/things/{id}/parts/{part}",
    query: &[],
    produces: &["application/json", "text/plain"],
    failures: &[406],
    scope: None,
    deprecations: &[],
};

fn query_faults(look: impl FnOnce(&mut Faults)) -> Vec<String> {
    let mut faults = Faults::default();
    look(&mut faults);
    faults.into_vec().iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
}

#[test]
fn path_parameters_are_decoded_and_counted_from_the_end() {
    for (sent, id, part) in [
        ("/things/a/parts/b", "a", "b"),
        ("/v1/shops/things/a/parts/b", "a", "b"),
        ("/things/a%20b%2Fc/parts/%C3%A9+", "a b/c", "é+"),
    ] {
        let uri: Uri = sent.parse().unwrap();
        assert_eq!(path(&uri, &OPERATION, "id").unwrap(), id);
        assert_eq!(path(&uri, &OPERATION, "part").unwrap(), part);
    }
    let broken: Uri = "/things/%ff/parts/b".parse().unwrap();
    assert!(matches!(path(&broken, &OPERATION, "id"), Err(Refusal::Path)));
    assert!(matches!(path(&broken, &OPERATION, "other"), Err(Refusal::Path)));
}

#[test]
fn a_query_is_read_the_same_with_and_without_escapes() {
    for query in ["", "a=1", "a=1&b=2&a=3", "a", "a=", "=1", "&&a=1&&", "a=b=c", "a=1;b=2", "?a=1"] {
        let uri: Uri = format!("/?{query}").parse().unwrap();
        let escaped: Uri = format!("/?{query}&%7A=%7A").parse().unwrap();
        let Query(mut expected) = Query::read(&escaped);
        expected.pop();
        assert_eq!(Query::read(&uri).0, expected, "{query}");
    }
}

#[test]
fn parameters_are_read_by_their_types() {
    let uri: Uri = "/?text=a+b%26&number=-7&yes=true&no=false&day=2026-01-18".parse().unwrap();
    let query = Query::read(&uri);
    let mut faults = Faults::default();
    assert_eq!(query.string("text", &mut faults).as_deref(), Some("a b&"));
    assert_eq!(query.integer("number", Some(-7), &mut faults), Some(-7));
    assert_eq!((query.word("yes", &mut faults), query.word("no", &mut faults)), (Some(true), Some(false)));
    assert_eq!(query.checked("day", crate::checks::date, &mut faults).as_deref(), Some("2026-01-18"));
    assert_eq!((query.string("none", &mut faults), query.word::<bool>("none", &mut faults)), (None, None));
    query.required("text", &mut faults);
    assert!(faults.is_empty());
}

#[test]
fn faults_of_the_query_name_the_parameter() {
    let uri: Uri = "/?twice=1&twice=2&number=x&small=2&plus=%2B1&word=yes&empty=&large=9223372036854775808&low=-9223372036854775809"
        .parse()
        .unwrap();
    let query = Query::read(&uri);
    let found = query_faults(|faults| {
        query.string("twice", faults);
        query.integer("number", None, faults);
        query.integer("number", Some(3), faults);
        query.integer("small", Some(3), faults);
        query.integer("plus", None, faults);
        query.integer("empty", None, faults);
        query.integer("large", Some(1), faults);
        query.integer("low", Some(1), faults);
        query.word::<bool>("word", faults);
        query.required("missing", faults);
    });
    let expected = [
        "/query/twice is given twice; give it once",
        "/query/number must be an integer",
        "/query/number must be an integer of at least 3",
        "/query/small must be at least 3",
        "/query/plus must be an integer",
        "/query/empty must be an integer",
        "/query/large is too large; send at most 9223372036854775807",
        "/query/low must be an integer of at least 1",
        "/query/word must be true or false",
        "/query/missing is missing",
    ];
    assert_eq!(found, expected);
}

fn headers(name: HeaderName, values: &[&[u8]]) -> HeaderMap {
    values.iter().map(|value| (name.clone(), HeaderValue::from_bytes(value).unwrap())).collect()
}

#[test]
fn the_lines_of_a_header_make_one_list() {
    let read = |values: &[&[u8]]| {
        let mut faults = Faults::default();
        let headers = headers(header::IF_MATCH, values);
        (header(&headers, (header::IF_MATCH, "If-Match"), &mut faults), faults.into_vec())
    };
    assert_eq!(read(&[]), (None, vec![]));
    assert_eq!(read(&[b"\"1\""]).0.as_deref(), Some("\"1\""));
    assert_eq!(read(&[b"\"1\"", b"\"2\", \"3\""]).0.as_deref(), Some("\"1\", \"2\", \"3\""));
    let (_, faults) = read(&[b"\"1\"", b"\xff"]);
    assert!(matches!(&*faults, [fault] if fault.pointer == "/header/If-Match"), "{faults:?}");
}

#[test]
fn accept_rules_out_what_it_does_not_name() {
    for (accept, is_accepted) in [
        (&[][..], true),
        (&["application/json"], true),
        (&["text/html"], false),
        (&["text/html, */*;q=0.1"], true),
        (&["text/html", "text/plain"], true),
        (&["TEXT/*"], true),
        (&["image/*"], false),
        (&["*/*;q=0"], false),
        (&["*/*;q=0.000"], false),
        (&["*/*, application/json;q=0, text/*;q=0"], false),
        (&["*/*;q=0, application/json;q=0.001"], true),
        (&["application/json;charset=utf-8;q=0, text/plain"], true),
        (&["application/json;q=0, application/json"], true),
        (&["nonsense"], true),
        (&[""], true),
    ] {
        let values: Vec<&[u8]> = accept.iter().map(|value| value.as_bytes()).collect();
        let headers = headers(header::ACCEPT, &values);
        assert_eq!(acceptable(&headers, &OPERATION).is_ok(), is_accepted, "{accept:?}");
    }
}

#[test]
fn accept_prefers_by_weight_then_by_name_then_by_order() {
    for (accept, preferred) in [
        ("*/*", Some("text/html")),
        ("", Some("text/html")),
        ("application/json", Some("application/json")),
        ("application/json, text/plain, */*", Some("application/json")),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some("text/html")),
        ("text/html;q=0.25, application/json;q=0.3", Some("application/json")),
        ("application/json;q=0.123, text/*;q=0.124", Some("text/html")),
        ("text/html;q=0, */*;q=0.1", Some("application/json")),
        ("application/json;q=nonsense, text/html;q=0.9", Some("application/json")),
        ("image/png", None),
        ("*/*;q=0", None),
    ] {
        let headers = headers(header::ACCEPT, &[accept.as_bytes()]);
        let found = preferred_media_type(&headers, &["text/html", "application/json"]);
        assert_eq!(found.ok(), preferred, "{accept}");
    }
}

#[test]
fn accept_is_ignored_where_the_contract_declares_no_406() {
    static ALWAYS: Operation = Operation {
        id: "a",
        tag: "b",
        method: "GET",
        path: "/",
        query: &[],
        produces: &["text/plain"],
        failures: &[],
        scope: None,
        deprecations: &[],
    };
    assert!(acceptable(&headers(header::ACCEPT, &[b"text/html"]), &ALWAYS).is_ok());
}

#[test]
fn the_media_type_of_a_body_is_one_of_the_accepted() {
    const ACCEPTED: &[&str] = &["application/json", "application/merge-patch+json"];
    let read = |values: &[&[u8]]| media_type(&headers(header::CONTENT_TYPE, values), ACCEPTED);
    for sent in [&b"application/json"[..], b"Application/JSON ; charset=utf-8", b" application/json;"] {
        assert_eq!(read(&[sent]).unwrap(), "application/json");
    }
    assert_eq!(read(&[b"application/merge-patch+json"]).unwrap(), ACCEPTED[1]);
    for sent in [&[][..], &[&b"text/plain"[..]], &[b"application/jsonp"], &[b"\xff"]] {
        assert!(matches!(read(sent), Err(Refusal::MediaType { accepted: ACCEPTED, .. })), "{sent:?}");
    }
    for twice in [&[&b"application/json"[..], b"application/json"][..], &[b"text/plain", b"application/json"]] {
        let refused = read(twice);
        assert!(matches!(refused, Err(Refusal::MediaTypes { count: 2, accepted: ACCEPTED })), "{refused:?}");
    }
    let mut encoded = headers(header::CONTENT_TYPE, &[b"application/json"]);
    encoded.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    assert!(media_type(&encoded, ACCEPTED).is_ok());
    encoded.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    assert!(matches!(media_type(&encoded, ACCEPTED), Err(Refusal::ContentEncoding { sent, .. }) if sent == "gzip"));
}

/// A body in these pieces, without an announced length.
fn pieces(pieces: &'static [&'static [u8]]) -> Body {
    let pieces = pieces.iter().map(|piece| Ok::<_, std::convert::Infallible>(Bytes::from_static(piece)));
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let none = HeaderMap::new();
    assert_eq!(body(&none, pieces(&[]), 4).await.unwrap(), "");
    assert_eq!(body(&none, pieces(&[b"abcd"]), 4).await.unwrap(), "abcd");
    assert_eq!(body(&none, pieces(&[b"a", b"", b"bc", b"d"]), 4).await.unwrap(), "abcd");
    assert!(matches!(body(&none, pieces(&[b"abcde"]), 4).await, Err(Refusal::BodyTooLarge { limit: 4 })));
    assert!(matches!(body(&none, pieces(&[b"ab", b"cd", b"e"]), 4).await, Err(Refusal::BodyTooLarge { limit: 4 })));
    // Refused by its announced length, before it is read.
    let long = headers(header::CONTENT_LENGTH, &[b"5"]);
    assert!(matches!(body(&long, pieces(&[b"ab"]), 4).await, Err(Refusal::BodyTooLarge { limit: 4 })));
    let exact = headers(header::CONTENT_LENGTH, &[b"4"]);
    assert_eq!(body(&exact, pieces(&[b"ab", b"cd"]), 4).await.unwrap(), "abcd");
}
