//! News in SQLite, where one process has the store: it comes when there is an event, and not otherwise.

use crate::stores::{payment, refused};
use crate::view::tenant;
use futures_util::FutureExt as _;
use payments::payments::{Repo, Tenant};
use payments::repo::{Sqlite, SqliteOptions};

#[tokio::test]
async fn news_is_for_one_tenant() {
    let directory = tempfile::tempdir().unwrap();
    for path in [None, Some(directory.path().join("payments.db"))] {
        let repo = Sqlite::open(SqliteOptions { path, ..SqliteOptions::default() }).await.unwrap();
        let (acme, other) = (tenant("acme"), tenant("other"));
        let mut news = [&Tenant::ANONYMOUS, &acme, &other].map(|tenant| repo.news(tenant));
        repo.create(&acme, payment("a")).await.unwrap();
        let mut has_come = || news.each_mut().map(|news| news.wait().now_or_never().is_some());
        assert_eq!(has_come(), [false, true, false], "told before the writer had its answer, and once");
        refused(repo.create(&acme, payment("a")).await);
        assert_eq!(has_come(), [false; 3], "nothing was written");
        repo.clear().await.unwrap();
        assert_eq!(has_come(), [true; 3]);
    }
}
