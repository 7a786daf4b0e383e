//! The documents, held to the tree: their links lead somewhere, the paths that they name exist, and the table of settings is the
//! program's own.

use crate::files::text;
use clap::{Arg, CommandFactory};
use payments::config::Config;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders whose documents are not ours.
const NOT_OURS: [&str; 4] = ["target", "node_modules", ".venv", ".git"];

/// Where a path in a document may begin.
const ROOMS: [&str; 13] = [
    ".github/",
    "api/",
    "bench/",
    "deploy/",
    "docs/",
    "features/",
    "generated/",
    "json/",
    "openapi/",
    "pacts/",
    "schema/",
    "seed/",
    "src/",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document below `folder`, by its path from the root of the repository.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (folder.join(entry.file_name()), entry.file_type().unwrap());
        if kind.is_dir() && !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Each document with its text, from which examples in fences are cut.
fn texts() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    documents(Path::new(""), &mut found);
    assert!(found.len() > 8, "only {found:?} were looked at");
    let prose = |path: &PathBuf| {
        let text = text(path.to_str().unwrap());
        text.split("```").step_by(2).collect::<String>()
    };
    found.into_iter().map(|path| (path.clone(), prose(&path))).collect()
}

/// The parts of `text` between `open` and `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| Some(rest.split_once(close)?.0)).collect()
}

/// What GitHub calls a heading in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for (document, prose) in texts() {
        for link in between(&prose, "](", ")") {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { document.clone() } else { document.parent().unwrap().join(file) };
            let has_heading = || {
                let text = fs::read_to_string(root().join(&target)).unwrap_or_default();
                text.lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|line| anchor(line.trim_start_matches('#')) == heading)
            };
            if !root().join(&target).exists() || !(heading.is_empty() || has_heading()) {
                wrong.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these links lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn every_path_that_a_document_names_exists() {
    let is_path = |span: &str| {
        (ROOMS.iter().any(|room| span.starts_with(room)) || span.starts_with("tests/"))
            && span.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/".contains(letter))
    };
    let mut wrong = Vec::new();
    for (document, prose) in texts() {
        for span in prose.split('`').skip(1).step_by(2).filter(|span| is_path(span)) {
            // From the root, or from beside the document.
            let beside = root().join(&document).with_file_name(span);
            if !root().join(span).exists() && !beside.exists() {
                wrong.push(format!("{}: {span}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these paths are not there:\n{}", wrong.join("\n"));
}

/// `flag | default` of a setting as the table has it. The words for settings without a value of their own are the table's.
fn row(setting: &Arg) -> (String, Option<String>) {
    let default = setting.get_default_values().first().map(|value| value.to_str().unwrap().to_owned());
    (format!("--{}", setting.get_long().unwrap()), default.filter(|_| setting.get_action().takes_values()))
}

#[test]
fn the_table_of_settings_is_that_of_the_program() {
    let command = Config::command();
    let serve = command.find_subcommand("serve").unwrap();
    let settings = serve.get_arguments().filter(|setting| setting.get_id() != "help");
    let mut expected: Vec<_> = settings.map(row).collect();
    expected.sort();

    let readme = text("README.md");
    let cells = |line: &str| -> Option<(String, Option<String>)> {
        let mut cells = line.strip_prefix("| `--")?.split(" | ");
        let flag = format!("--{}", cells.next()?.strip_suffix('`')?);
        let default = cells.next()?.strip_prefix('`').and_then(|default| default.strip_suffix('`'));
        Some((flag, default.map(str::to_owned)))
    };
    let table = readme.split("## Configuration").nth(1).unwrap().split("## ").next().unwrap();
    let found: Vec<_> = table.lines().filter_map(cells).collect();
    assert_eq!(found, expected, "the table in README.md is not what `payments serve --help` says");
}

/// What the README says of variables holds for every flag.
#[test]
fn the_variable_of_a_flag_follows_from_its_name() {
    let command = Config::command();
    for setting in command.find_subcommand("serve").unwrap().get_arguments() {
        let Some(variable) = setting.get_env() else { continue };
        let flag = setting.get_long().unwrap();
        assert_eq!(
            variable.to_str().unwrap(),
            format!("PAYMENTS_{}", flag.to_uppercase().replace('-', "_")),
            "--{flag}"
        );
    }
}

#[test]
fn headings_are_named_as_in_links() {
    assert_eq!(anchor(" What a test is for, and `--limit`"), "what-a-test-is-for-and---limit");
}
