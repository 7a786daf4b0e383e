use super::*;
use axum::body::Body;

fn moment(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[test]
fn a_deprecation_is_written_as_in_rfc_9745() {
    // The examples of section 2.1, and of section 3.3.7 of RFC 9651.
    assert_eq!(structured_date(moment("2023-06-30T23:59:59Z")), "@1688169599");
    assert_eq!(structured_date(moment("2022-08-04T01:57:13Z")), "@1659578233");
}

#[test]
fn a_sunset_is_written_as_in_rfc_8594() {
    // The examples of section 4 of RFC 9745, and of section 5.6.7 of RFC 9110.
    assert_eq!(http_date(moment("2024-06-30T23:59:59Z")), "Sun, 30 Jun 2024 23:59:59 GMT");
    assert_eq!(http_date(moment("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
}

#[test]
fn a_day_begins_at_midnight_in_utc() {
    let (on, sunset) = (date("2026-11-28"), Some(date("2027-11-28")));
    let deprecation = Deprecation { element: "x", place: Place::Operation, on, sunset };
    assert_eq!(deprecation.deprecation_header().unwrap(), "@1795824000");
    assert_eq!(deprecation.sunset_header().unwrap(), "Sun, 28 Nov 2027 00:00:00 GMT");
    assert_eq!(Deprecation { sunset: None, ..deprecation }.sunset_header(), None);
}

#[test]
fn a_parameter_is_found_however_it_is_spelled() {
    for (query, found) in [
        ("to=1", true),
        ("from=0&to=1", true),
        ("to", true),
        ("to=", true),
        ("%74o=1", true),
        ("%74%6F=1", true),
        ("", false),
        ("total=1", false),
        ("from=to", false),
        ("from=to&auto=1", false),
        ("TO=1", false),
        ("%74=1", false),
    ] {
        assert_eq!(has_parameter(query, "to"), found, "{query}");
    }
}

const fn deprecation(element: &'static str, place: Place) -> Deprecation {
    Deprecation { element, place, on: date("2026-11-28"), sunset: None }
}

#[test]
fn a_request_uses_what_its_head_has() {
    let all = [
        deprecation("list", Place::Operation),
        deprecation("list.to", Place::Query("to")),
        deprecation("list.X-Shop", Place::Header("x-shop")),
    ];
    let request = |uri: &str| Request::builder().uri(uri).header("X-Shop", "main").body(Body::empty()).unwrap();
    let found =
        |all: &[Deprecation], uri| DeprecatedUses::find(all.iter(), &mut request(uri)).map(|uses| uses.elements());
    assert_eq!(found(&all, "/things?to=1").unwrap(), ["list", "list.to", "list.X-Shop"]);
    assert_eq!(found(&all, "/things").unwrap(), ["list", "list.X-Shop"]);
    assert_eq!(found(&all[1..2], "/things?from=to"), None);
    assert_eq!(found(&[], "/things?to=1"), None);
}

#[test]
fn a_body_adds_to_the_list_of_its_request() {
    let mut request = Request::new(Body::empty());
    let uses = DeprecatedUses::find([deprecation("Thing.code", Place::Body)].iter(), &mut request).unwrap();
    assert!(uses.elements().is_empty());
    DeprecatedUses::add(request.extensions(), &["Thing.code"]);
    assert_eq!(uses.elements(), ["Thing.code"]);
    // Without a list nothing is kept.
    DeprecatedUses::add(&Extensions::new(), &["Thing.code"]);
}

#[test]
fn a_model_inside_itself_is_visited_once() {
    fn tree(found: &mut DeprecatedProperties) {
        if found.add("Tree", &[deprecation("Tree.mail", Place::Body)]) {
            tree(found);
        }
    }
    let mut found = DeprecatedProperties::default();
    tree(&mut found);
    assert_eq!(found.into_vec(), [deprecation("Tree.mail", Place::Body)]);
}
