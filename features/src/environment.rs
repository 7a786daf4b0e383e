//! Says where scenarios run: over which store in this process, or against which remote server.

use crate::stores::TestStore;
use std::fmt;

/// Where the service under test runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// In this process. Each scenario starts a service of its own over this kind of store.
    InProcess(&'static TestStore),
    /// At this URL, where a server is running already. Its store is emptied before each scenario.
    Remote(String),
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProcess(store) => store.fmt(f),
            Self::Remote(url) => f.write_str(url),
        }
    }
}
