//! Reads a request: its path, query, headers and body.

use crate::{decode::Faults, operation::Operation, refusal::Refusal};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use memchr::{memchr, memrchr};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A body that the operation decodes itself, of one of the media types that it accepts.
#[derive(Debug)]
pub struct RawBody {
    /// The media type, as the contract spells it.
    pub media_type: &'static str,
    /// The body.
    pub bytes: Bytes,
}

/// A parameter in the path, percent-decoded. Segments are counted from the end, because a service may mount its paths below a
/// prefix of its own.
pub fn path(uri: &Uri, operation: &'static Operation, name: &str) -> Result<String, Refusal> {
    let is_name = |template: &str| template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name);
    let mut segments = segments_from_end(operation.path).zip(segments_from_end(uri.path()));
    let (_, sent) = segments.find(|(template, _)| is_name(template)).ok_or(Refusal::Path)?;
    // Fast path: hardly any segment is encoded.
    if memchr(b'%', sent.as_bytes()).is_none() {
        return Ok(sent.to_owned());
    }
    percent_decode_str(sent).decode_utf8().map(Cow::into_owned).map_err(|_| Refusal::Path)
}

/// Splits at the first `at`, an ASCII character; without one, the second part is empty.
fn cut(text: &str, at: u8) -> (&str, &str) {
    let pair = memchr(at, text.as_bytes()).and_then(|index| Some((text.get(..index)?, text.get(index + 1..)?)));
    pair.unwrap_or((text, ""))
}

/// The segments of a path, last first.
fn segments_from_end(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let path = rest.take()?;
        let slash = memrchr(b'/', path.as_bytes());
        rest = slash.and_then(|slash| path.get(..slash));
        path.get(slash.map_or(0, |slash| slash + 1)..)
    })
}

/// A type with a few values, each of them a word.
pub trait Word: Sized {
    /// The fault of any other word.
    const EXPECTED: &'static str;

    /// The value that `text` names.
    fn read(text: &str) -> Option<Self>;
}

impl Word for bool {
    const EXPECTED: &'static str = "must be true or false";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The parameters in the query.
pub struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// Reads the query of a URI.
    pub fn read(uri: &'a Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        if query.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
            return Self(form_urlencoded::parse(query.as_bytes()).collect());
        }
        // Fast path: without escapes, every parameter is borrowed.
        let mut parameters = Vec::new();
        let mut rest = query;
        while !rest.is_empty() {
            let (parameter, others) = cut(rest, b'&');
            let (key, value) = cut(parameter, b'=');
            if !parameter.is_empty() {
                parameters.push((key.into(), value.into()));
            }
            rest = others;
        }
        Self(parameters)
    }

    /// A parameter as text.
    pub fn string(&self, name: &'static str, faults: &mut Faults) -> Option<String> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next()?;
        if values.next().is_some() {
            faults.within("query", |faults| faults.report_at(name, "is given twice; give it once"));
        }
        Some(value.clone().into_owned())
    }

    /// Reports every parameter that the operation does not declare.
    pub fn refuse_others(&self, operation: &'static Operation, faults: &mut Faults) {
        for (key, _) in self.0.iter().filter(|(key, _)| !operation.query.contains(&&**key)) {
            let known = match operation.query {
                [] => "there are none here".to_owned(),
                names => format!("known: {}", names.join(", ")),
            };
            let detail = format!("is not known here; remove it ({known})");
            faults.within("query", |faults| faults.report_at(key, detail));
        }
    }

    /// Reports a parameter that is not given.
    pub fn required(&self, name: &'static str, faults: &mut Faults) {
        if !self.0.iter().any(|(key, _)| key == name) {
            faults.within("query", |faults| faults.report_at(name, "is missing"));
        }
    }

    /// A parameter with a few values.
    pub fn word<T: Word>(&self, name: &'static str, faults: &mut Faults) -> Option<T> {
        let text = self.string(name, faults)?;
        let value = T::read(&text);
        if value.is_none() {
            faults.within("query", |faults| faults.report_at(name, T::EXPECTED));
        }
        value
    }

    /// A parameter as text that passes `check`.
    pub fn checked(&self, name: &'static str, check: fn(&str, &mut Faults), faults: &mut Faults) -> Option<String> {
        let text = self.string(name, faults);
        faults.within("query", |faults| faults.check(name, text.as_ref(), |text, faults| check(text, faults)));
        text
    }

    /// A parameter as an integer.
    pub fn integer(&self, name: &'static str, least: Option<i64>, faults: &mut Faults) -> Option<i64> {
        let text = self.string(name, faults)?;
        let number = text.parse::<i64>().ok().filter(|_| !text.starts_with('+'));
        match (number, least) {
            (None, _) if is_too_large(&text) => faults
                .within("query", |faults| faults.report_at(name, format!("is too large; send at most {}", i64::MAX))),
            (None, None) => faults.within("query", |faults| faults.report_at(name, "must be an integer")),
            (None, Some(least)) => faults
                .within("query", |faults| faults.report_at(name, format!("must be an integer of at least {least}"))),
            (Some(number), Some(least)) if number < least => {
                faults.within("query", |faults| faults.report_at(name, format!("must be at least {least}")));
            }
            (Some(_), _) => {}
        }
        number
    }
}

/// Whether text is a natural number. One that is no `i64` is larger than all of those.
fn is_too_large(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A header as text. Several lines of it are joined into one list (RFC 9110, section 5.3). `name` has the name twice: for the
/// lookup, and as the contract spells it, for faults.
pub fn header(headers: &HeaderMap, name: (HeaderName, &'static str), faults: &mut Faults) -> Option<String> {
    let mut joined: Option<String> = None;
    let (header, name) = name;
    for value in headers.get_all(header) {
        match (value.to_str(), &mut joined) {
            (Ok(text), None) => joined = Some(text.to_owned()),
            (Ok(text), Some(list)) => {
                list.push_str(", ");
                list.push_str(text);
            }
            (Err(_), _) => {
                faults.within("header", |faults| faults.report_at(name, "must consist of visible ASCII characters"));
            }
        }
    }
    joined
}

/// Refuses a request whose `Accept` (RFC 9110, section 12.5.1) rules out every media type of the operation, if the contract
/// declares 406 for it.
pub fn acceptable(headers: &HeaderMap, operation: &'static Operation) -> Result<(), Refusal> {
    let mut sent = headers.get_all(header::ACCEPT).iter();
    let Some(first) = sent.next() else { return Ok(()) };
    // Fast path: most clients name exactly one media type of the operation.
    let is_plain = sent.next().is_none() && operation.produces.iter().any(|media_type| first == media_type);
    if is_plain || !operation.failures.contains(&406) {
        return Ok(());
    }
    preferred_media_type(headers, operation.produces).map(|_| ())
}

/// Chooses the media type that `Accept` (RFC 9110, section 12.5.1) prefers: by weight, then by how specifically it is named,
/// then by its place among `produces`.
pub fn preferred_media_type(headers: &HeaderMap, produces: &'static [&'static str]) -> Result<&'static str, Refusal> {
    let ranges = || headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = || ranges().flat_map(|list| list.split(',')).filter_map(Range::read);
    // An `Accept` without a readable range rules nothing out.
    let open = ranges().next().is_none();
    let weighed = produces
        .iter()
        .rev()
        .map(|media_type| (if open { (1000, 0) } else { weigh(ranges(), media_type) }, *media_type));
    let preferred = weighed.filter(|((weight, _), _)| *weight > 0).max_by_key(|(rank, _)| *rank);
    preferred.map(|(_, media_type)| media_type).ok_or(Refusal::NotAcceptable { produces })
}

/// The weight, in thousandths, that the most specific matching range gives `media_type`, and how specific it is.
fn weigh<'a>(ranges: impl Iterator<Item = Range<'a>>, media_type: &str) -> (u16, u8) {
    let matching = ranges.filter_map(|range| Some((range.specificity(media_type)?, range.weight)));
    // Of two equally specific ranges, the one with more weight wins.
    matching.max().map_or((0, 0), |(specificity, weight)| (weight, specificity))
}

/// A media range of `Accept`.
struct Range<'a> {
    media_type: &'a str,
    /// In thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    /// Parses a range; parameters other than the weight `q` are ignored.
    fn read(text: &'a str) -> Option<Self> {
        let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
        let weight = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let mut weight = weight.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let weight = weight.next().map_or(1000, |(_, value)| thousandths(value.trim()));
        let media_type = media_type.trim();
        media_type.contains('/').then_some(Self { media_type, weight })
    }

    /// How specific the range is for `media_type`; `None` if it does not match.
    fn specificity(&self, media_type: &str) -> Option<u8> {
        let (kind, _) = media_type.split_once('/')?;
        match self.media_type.split_once('/')? {
            ("*", "*") => Some(0),
            (range, "*") if range.eq_ignore_ascii_case(kind) => Some(1),
            _ if self.media_type.eq_ignore_ascii_case(media_type) => Some(2),
            _ => None,
        }
    }
}

/// Parses a weight, which has up to three decimal places (RFC 9110, section 12.4.2). What is no weight counts as 1.
fn thousandths(weight: &str) -> u16 {
    let Some(places) = weight.strip_prefix('0') else { return 1000 };
    let digits = places.chars().filter_map(|place| place.to_digit(10)).chain(std::iter::repeat(0));
    digits.take(3).fold(0, |sum, digit| sum * 10 + u16::try_from(digit).unwrap_or_default())
}

/// The media type of the body, which has to be one of `accepted`; parameters such as `charset` are ignored.
pub fn media_type(headers: &HeaderMap, accepted: &'static [&'static str]) -> Result<&'static str, Refusal> {
    if let Some(coding) = headers.get(header::CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        return Err(Refusal::ContentEncoding {
            sent: String::from_utf8_lossy(coding.as_bytes()).into_owned(),
            accepted,
        });
    }
    let mut sent = headers.get_all(header::CONTENT_TYPE).iter().map(HeaderValue::as_bytes);
    let first = sent.next();
    let essence = first.unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let found = accepted.iter().find(|media_type| essence.eq_ignore_ascii_case(media_type.as_bytes()));
    match (found, sent.count()) {
        (Some(media_type), 0) => Ok(media_type),
        (None, 0) => {
            let sent = first.map(|sent| String::from_utf8_lossy(sent).into_owned());
            Err(Refusal::MediaType { sent, accepted })
        }
        (None | Some(_), more) => Err(Refusal::MediaTypes { count: 1 + more, accepted }),
    }
}

/// Reads the body to its end, if it has at most `limit` bytes. One that announces more is refused before any of it is read, so
/// that a client that waits for `100 Continue` sends none of it; the server sees to what is left.
pub async fn body(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Refusal::BodyTooLarge { limit });
    }
    let mut only = Bytes::new();
    let mut joined: Option<Vec<u8>> = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Refusal::BodyLost)?.into_data() else { continue };
        if joined.as_ref().map_or(only.len(), Vec::len) + data.len() > limit {
            return Err(Refusal::BodyTooLarge { limit });
        }
        match &mut joined {
            // Most bodies come in one frame, which is not copied.
            None if only.is_empty() => only = data,
            None => {
                let room = announced.map_or(0, |length| usize::try_from(length).unwrap_or(limit).min(limit));
                let mut whole = Vec::with_capacity(room);
                whole.extend_from_slice(&only);
                whole.extend_from_slice(&data);
                joined = Some(whole);
            }
            Some(whole) => whole.extend_from_slice(&data),
        }
    }
    Ok(joined.map_or(only, Bytes::from))
}

#[cfg(test)]
mod tests;
