//! Reads which version of the contract a request names.

use super::{Version, Versions};
use crate::http::problem::{Error, fault};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, header},
};

pub(in crate::http) const ACCEPT_VERSION: HeaderName = HeaderName::from_static("accept-version");

/// The version that a request is of.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Chosen {
    /// The version of the response.
    pub(in crate::http) version: &'static Version,
    /// Why the request is refused, if it names a version that is not served.
    pub(in crate::http) unserved: Option<Unserved>,
}

/// Why the version that a request names is not served. `header` is the header that names it, as the contract spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Unserved {
    /// It does not exist.
    Unknown { header: &'static str },
    /// Another header, or the same, names another one.
    Different { header: &'static str, from: &'static str },
    /// It was retired.
    Retired { version: &'static str },
}

impl Unserved {
    /// The error of the request. `served` lists the versions that are served.
    pub(super) fn into_error(self, served: &str) -> Error {
        match self {
            Self::Unknown { header } => {
                fault(&format!("/header/{header}"), format!("names no version of this contract; there are {served}"))
                    .into()
            }
            Self::Different { header, from } => fault(
                &format!("/header/{header}"),
                format!("names another version than {from} does; name one version, in one place"),
            )
            .into(),
            Self::Retired { version } => Error::VersionRetired { version, served: served.to_owned() },
        }
    }
}

/// Chooses the version of a request. Every header that names one has to name the same.
pub(super) fn choose(versions: &'static Versions, request: &Request) -> Chosen {
    let mut named: Option<(&'static str, &'static Version)> = None;
    let mut unserved = None;
    let mut read = |header: &'static str, name: &str| {
        let outcome = find(versions, header, name).and_then(|version| match named {
            Some((from, first)) if first.name != version.name => Err(Unserved::Different { header, from }),
            _ => Ok((header, version)),
        });
        match outcome {
            Ok(found) => named = Some(found),
            Err(found) => unserved = unserved.or(Some(found)),
        }
    };
    read_names(request, &mut read);
    let version = named.filter(|_| unserved.is_none()).map_or_else(|| versions.oldest(), |(_, version)| version);
    Chosen { version, unserved }
}

fn find(versions: &'static Versions, header: &'static str, name: &str) -> Result<&'static Version, Unserved> {
    if let Some(version) = versions.served().find(|version| version.name == name) {
        return Ok(version);
    }
    let retired = versions.retired.iter().find(|retired| **retired == name);
    Err(retired.map_or(Unserved::Unknown { header }, |version| Unserved::Retired { version }))
}

/// Calls `read` with each name of a version, and the header that has it.
fn read_names(request: &Request, read: &mut impl FnMut(&'static str, &str)) {
    let headers = request.headers();
    for list in values(headers, &ACCEPT_VERSION) {
        list.split(',').for_each(|name| read("Accept-Version", name.trim()));
    }
    for list in values(headers, &header::ACCEPT) {
        list.split(',').filter_map(version_parameter).for_each(|name| read("Accept", name));
    }
    // The response to a safe request does not depend on a body, nor, for caches, on its media type.
    if !request.method().is_safe() {
        values(headers, &header::CONTENT_TYPE)
            .filter_map(version_parameter)
            .for_each(|name| read("Content-Type", name));
    }
}

/// The lines of a header. One that is not ASCII names nothing that there is.
fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"))
}

/// The parameter `version` of a media type (RFC 9110, section 8.3.1), if it has one. Quotes mean nothing.
fn version_parameter(media_type: &str) -> Option<&str> {
    let parameters = media_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut versions = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("version"));
    versions.next().map(|(_, value)| value.trim().trim_matches('"'))
}
