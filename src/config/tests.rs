//! What the command line accepts, and how it refuses.

use super::{Command, Config, Listen, LoadOptions, Source, StoreKind, one_line};
use clap::{CommandFactory, Parser, ValueEnum};

fn parse(arguments: &[&str]) -> Result<Config, clap::Error> {
    Config::try_parse_from([&["payments"], arguments].concat())
}

#[test]
fn has_the_defaults_that_it_documents() {
    let Command::Serve(serve) = parse(&["serve"]).unwrap().command else { panic!("not serve") };
    assert!(!serve.admin);
    assert_eq!(serve.listen, Listen { host: None, port: 8080 });
    assert_eq!(serve.operator_listen, None);
    assert_eq!((serve.max_body, serve.max_results), (1 << 20, 20));
    assert_eq!((serve.store.repo, serve.store.repo_uri), (StoreKind::Sqlite3, None));
    assert_eq!(serve.external_url, "http://localhost:8080");
    assert_eq!(serve.idle_timeout, None);
}

#[test]
fn events_are_kept_for_days_hours_minutes_or_seconds() {
    let keep = |text: &str| {
        let Command::Serve(serve) = parse(&["serve", "--events-keep", text]).unwrap().command else {
            panic!("not serve")
        };
        serve.events_keep.map(|keep| keep.as_secs())
    };
    for (text, seconds) in [("90d", 7_776_000), ("36h", 129_600), ("5m", 300), ("1s", 1), ("36500d", 3_153_600_000)] {
        assert_eq!(keep(text), Some(seconds), "{text}");
    }
}

#[test]
fn refuses_a_bad_value_in_one_line_with_its_flag_and_an_example() {
    for (flag, value) in [
        ("--listen", "8080"),
        ("--listen", ":http"),
        ("--listen", ":70000"),
        ("--operator-listen", "8081"),
        ("--external-url", "localhost:8080"),
        ("--external-url", "ftp://host"),
        ("--external-url", "http://host?x=1"),
        ("--api-version", "a/b"),
        ("--api-version", ""),
        ("--max-body", "lots"),
        ("--max-body", "0"),
        ("--cors", "a.example"),
        ("--cors-headers", "x tenant"),
        ("--limit", "lots"),
        ("--timeout", "0"),
        ("--timeout", "1s"),
        ("--start-timeout", "0"),
        ("--idle-timeout", "0"),
        ("--idle-timeout", "10m"),
        ("--drain", "-1"),
        ("--trusted-proxies", "everyone"),
        ("--memory-budget", "1KiB"),
        ("--max-connections", "0"),
        ("--max-client-connections", "some"),
        ("--max-streams", "0"),
        ("--events-keep", "90"),
        ("--events-keep", "d"),
        ("--events-keep", "0d"),
        ("--events-keep", "1.5h"),
        ("--events-keep", "1w"),
        ("--events-keep", "36501d"),
        ("--events-keep", "99999999999999999999d"),
        ("--events-keep", "7\u{e9}"),
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
fn refuses_a_bad_value_of_a_load_in_the_same_way() {
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
    for (arguments, named) in [
        (["--count=1", "--file=payments.json"], "--file <FILE>"),
        (["--seed=7", "--concurrency=1"], "--count <COUNT>"),
        (["--organisations=7", "--concurrency=1"], "--count <COUNT>"),
    ] {
        let error =
            parse(&[&["seed"], &arguments[..]].concat()).expect_err("flags that exclude each other were accepted");
        let line = one_line(&error);
        assert!(line.contains(named) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn a_load_takes_the_fixtures_a_file_or_synthetic_payments() {
    let options = |flags: &[&str]| {
        let Command::Seed(seed) = parse(&[&["seed"], flags].concat()).unwrap().command else { panic!("not seed") };
        LoadOptions::from(seed)
    };
    let url = || "http://localhost:8080".to_owned();
    assert_eq!(
        options(&[]),
        LoadOptions { url: url(), source: Source::Fixtures, concurrency: 1, credentials: None, organisation: None }
    );
    assert_eq!(
        options(&["--file", "-"]),
        LoadOptions {
            url: url(),
            source: Source::File("-".into()),
            concurrency: 16,
            credentials: None,
            organisation: None
        }
    );
    let source = Source::Synthetic { count: 7, seed: 42, organisations: 3 };
    assert_eq!(
        options(&["--count", "7"]),
        LoadOptions { url: url(), source, concurrency: 16, credentials: None, organisation: None }
    );
}

#[test]
fn the_help_says_how_the_uri_of_every_store_begins() {
    let mut command = Config::command();
    let help = command.find_subcommand_mut("migrate").unwrap().render_help().to_string();
    for kind in StoreKind::value_variants() {
        let scheme = match kind {
            StoreKind::Sqlite3 => "sqlite://",
            StoreKind::Postgres => "postgres://",
        };
        assert!(help.contains(scheme), "--repo-uri does not mention {scheme} of {kind}:\n{help}");
    }
}

#[test]
fn cors_is_for_all_for_some_or_off() {
    let cors = |flags: &[&str]| {
        let config = Config::try_parse_from([&["payments", "serve"], flags].concat()).map_err(|error| one_line(&error));
        config.map(|config| match config.command {
            Command::Serve(serve) => serve.cors.map(|origins| origins.to_string()),
            Command::Backup(_)
            | Command::Erase(_)
            | Command::Health(_)
            | Command::Migrate(_)
            | Command::MoveToTenants(_)
            | Command::Seed(_)
            | Command::Tail(_) => {
                panic!("the command is serve")
            }
        })
    };
    assert_eq!(cors(&[]), Ok(None));
    assert_eq!(cors(&["--cors"]), Ok(Some("*".to_owned())));
    assert_eq!(cors(&["--cors=true"]), Ok(Some("*".to_owned())));
    assert_eq!(cors(&["--cors=false"]), Ok(Some("false".to_owned())));
    assert_eq!(
        cors(&["--cors=https://a.example,http://b.example:81"]),
        Ok(Some("https://a.example,http://b.example:81".to_owned()))
    );
    let refused = cors(&["--cors=a.example"]).unwrap_err();
    assert!(refused.contains("--cors=https://shop.example"), "{refused}");
}
