//! Writes exchanges down, and holds them to other contracts: what a run of the features over an unchanged service would say of a
//! contract that was changed. `mutants/contract` asks.

use crate::{
    client::{Answer, Request},
    contract::{Contract, Coverage, Pair, Uncovered, Validation},
    options::Options,
    run::unknown_versions,
    terminal::Terminal,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::HashSet,
    fs::{self, File},
    hash::Hash,
    io::Write as _,
    path::{Path, PathBuf},
};

/// A request, as the contract names it, and its answer. Bodies are written as a character for each byte.
#[derive(Debug, Serialize, Deserialize)]
struct Recorded {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    answer_headers: Vec<(String, String)>,
    answer_body: String,
}

impl Recorded {
    fn of(request: &Request, answer: &Answer) -> Self {
        let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
        let Request { method, target, headers, body } = request.clone();
        let (body, answer_body) = (text(&body), text(&answer.body));
        Self {
            method,
            target,
            headers,
            body,
            status: answer.status,
            answer_headers: answer.headers.clone(),
            answer_body,
        }
    }

    fn exchange(self) -> (Request, Answer) {
        let bytes = |text: &str| text.chars().filter_map(|byte| u8::try_from(byte).ok()).collect();
        let Self { method, target, headers, body, status, answer_headers, answer_body } = self;
        let request = Request { method, target, headers, body: bytes(&body) };
        (request, Answer { status, headers: answer_headers, body: bytes(&answer_body) })
    }
}

/// A file of exchanges, one on each line.
#[derive(Debug)]
pub(crate) struct Recording(File);

impl Recording {
    /// Begins a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn start(path: &Path) -> Result<Self, String> {
        File::create(path).map(Self).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Writes an exchange.
    ///
    /// # Panics
    /// When it cannot be written.
    pub(crate) fn write(&mut self, request: &Request, answer: &Answer) {
        let line = serde_json::to_string(&Recorded::of(request, answer)).expect("texts and numbers are JSON");
        writeln!(self.0, "{line}").expect("there is room for the recording");
    }
}

/// Prints a line for each contract: its file, and the first thing that the features would say against it, or null.
pub(crate) fn run(options: &Options, terminal: &Terminal) -> u8 {
    match options.replay.as_ref().map(|(recording, contracts)| replay(options, recording, contracts, terminal)) {
        Some(Err(error)) => {
            terminal.error(&error);
            1
        }
        Some(Ok(())) | None => 0,
    }
}

fn replay(options: &Options, recording: &Path, contracts: &Path, terminal: &Terminal) -> Result<(), String> {
    let text = fs::read_to_string(recording).map_err(|error| format!("{}: {error}", recording.display()))?;
    let exchanges = text.lines().map(|line| serde_json::from_str(line).map(Recorded::exchange));
    let mut exchanges: Vec<(Request, Answer)> =
        exchanges.collect::<Result<_, _>>().map_err(|error| format!("{}: {error}", recording.display()))?;
    // The stores answer alike: one of each is enough.
    let mut seen = HashSet::new();
    exchanges.retain(|(request, answer)| seen.insert(alike(request, answer)));
    let known = Known::read(options, exchanges)?;
    let uncovered = Uncovered::read(&options.uncovered)?;
    let found = fs::read_dir(contracts).map_err(|error| format!("{}: {error}", contracts.display()))?;
    let mut files: Vec<PathBuf> = found.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    for file in files {
        let fault = Contract::read(&file).map_or_else(Some, |contract| known.first_fault(&contract, &uncovered));
        terminal.line(json!({"contract": file, "fault": fault}));
    }
    Ok(())
}

/// What tells exchanges apart: ids and times do not.
fn alike(request: &Request, answer: &Answer) -> impl Hash + Eq + use<> {
    let names: Vec<String> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
    (format!("{request:?}"), answer.status, names)
}

/// Exchanges, and what the contract as it is says of them.
struct Known {
    contract: Contract,
    exchanges: Vec<(Request, Answer, Option<Pair>)>,
}

impl Known {
    fn read(options: &Options, exchanges: Vec<(Request, Answer)>) -> Result<Self, String> {
        let contract = Contract::read(&options.contract)?;
        let judged = exchanges.into_iter().map(|(request, answer)| match contract.validate(&request, &answer) {
            Validation { pair, violations } if violations.is_empty() => Ok((request, answer, pair)),
            Validation { violations, .. } => Err(described(&request, &answer, &violations)),
        });
        let exchanges = judged.collect::<Result<_, String>>()?;
        Ok(Self { contract, exchanges })
    }

    fn first_fault(&self, contract: &Contract, uncovered: &Uncovered) -> Option<String> {
        let mut coverage = Coverage::default();
        for (request, answer, known) in &self.exchanges {
            let pair = if contract.agrees_with(&self.contract, request) {
                known.clone()
            } else {
                let Validation { pair, violations } = contract.validate(request, answer);
                if !violations.is_empty() {
                    return Some(described(request, answer, &violations));
                }
                pair
            };
            if let Some(pair) = pair {
                coverage.count(pair);
            }
        }
        unknown_versions(contract).or_else(|| coverage.errors(contract, uncovered).into_iter().next())
    }
}

fn described(request: &Request, answer: &Answer, violations: &[String]) -> String {
    format!("{} {} \u{2192} {}: {}", request.method, request.target, answer.status, violations.join("; "))
}
