//! Says where scenarios run: over which store in this process, or against which remote server; and with which version of the
//! contract.

use crate::stores::{STORES, TestStore};
use std::fmt;

/// The versions of the contract, the oldest first. A run fails if the contract has others.
pub static VERSIONS: [&str; 2] = ["2026-11-28", "2027-01-15"];

/// Where the service under test runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// In this process. Each scenario starts a service of its own over this kind of store.
    InProcess(&'static TestStore),
    /// The same, with requests that ask for this version of the contract. In the other environments no request asks for one,
    /// unless its scenario does, so that it gets the oldest.
    InVersion(&'static TestStore, &'static str),
    /// At this URL, where a server is running already. Its store is emptied before each scenario.
    Remote(String),
}

impl Environment {
    /// Every environment: each store without a version, and the first store with each newer version. Stores know nothing of
    /// versions.
    pub fn all() -> impl Iterator<Item = Self> {
        let silent = STORES.iter().map(Self::InProcess);
        silent.chain(VERSIONS[1..].iter().map(|version| Self::InVersion(&STORES[0], version)))
    }

    /// The store in this process, if it is one.
    pub(crate) fn store(&self) -> Option<&'static TestStore> {
        match self {
            Self::InProcess(store) | Self::InVersion(store, _) => Some(store),
            Self::Remote(_) => None,
        }
    }

    /// The version that requests ask for.
    pub(crate) fn asks_for(&self) -> Option<&'static str> {
        match self {
            Self::InVersion(_, version) => Some(version),
            Self::InProcess(_) | Self::Remote(_) => None,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProcess(store) => store.fmt(f),
            Self::InVersion(store, version) => write!(f, "{store}, version {version}"),
            Self::Remote(url) => f.write_str(url),
        }
    }
}
