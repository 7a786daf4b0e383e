//! x
use super::Story;
pub(super) fn render(_story: &Story) -> String {
    String::new()
}
