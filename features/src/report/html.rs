//! Builds the small pieces of HTML that the page and its scenarios share.

use cucumber::gherkin::Scenario;

/// Escapes text for HTML or XML. Characters that XML cannot hold become `\u{…}`.
pub(super) fn escape(text: &str) -> String {
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

/// The paragraphs of a description. Text in backticks becomes code.
pub(super) fn paragraphs(text: Option<&str>) -> String {
    let paragraphs = text.unwrap_or_default().split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    paragraphs.map(|text| format!("<p>{}</p>\n", code(text))).collect()
}

fn code(text: &str) -> String {
    let mut parts = text.split('`');
    let mut html = escape(parts.next().unwrap_or_default());
    for (number, part) in parts.enumerate() {
        html += if number % 2 == 0 { "<code>" } else { "</code>" };
        html += &escape(part);
    }
    html
}

/// The tags of a feature or a scenario.
pub(super) fn tags(tags: &[String]) -> String {
    tags.iter().map(|tag| format!(" <span class=\"tag\">@{}</span>", escape(tag))).collect()
}

/// The element id of the feature in this file.
pub(super) fn feature_id(path: &str) -> String {
    path.trim_end_matches(".feature").replace(|character: char| !character.is_alphanumeric(), "-")
}

/// The element id of a scenario, for links to it.
pub(super) fn scenario_id(path: &str, scenario: &Scenario) -> String {
    format!("{}-{}", feature_id(path), scenario.position.line)
}
