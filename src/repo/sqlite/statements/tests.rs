//! The query plans of the statements.

use super::{SqlStr, Statements};
use crate::repo::TableName;
use crate::repo::sqlite::events::EventStatements;
use crate::repo::sqlite::{Sqlite, SqliteOptions};
use crate::repo::table::PerTable;
use sqlx::{AssertSqlSafe, Row as _};

/// The query plan of `sql`, one step per line.
async fn plan(repo: &Sqlite, sql: &SqlStr) -> String {
    let mut connection = repo.readers.connections()[0].lock().await;
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.as_str()));
    let steps = sqlx::query(explain).fetch_all(&mut connection.as_mut().unwrap().sqlite).await.unwrap();
    steps.iter().map(|step| step.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

/// The statements of both tables; the name of the table, and what a search along its indexes compares before all else.
fn tables() -> [(Statements, &'static str, &'static str); 2] {
    let tables = PerTable::named(&TableName::default());
    let [anonymous, organisations] = tables.both().map(Statements::new);
    [(anonymous, "payments", ""), (organisations, "payments_tenants", "tenant=? AND ")]
}

#[tokio::test]
async fn lists_walk_along_the_index_without_tombstones() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    for (statements, table, tenant) in tables() {
        let along = format!("SEARCH {table} USING INDEX {table}_live ({tenant}seq");
        for (list, looks_before) in [
            (&statements.list_after, format!("{along}<?)")),
            (&statements.list_before, format!("{along}<?)")),
            (&statements.list_offset, format!("SEARCH {table}")),
        ] {
            for sql in [&list.short, &list.whole] {
                let plan = plan(&repo, sql).await;
                assert!(plan.contains(&along), "{}\n{plan}", sql.as_str());
                assert!(!plan.contains("TEMP B-TREE"), "it sorts: {}\n{plan}", sql.as_str());
                // The look for what is before the page is the first subquery of the list of results.
                let (_, look) = plan.split_once("SCALAR SUBQUERY 1\n").unwrap();
                assert!(look.starts_with(&looks_before), "it looks in the table: {}\n{plan}", sql.as_str());
            }
        }
        let skip = plan(&repo, &statements.list_offset.short).await;
        let (_, skip) = skip.split_once("SCALAR SUBQUERY 2\n").unwrap();
        let skips = match tenant {
            "" => format!("SCAN {table} USING INDEX {table}_live"),
            _ => format!("SEARCH {table} USING INDEX {table}_live (tenant=?)"),
        };
        assert!(skip.starts_with(&skips), "an offset reads rows:\n{skip}");
    }
}

#[tokio::test]
async fn updates_find_payments_by_tenant_and_id() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    for (statements, table, tenant) in tables() {
        for (_, sql) in &statements.update_many {
            let plan = plan(&repo, sql).await;
            let search = format!("SEARCH payment USING INDEX sqlite_autoindex_{table}_1 ({tenant}id=?)");
            assert!(plan.contains(&search), "{}\n{plan}", sql.as_str());
        }
    }
}

#[tokio::test]
async fn fetches_and_deletions_find_payments_by_tenant_and_id() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    for (statements, table, tenant) in tables() {
        let several = [&statements.fetch, &statements.find].map(|sizes| sizes.iter().map(|(_, sql)| sql));
        let single = [&statements.look, &statements.delete, &statements.fetch_one];
        for sql in single.into_iter().chain(several.into_iter().flatten()) {
            let plan = plan(&repo, sql).await;
            let search = format!("USING INDEX sqlite_autoindex_{table}_1 ({tenant}id=?)");
            assert!(plan.contains(&search), "{}\n{plan}", sql.as_str());
            assert!(!plan.contains(&format!("SCAN {table}")), "it reads all: {}\n{plan}", sql.as_str());
        }
    }
}

#[tokio::test]
async fn histories_and_events_are_found_along_indexes() {
    let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
    let tables = PerTable::named(&TableName::default());
    for table in tables.both() {
        for sql in EventStatements::new(table).all() {
            let plan = plan(&repo, sql).await;
            let scans = plan.lines().filter(|step| step.starts_with("SCAN payments")).collect::<Vec<_>>();
            // The newest of all is at the end of each table: a walk that ends at once.
            let is_newest = sql.as_str().contains("WHERE true");
            let expected =
                if is_newest && !table.has_tenants() { ["SCAN payments", "SCAN payments_past"].into() } else { vec![] };
            assert_eq!(scans, expected, "{}\n{plan}", sql.as_str());
            // What begins within the list of a payment's changes finds the place.
            let is_of_payments = sql.as_str().contains("walk (");
            let some = format!("INDEX {}_past_some (seq=? AND version>?)", table.name().as_str());
            assert_eq!(plan.contains(&some), is_of_payments, "{}\n{plan}", sql.as_str());
            let of_tenant = ["payments_tenants_live", "payments_tenants_gone", "payments_tenants_past_of"];
            let is_of_tenant = of_tenant.map(|index| plan.contains(&format!("USING INDEX {index} (tenant=?")));
            let walks =
                table.has_tenants() && !sql.as_str().contains("payment (seq") && !sql.as_str().contains("json_each");
            assert_eq!(is_of_tenant, [walks; 3], "{}\n{plan}", sql.as_str());
        }
    }
}
