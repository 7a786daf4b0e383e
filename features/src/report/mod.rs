//! Writes the reports: JUnit XML and Cucumber JSON for machines, the living document for people.

mod full_report;
mod html;
mod json;
mod junit;
mod page;
mod provenance;
mod scenarios;

pub(crate) use full_report::FullReport;
pub(crate) use provenance::Provenance;

use crate::terminal::Terminal;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The file name of the living document.
const PAGE: &str = "index.html";

/// Writes every report into `directory`, and returns the path of the living document.
pub(crate) fn write(report: &FullReport, directory: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join("junit.xml"), junit::render(report))?;
    fs::write(directory.join("cucumber.json"), json::render(report))?;
    let page = directory.join(PAGE);
    fs::write(&page, page::render(report))?;
    Ok(page)
}

/// Prints the path of the living document, and returns the exit code.
pub(crate) fn locate(directory: &Path, terminal: &Terminal) -> u8 {
    let page = directory.join(PAGE);
    if page.exists() {
        terminal.line(page.display());
        0
    } else {
        terminal.error(&format!("{} does not exist yet: `make bdd` writes it", page.display()));
        1
    }
}
