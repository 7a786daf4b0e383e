//! Lists the stores that the features run over, and prepares each for a scenario.

use std::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

/// Every store that the features run over, in this order.
pub static STORES: [TestStore; 3] = [
    TestStore {
        name: "memory",
        title: "SQLite in memory",
        start_shared: || None,
        prepare: |_| PreparedStore::default(),
    },
    TestStore { name: "file", title: "SQLite file", start_shared: || None, prepare: |_| sqlite_file() },
    TestStore {
        name: "postgres",
        title: "PostgreSQL",
        start_shared: || Some(test_support::postgres::url()),
        prepare: postgres,
    },
];

/// A kind of store.
pub struct TestStore {
    /// The value of `--store`, and the tag of scenarios that need this store.
    pub name: &'static str,
    /// The name in reports.
    title: &'static str,
    /// Starts the database that all scenarios of a run share, if the store needs one; returns its URL. Blocks.
    start_shared: fn() -> Option<String>,
    /// Prepares a store that no other scenario uses. The argument is the URL of a database.
    prepare: fn(Option<&str>) -> PreparedStore,
}

/// A store for one scenario. Dropping it deletes the files.
#[derive(Debug, Default)]
pub(crate) struct PreparedStore {
    /// The flags of `payments serve` that select the store.
    pub(crate) flags: Vec<String>,
    /// The database and the table, if the store has them.
    pub(crate) table: Option<(String, String)>,
    _folder: Option<TempDir>,
}

impl TestStore {
    /// The store of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        STORES.iter().find(|store| store.name == name)
    }

    /// Starts the database that all scenarios of a run share; returns its URL, or `None` if the store needs none. Blocks.
    pub(crate) fn start_shared(&self) -> Option<String> {
        (self.start_shared)()
    }

    /// Prepares a store that no other scenario uses, in the database at `url` if it needs one.
    pub(crate) fn prepare(&self, url: Option<&str>) -> PreparedStore {
        (self.prepare)(url)
    }
}

impl PartialEq for TestStore {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TestStore {}

impl fmt::Debug for TestStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestStore").field(&self.name).finish()
    }
}

impl fmt::Display for TestStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)
    }
}

fn sqlite_file() -> PreparedStore {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let uri = test_support::sqlite_uri(folder.path());
    PreparedStore { flags: vec!["--repo-uri".to_owned(), uri], table: None, _folder: Some(folder) }
}

/// A table of its own for each scenario: it costs less than a database.
fn postgres(url: Option<&str>) -> PreparedStore {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let url = url.expect("PostgreSQL was started for the run").to_owned();
    let table = format!("scenario_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let flags =
        ["--repo", "postgres", "--repo-uri", &url, "--repo-schema-payments", &table].map(str::to_owned).to_vec();
    PreparedStore { flags, table: Some((url, table)), _folder: None }
}
