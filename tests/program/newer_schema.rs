//! A rollback: the program meets a schema that a newer release has migrated.

use crate::PROGRAM;
use std::path::Path;
use test_support::sqlite_uri;

#[test]
fn a_newer_schema_is_served_and_not_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let (uri, newer) = (sqlite_uri(folder.path()), folder.path().join("newer"));
    std::fs::create_dir(&newer).unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/sqlite3");
    for file in ours.read_dir().unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), newer.join(file.file_name())).unwrap();
    }
    std::fs::write(newer.join("9999_newer.sql"), r#"ALTER TABLE "{payments}" ADD COLUMN note text"#).unwrap();
    let migrated = PROGRAM.run(&["migrate", "--repo-uri", &uri, "--repo-migrations", newer.to_str().unwrap()]);
    assert!(migrated.status.success(), "{migrated:?}");

    let program = PROGRAM.serve(&["--repo-uri", &uri]);
    let warning = program.log.iter().find(|line| line["migrations"] == "[9999]");
    let warning = warning.unwrap_or_else(|| panic!("no warning names migration 9999: {:#?}", program.log));
    assert!(warning["message"].as_str().unwrap().starts_with("the schema is newer than this program"), "{warning}");
    drop(program);

    let refused = PROGRAM.run(&["migrate", "--repo-uri", &uri]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("run `payments migrate` of the release that brought it"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
