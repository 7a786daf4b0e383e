//! Versions of the contract: which of them a request is of, and how the older ones are served.
//!
//! A client names its version in `Accept-Version`, or in the parameter `version` of a media type. The service itself knows
//! the newest version only. What that does otherwise than the version before, in a way that breaks clients, stands here as
//! a [`Change`], once each: it turns a request of the version before into one that means the same after the change, and the
//! response to it back. A request of an older version climbs from change to change; one of the newest passes untouched.
//!
//! To retire the oldest version: move its day to `retired`, let the next one be `oldest`, take the day out of
//! `Accept-Version` in the contract, and delete the changes that the new oldest made.

mod change;
mod choice;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
#[cfg(test)]
mod tests;
mod v2027_01_15;

pub(in crate::http) use change::{Change, Descents};
pub(in crate::http) use choice::{ACCEPT_VERSION, Chosen, Unserved};

use super::problem::Error;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use payments_server::{Deprecation, Operation};

const CONTENT_VERSION: HeaderName = HeaderName::from_static("content-version");

/// The version of an operation whose path has none, in metrics and reports.
pub(in crate::http) const UNVERSIONED: &str = "-";

/// The request headers by which responses differ. A cache that did not know would give a client another version.
const VARY: HeaderValue = HeaderValue::from_static("accept, accept-version");

/// The versions of this service.
pub(in crate::http) static VERSIONS: Versions = Versions {
    oldest: Version { name: "2026-11-28", changes: &[] },
    newer: &[Version { name: "2027-01-15", changes: &[&v2027_01_15::NoTo, &v2027_01_15::ClosedQueries] }],
    retired: &[],
};

/// The versions of a contract.
#[derive(Debug)]
pub(in crate::http) struct Versions {
    /// The oldest that is served; its requests go through the changes of all others.
    oldest: Version,
    /// The others that are served, the oldest first.
    newer: &'static [Version],
    /// The days of those that are no longer served.
    retired: &'static [&'static str],
}

/// A version of the contract.
#[derive(Debug)]
pub(in crate::http) struct Version {
    /// The day that names it, such as `2027-01-15`.
    pub(in crate::http) name: &'static str,
    /// What it changed in a way that breaks clients of the version before, in the order in which a request climbs.
    changes: &'static [&'static dyn Change],
}

impl Version {
    /// Says in the headers of a response which version it is of.
    pub(in crate::http) fn announce(&self, headers: &mut HeaderMap) {
        headers.insert(CONTENT_VERSION, HeaderValue::from_static(self.name));
        headers.append(header::VARY, VARY);
    }
}

impl Versions {
    /// The oldest version that is served.
    pub(in crate::http) fn oldest(&'static self) -> &'static Version {
        &self.oldest
    }

    /// The versions that are served, the oldest first.
    fn served(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.oldest).chain(self.newer)
    }

    /// Chooses the version of a request: the one that it names, or else the oldest that is served.
    #[inline]
    pub(in crate::http) fn choose(&'static self, request: &Request, may_name_version: bool) -> Chosen {
        if may_name_version { choice::choose(self, request) } else { Chosen { version: &self.oldest, unserved: None } }
    }

    /// The error of a request whose version is not served.
    pub(in crate::http) fn error(&self, unserved: Unserved) -> Error {
        unserved.into_error(&self.served().map(|version| version.name).collect::<Vec<_>>().join(", "))
    }

    /// Turns a request of `version` into one of the newest version, and returns what turns its response back.
    #[inline]
    pub(in crate::http) fn climb(
        &self,
        version: &Version,
        operation: &'static Operation,
        request: &mut Request,
    ) -> Descents {
        change::climb(self.changes_since(version), operation, request)
    }

    /// What the newest version has no more, and requests of `version` for `operation` may still use.
    #[inline]
    pub(in crate::http) fn deprecations(
        &self,
        version: &Version,
        operation: &'static Operation,
    ) -> impl Iterator<Item = &'static Deprecation> + Clone {
        self.changes_since(version).flat_map(move |change| change.deprecations(operation))
    }

    /// What any request for `operation` may still use of what the newest version has no more.
    pub(in crate::http) fn all_deprecations(
        &'static self,
        operation: &'static Operation,
    ) -> impl Iterator<Item = &'static Deprecation> {
        self.deprecations(self.oldest(), operation)
    }

    /// The changes of the versions after `version`, in order.
    fn changes_since(&self, version: &Version) -> impl Iterator<Item = &'static dyn Change> + Clone {
        let since = version.name;
        let newer = self.newer.iter().filter(move |version| version.name > since);
        newer.flat_map(|version| version.changes.iter().copied())
    }
}
