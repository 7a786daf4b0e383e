//! The query plans of the statements.

use super::{SqlStr, Statements};
use crate::repo::TableName;
use crate::repo::sqlite::{Sqlite, SqliteOptions};
use sqlx::{AssertSqlSafe, Row as _};

/// The query plan of `sql`, one step per line.
async fn plan(repo: &Sqlite, sql: &SqlStr) -> String {
    let mut connection = repo.readers.connections()[0].lock().await;
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.as_str()));
    let steps = sqlx::query(explain).fetch_all(&mut connection.as_mut().unwrap().sqlite).await.unwrap();
    steps.iter().map(|step| step.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn lists_walk_along_the_index_without_tombstones() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    let statements = Statements::new(&TableName::default());
    for (list, looks_before) in [
        (&statements.list_after, "SEARCH payments USING INDEX payments_live (seq<?)"),
        (&statements.list_before, "SEARCH payments USING INDEX payments_live (seq<?)"),
        (&statements.list_offset, "SEARCH payments"),
    ] {
        for sql in [&list.short, &list.whole] {
            let plan = plan(&repo, sql).await;
            assert!(plan.contains("SEARCH payments USING INDEX payments_live (seq"), "{}\n{plan}", sql.as_str());
            assert!(!plan.contains("TEMP B-TREE"), "it sorts: {}\n{plan}", sql.as_str());
            // The look for what is before the page is the first subquery of the list of results.
            let (_, look) = plan.split_once("SCALAR SUBQUERY 1\n").unwrap();
            assert!(look.starts_with(looks_before), "it looks in the table: {}\n{plan}", sql.as_str());
        }
    }
    let skip = plan(&repo, &statements.list_offset.short).await;
    let (_, skip) = skip.split_once("SCALAR SUBQUERY 2\n").unwrap();
    assert!(skip.starts_with("SCAN payments USING INDEX payments_live"), "an offset reads rows:\n{skip}");
}

#[tokio::test]
async fn updates_find_payments_by_id() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    for (_, sql) in &Statements::new(&TableName::default()).update_many {
        let plan = plan(&repo, sql).await;
        assert!(
            plan.contains("SEARCH payment USING INDEX sqlite_autoindex_payments_1 (id=?)"),
            "{}\n{plan}",
            sql.as_str()
        );
    }
}

#[tokio::test]
async fn fetches_and_deletions_find_payments_by_id() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    let statements = Statements::new(&TableName::default());
    let several = [&statements.fetch, &statements.find].map(|sizes| sizes.iter().map(|(_, sql)| sql));
    for sql in
        [&statements.look, &statements.delete, &statements.fetch_one].into_iter().chain(several.into_iter().flatten())
    {
        let plan = plan(&repo, sql).await;
        assert!(plan.contains("USING INDEX sqlite_autoindex_payments_1 (id=?)"), "{}\n{plan}", sql.as_str());
    }
}
