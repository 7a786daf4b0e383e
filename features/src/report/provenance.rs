//! Says of which code and which contract a report is, and of when.

use chrono::{SecondsFormat, Utc};
use std::{fs, path::Path, process::Command};

/// The time of a run, the commit, and the versions that it is about.
#[derive(Debug)]
pub(crate) struct Provenance {
    /// When the run began: UTC, RFC 3339.
    pub(crate) began: String,
    /// The commit that is checked out, and whether files differ from it; `None` outside of a Git checkout.
    pub(crate) commit: Option<String>,
    /// The version of the program.
    pub(crate) program: &'static str,
    /// The version of the contract.
    pub(crate) contract: String,
    /// The newest version of the contract that was released.
    pub(crate) released: String,
}

impl Provenance {
    /// Reads it from the checkout that holds `contract`, the path of the contract. What cannot be read is "unknown".
    pub(crate) fn read(contract: &Path) -> Self {
        let folder = contract.parent().unwrap_or(Path::new("."));
        let text = fs::read_to_string(contract).unwrap_or_default();
        // The first is that of `info`.
        let version = text.lines().find_map(|line| line.trim().strip_prefix("version: "));
        let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
        Self {
            began: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            commit: commit(folder),
            program: env!("CARGO_PKG_VERSION"),
            contract: or_unknown(version.map(|day| day.trim_matches('\'').to_owned())),
            released: or_unknown(newest_release(&folder.join("versions"))),
        }
    }
}

fn commit(folder: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|files| !files.is_empty());
    Some(if changed { format!("{commit} with changes") } else { commit })
}

/// The date of the newest `DATE.yml`.
fn newest_release(versions: &Path) -> Option<String> {
    let names = fs::read_dir(versions).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".yml").filter(|date| !date.contains('.')).map(str::to_owned)).max()
}
