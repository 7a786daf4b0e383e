//! Iteration over all values of an outline, in the order of the text.

use super::Json;

/// Iterates over a value and all keys and values inside it, each with the number of objects and arrays around it.
#[derive(Debug)]
pub struct Walk<'a> {
    next: Json<'a>,
    /// The index behind the last value.
    end: usize,
    /// The indices behind the containers around `next`, the innermost last: a stack.
    around: Vec<usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(json: Json<'a>) -> Self {
        let end = json.index + json.span().map_or(0, |span| 1 + span.within as usize);
        Self { next: json, end, around: Vec::new() }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (usize, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let json = self.next;
        if json.index >= self.end {
            return None;
        }
        self.next.index += 1;
        while self.around.last().is_some_and(|end| *end <= json.index) {
            self.around.pop();
        }
        let depth = self.around.len();
        let within = json.span()?.within as usize;
        if within > 0 {
            self.around.push(self.next.index + within);
        }
        Some((depth, json))
    }
}
