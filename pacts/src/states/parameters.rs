//! The parameters that a pact gives to a provider state. A state says which it takes before it does anything, and fails over
//! any other: what a consumer asked for would not be what is verified.

use super::StateError;
use serde_json::Value;
use std::collections::HashMap;

/// The parameters of one state.
pub(super) struct Parameters<'a> {
    state: &'a str,
    given: &'a HashMap<String, Value>,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(state: &'a str, given: &'a HashMap<String, Value>) -> Self {
        Self { state, given }
    }

    /// Takes no parameter.
    pub(super) fn none(self) -> Result<(), StateError> {
        self.only(&[])
    }

    /// Takes one optional parameter, a text.
    pub(super) fn text(self, name: &'static str) -> Result<Option<&'a str>, StateError> {
        self.only(&[name])?;
        match self.given.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(value) => Err(StateError::WrongParameter {
                state: self.state.to_owned(),
                name: name.to_owned(),
                value: value.clone(),
            }),
        }
    }

    /// Fails over a parameter that is not `known`.
    fn only(&self, known: &[&str]) -> Result<(), StateError> {
        let mut others: Vec<&String> = self.given.keys().filter(|name| !known.contains(&name.as_str())).collect();
        others.sort();
        let Some(name) = others.first() else { return Ok(()) };
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Err(StateError::UnknownParameter { state: self.state.to_owned(), name: (*name).clone(), known })
    }
}
