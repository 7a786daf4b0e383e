//! Finds the keys of a merge patch that stand twice in their object.

use crate::{Json, Kind, PatchFault, Reason, pointer, string};
use std::{borrow::Cow, collections::HashSet};

/// Finds keys that stood before in the same object, at most `limit` of them. Looks into the objects that are merged, and not
/// into arrays. Recurses as deep as the patch nests.
pub(super) fn find(patch: Json<'_>, limit: usize) -> Vec<PatchFault> {
    let mut search = Search { path: Vec::new(), found: Vec::new(), limit };
    search.look_into(patch);
    search.found
}

struct Search<'a> {
    /// The keys that lead to the current object.
    path: Vec<Cow<'a, [u8]>>,
    found: Vec<PatchFault>,
    limit: usize,
}

impl<'a> Search<'a> {
    fn look_into(&mut self, object: Json<'a>) {
        let mut seen = HashSet::new();
        for (key, value) in object.members() {
            if self.found.len() >= self.limit {
                return;
            }
            let name = string::code_points(string::unquoted(key.get()).unwrap_or_default());
            self.path.push(name.clone());
            if !seen.insert(name) {
                self.found.push(Reason::Duplicate.at(pointer::write(&self.path)));
            }
            if value.kind() == Kind::Object {
                self.look_into(value);
            }
            self.path.pop();
        }
    }
}
