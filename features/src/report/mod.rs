//! What is left behind: JUnit XML and Cucumber JSON for machines, the living document for people.

mod document;
mod json;
mod junit;
mod scenes;

use crate::{
    catalogue::Catalogue,
    contract::{Contract, Coverage, Uncovered},
    record::Run,
    terminal::Terminal,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The living document.
const PAGE: &str = "index.html";

/// All that there is to tell of a run.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) catalogue: Catalogue,
    pub(crate) runs: Vec<Run>,
    pub(crate) complaints: Vec<String>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) coverage: Coverage,
    pub(crate) uncovered: Uncovered,
    /// Whether the run has seen all there is to see.
    pub(crate) full: bool,
    pub(crate) took: Duration,
}

impl Story {
    /// The coverage of the contract in a line.
    pub(crate) fn coverage_line(&self) -> String {
        let declared = self.contract.pairs().count();
        let seen = self.contract.pairs().filter(|pair| self.coverage.0.contains_key(pair)).count();
        format!(
            "of {declared} pairs of operation and status in the contract, {seen} were seen; {} cannot be",
            self.uncovered.0.len()
        )
    }
}

/// Writes every report into `directory`, and returns where the living document is.
pub(crate) fn write(story: &Story, directory: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join("junit.xml"), junit::render(story))?;
    fs::write(directory.join("cucumber.json"), json::render(story))?;
    let page = directory.join(PAGE);
    fs::write(&page, document::render(story))?;
    Ok(page)
}

/// Says where the living document is.
pub(crate) fn locate(directory: &Path, terminal: &Terminal) -> u8 {
    let page = directory.join(PAGE);
    if page.exists() {
        terminal.say(page.display());
        0
    } else {
        terminal.complaint(&format!("{} is not there yet: `make bdd` writes it", page.display()));
        1
    }
}

/// Text in HTML or XML. Characters that XML cannot hold become `\u{…}`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
            _ => escaped.push(character),
        }
    }
    escaped
}
