//! What a response announces of the end of something that its request used.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, LINK},
};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// An announcement in a response: the request used something that is deprecated, or that will be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeprecationNotice {
    /// The operation, as the contract names it, such as `listThings`.
    pub operation: &'static str,
    /// Since when it is deprecated, or from when on (`Deprecation`, RFC 9745); `None` if the response does not say.
    pub deprecation: Option<SystemTime>,
    /// From when on it may be gone (`Sunset`, RFC 8594); `None` if the response does not say.
    pub sunset: Option<SystemTime>,
    /// Where to read more: the target of the first `Link` with the relation `deprecation`, or else `sunset`.
    pub link: Option<String>,
}

impl DeprecationNotice {
    /// Reads the announcement of a response to a request that went to `url`. `None` if it has neither of the headers.
    pub(crate) fn read(operation: &'static str, url: &Url, headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(DEPRECATION) && !headers.contains_key(SUNSET) {
            return None;
        }
        let text = |name| headers.get(name)?.to_str().ok();
        let links = || headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let link = |relation| links().find_map(|list| target(list, relation));
        // A link may be relative to the request (RFC 8288, section 3.1).
        let link = link("deprecation")
            .or_else(|| link("sunset"))
            .map(|link| url.join(link).map_or(link.to_owned(), Into::into));
        Some(Self {
            operation,
            deprecation: text(DEPRECATION).and_then(structured_date),
            sunset: text(SUNSET).and_then(|date| httpdate::parse_http_date(date.trim()).ok()),
            link,
        })
    }
}

/// Parses a date of structured fields (RFC 9651, section 3.3.7), and ignores its parameters.
fn structured_date(text: &str) -> Option<SystemTime> {
    let seconds: i64 = text.split(';').next()?.trim().strip_prefix('@')?.parse().ok()?;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

/// The target of the first link with this relation in a header `Link` (RFC 8288, section 3).
fn target<'a>(list: &'a str, relation: &str) -> Option<&'a str> {
    let links = list.split('<').skip(1).filter_map(|link| link.split_once('>'));
    let has_relation = |parameters: &str| {
        let mut values = parameters.split([';', ',']).filter_map(|parameter| parameter.split_once('='));
        let relations = values.find(|(name, _)| name.trim().eq_ignore_ascii_case("rel")).map_or("", |(_, value)| value);
        relations.trim().trim_matches('"').split(' ').any(|found| found.eq_ignore_ascii_case(relation))
    };
    links.into_iter().find(|(_, parameters)| has_relation(parameters)).map(|(target, _)| target)
}

#[cfg(test)]
mod tests {
    use super::{DeprecationNotice, structured_date, target};
    use reqwest::header::{HeaderMap, HeaderName};
    use std::time::{Duration, UNIX_EPOCH};

    fn read(headers: &[(&'static str, &str)]) -> Option<DeprecationNotice> {
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let url = "http://localhost:8080/a/things?to=1".parse().unwrap();
        DeprecationNotice::read("listThings", &url, &headers.collect::<HeaderMap>())
    }

    #[test]
    fn the_example_of_rfc_9745_is_read() {
        let notice = read(&[
            ("deprecation", "@1688169599"),
            ("sunset", "Sun, 30 Jun 2024 23:59:59 GMT"),
            ("link", r#"<https://developer.example.com/deprecation>; rel="deprecation"; type="text/html""#),
        ]);
        let notice = notice.unwrap();
        assert_eq!(notice.operation, "listThings");
        assert_eq!(notice.deprecation, Some(UNIX_EPOCH + Duration::from_secs(1_688_169_599)));
        assert_eq!(notice.sunset, Some(UNIX_EPOCH + Duration::from_secs(1_719_791_999)));
        assert_eq!(notice.link.as_deref(), Some("https://developer.example.com/deprecation"));
    }

    #[test]
    fn either_header_announces_and_neither_does_not() {
        assert!(read(&[]).is_none());
        assert!(read(&[("link", "</docs>; rel=deprecation")]).is_none());
        let sunset = read(&[("sunset", "Sun, 30 Jun 2024 23:59:59 GMT"), ("link", "</docs>; rel=sunset")]).unwrap();
        assert_eq!((sunset.deprecation, sunset.link.as_deref()), (None, Some("http://localhost:8080/docs")));
        // What cannot be read is an announcement all the same.
        let odd = read(&[("deprecation", "true"), ("sunset", "soon")]).unwrap();
        assert_eq!((odd.deprecation, odd.sunset, odd.link), (None, None, None));
    }

    #[test]
    fn dates_are_read_with_parameters_and_before_1970() {
        assert_eq!(structured_date("@60;a=1"), Some(UNIX_EPOCH + Duration::from_secs(60)));
        assert_eq!(structured_date("@-60"), Some(UNIX_EPOCH - Duration::from_secs(60)));
        for text in ["", "@", "60", "@1.5", "@99999999999999999999", "Sun, 30 Jun 2024 23:59:59 GMT"] {
            assert_eq!(structured_date(text), None, "{text}");
        }
        // On no calendar of any platform; what matters is that nothing panics.
        let _ = (structured_date("@9223372036854775807"), structured_date("@-9223372036854775808"));
    }

    #[test]
    fn the_link_of_a_relation_is_found_among_others() {
        let list = r#"</next?a=1,2>; rel="next", </why>; type="text/html"; rel="help deprecation", </end>;REL=sunset"#;
        assert_eq!(target(list, "deprecation"), Some("/why"));
        assert_eq!(target(list, "sunset"), Some("/end"));
        assert_eq!(target(list, "self"), None);
        assert_eq!(target("<no end", "self"), None);
    }
}
