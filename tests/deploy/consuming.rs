//! The lines of other languages in docs/CONSUMING.md, held to the tours in `tests/clients/` and `tests/event_clients/` that they are
//! taken from and that are played.

use crate::files::text;

const DOCUMENT: &str = "docs/CONSUMING.md";
const LANGUAGES: [&str; 4] = ["typescript", "python", "go", "java"];

/// The lines without the indentation that all of them share.
fn dedented(lines: &[&str]) -> String {
    let indents = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let shared = indents.min().unwrap_or(0);
    lines.iter().map(|line| line.get(shared..).unwrap_or("").to_owned() + "\n").collect()
}

/// Says whether the lines stand in `source` one after the other, further in or not.
fn holds(source: &str, part: &str) -> bool {
    let (lines, wanted): (Vec<_>, Vec<_>) = (source.lines().collect(), part.lines().collect());
    lines.windows(wanted.len()).any(|window| dedented(window) == dedented(&wanted))
}

/// The last link to a tour in the text before a block.
fn tour_before(prose: &str) -> String {
    let (_, link) = prose.rsplit_once("](../tests/").unwrap_or_else(|| panic!("{DOCUMENT}: no tour before a block"));
    format!("tests/{}", link.split_once(')').unwrap().0)
}

#[test]
fn what_consumers_are_shown_is_played() {
    let document = text(DOCUMENT);
    let parts: Vec<_> = document.split("```").collect();
    let mut shown = Vec::new();
    for pair in parts.chunks_exact(2) {
        let [prose, block] = pair else { unreachable!() };
        let (language, lines) = block.split_once('\n').unwrap();
        if !LANGUAGES.contains(&language) {
            continue;
        }
        let tour = tour_before(prose);
        // Parts of a block need not follow each other.
        for part in lines.trim_end().split("\n\n") {
            assert!(holds(&text(&tour), part), "{DOCUMENT} shows what {tour} does not have:\n{part}");
        }
        shown.push(language);
    }
    for language in LANGUAGES {
        assert!(shown.contains(&language), "{DOCUMENT} shows nothing in {language}");
    }
}
