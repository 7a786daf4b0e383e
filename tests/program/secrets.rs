//! Passwords in `--repo-uri`, escaped or not: no output of the program has them.

use crate::PROGRAM;
use clap::Parser;
use payments::{
    config::Config,
    repo::{PostgresOptions, StoreOptions, TableName},
};

/// A part of every password and of every value here.
const SECRET: &str = "S3cret";

/// Addresses whose password, or whose parameters, hold what means something in a URI; and some that are well formed.
const URIS: [&str; 17] = [
    "postgres://alice:S3cret?x@127.0.0.1:1/db",
    "postgres://alice:S3cret#x@127.0.0.1:1/db",
    "postgres://alice:S3cret/x@127.0.0.1:1/db",
    "postgres://alice:S3cret@x@127.0.0.1:1/db",
    "postgres://alice:x:S3cret@127.0.0.1:1/db",
    "postgres://alice:12345?S3cret@127.0.0.1:1/db",
    "postgres://alice:12345/S3cret@127.0.0.1:1/db",
    "postgres://alice:S3cret",
    "postgres://alice:S3cret/db",
    "postgres://alice:S3cret @127.0.0.1:1/db",
    "postgres://alice:%zzS3cret@127.0.0.1:1/db",
    "postgres://127.0.0.1:1/db?passwort=S3cret",
    "postgres://127.0.0.1:1/db?S3cret",
    "postgres://127.0.0.1:1/db?sslmode=S3cret",
    "postgres://127.0.0.1:1/db?port=S3cret",
    "postgres://127.0.0.1:1/db?password=S3cret&connect_timeout=3",
    "postgres://alice:S3cret@127.0.0.1:1/db",
];

#[test]
fn no_output_has_a_password() {
    for uri in URIS {
        for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"]] {
            let output = PROGRAM.run(&[arguments, &["--repo", "postgres", "--repo-uri", uri]].concat());
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(1), "{uri}: {stdout}{stderr}");
            assert!(!stdout.contains(SECRET) && !stderr.contains(SECRET), "{uri}: {stdout}{stderr}");
            assert!(stderr.lines().count() == 1 && stderr.contains("--repo-uri"), "{uri}: {stderr}");
        }
    }
}

#[test]
fn no_text_of_the_settings_has_a_password() {
    for uri in URIS {
        let config = Config::try_parse_from(["payments", "migrate", "--repo", "postgres", "--repo-uri", uri]).unwrap();
        let options = PostgresOptions::from_uri(Some(uri), TableName::default(), None).unwrap();
        for text in [format!("{config:?}"), format!("{options:?}"), options.to_string()] {
            assert!(!text.contains(SECRET), "{uri}: {text}");
        }
    }
}
