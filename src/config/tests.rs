//! What the command line accepts, and how it refuses.

use super::{Command, Config, Listen, LoadOptions, Location, Source, one_line};
use clap::Parser;

fn parse(arguments: &[&str]) -> Result<Config, clap::Error> {
    Config::try_parse_from([&["payments"], arguments].concat())
}

#[test]
fn has_the_defaults_that_it_documents() {
    let Command::Serve(serve) = parse(&["serve"]).unwrap().command else { panic!("not serve") };
    assert!(!serve.admin);
    assert_eq!(serve.listen, Listen { host: None, port: 8080 });
    assert_eq!((serve.max_body, serve.max_results), (1 << 20, 20));
    assert_eq!(serve.store.location(), Ok(Location::SqliteMemory));
    assert_eq!(serve.external_url, "http://localhost:8080");
}

#[test]
fn refuses_a_bad_value_in_one_line_with_its_flag_and_an_example() {
    for (flag, value) in [
        ("--listen", "8080"),
        ("--listen", ":http"),
        ("--listen", ":70000"),
        ("--external-url", "localhost:8080"),
        ("--external-url", "ftp://host"),
        ("--external-url", "http://host?x=1"),
        ("--api-version", "a/b"),
        ("--api-version", ""),
        ("--max-body", "lots"),
        ("--max-body", "0"),
        ("--limit", "lots"),
        ("--timeout", "0"),
        ("--timeout", "1s"),
        ("--drain", "-1"),
        ("--trusted-proxies", "everyone"),
        ("--max-results", "0"),
        ("--max-results", "-1"),
        ("--repo", "oracle"),
        ("--repo-schema-payments", "drop table"),
    ] {
        let error = parse(&["serve", &format!("{flag}={value}")]).expect_err("a bad value was accepted");
        let line = one_line(&error);
        assert!(line.contains(flag) && !line.contains('\n'), "{line}");
        assert!(line.contains("for example") || line.contains("possible values"), "{line}");
    }
}

#[test]
fn refuses_a_bad_value_of_a_load_as_well() {
    for (flag, value) in [
        ("--url", "localhost:8080"),
        ("--url", "http://host?x=1"),
        ("--count", "0"),
        ("--count", "many"),
        ("--concurrency", "0"),
        ("--concurrency", "257"),
        ("--organisations", "0"),
        ("--seed", "-1"),
    ] {
        let error = parse(&["seed", &format!("{flag}={value}")]).expect_err("a bad value was accepted");
        let line = one_line(&error);
        assert!(line.contains(flag) && line.contains("for example") && !line.contains('\n'), "{line}");
    }
    for (arguments, told) in [
        (["--count=1", "--file=payments.json"], "--file <FILE>"),
        (["--seed=7", "--concurrency=1"], "--count <COUNT>"),
        (["--organisations=7", "--concurrency=1"], "--count <COUNT>"),
    ] {
        let error = parse(&[&["seed"], &arguments[..]].concat()).expect_err("what does not fit was accepted");
        let line = one_line(&error);
        assert!(line.contains(told) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_load_is_of_the_fixtures_or_of_a_file_or_made_up() {
    let options = |flags: &[&str]| {
        let Command::Seed(seed) = parse(&[&["seed"], flags].concat()).unwrap().command else { panic!("not seed") };
        LoadOptions::from(seed)
    };
    let url = || "http://localhost:8080".to_owned();
    assert_eq!(options(&[]), LoadOptions { url: url(), source: Source::Fixtures, concurrency: 1 });
    assert_eq!(
        options(&["--file", "-"]),
        LoadOptions { url: url(), source: Source::File("-".into()), concurrency: 16 }
    );
    let source = Source::Synthetic { count: 7, seed: 42, organisations: 3 };
    assert_eq!(options(&["--count", "7"]), LoadOptions { url: url(), source, concurrency: 16 });
}

#[test]
fn the_store_and_its_address_must_agree() {
    for (repo, uri, fits) in [
        ("sqlite3", "sqlite://payments.db", true),
        ("sqlite3", "sqlite::memory:", true),
        ("sqlite3", "postgres://localhost/payments", false),
        ("sqlite3", "sqlite://", false),
        ("postgres", "postgres://localhost/payments", true),
        ("postgres", "sqlite://payments.db", false),
    ] {
        let config = parse(&["migrate", "--repo", repo, "--repo-uri", uri]).unwrap();
        let Command::Migrate(store) = config.command else { panic!("not migrate") };
        assert_eq!(store.location().is_ok(), fits, "{repo} {uri}");
    }
}

#[test]
fn a_store_in_a_log_keeps_its_password() {
    for (uri, shown) in [
        ("postgres://user:p@ss@db.example:5433/pay?sslmode=require", "PostgreSQL at db.example:5433/pay"),
        ("postgresql://db/pay", "PostgreSQL at db/pay"),
        ("postgres:///pay?host=/run&password=secret", "PostgreSQL at /pay"),
    ] {
        assert_eq!(Location::Postgres(uri.to_owned()).to_string(), shown);
    }
}

#[test]
fn cors_is_all_some_or_nobody() {
    let cors = |flags: &[&str]| {
        let config = Config::try_parse_from([&["payments", "serve"], flags].concat()).map_err(|error| one_line(&error));
        config.map(|config| match config.command {
            Command::Serve(serve) => serve.cors.map(|origins| origins.to_string()),
            Command::Health(_) | Command::Migrate(_) | Command::Seed(_) => panic!("the command is serve"),
        })
    };
    assert_eq!(cors(&[]), Ok(None));
    assert_eq!(cors(&["--cors"]), Ok(Some("*".to_owned())));
    assert_eq!(
        cors(&["--cors=https://a.example,http://b.example:81"]),
        Ok(Some("https://a.example,http://b.example:81".to_owned()))
    );
    let refused = cors(&["--cors=a.example"]).unwrap_err();
    assert!(refused.contains("--cors=https://shop.example"), "{refused}");
}
