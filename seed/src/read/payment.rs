//! Decides whether an element is a payment that can be loaded.

use payments_client::{JsonObject, models::PaymentInput};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::error::Category;
use std::collections::HashMap;

/// Why an element is not loaded.
pub(super) enum Rejection {
    Malformed(serde_json::Error),
    NotAPayment { id: Option<String>, reason: String },
}

/// Parses an element as a payment.
///
/// Refuses properties that the client's model does not know: the model would drop them, and the load would report
/// success for a payment that lost a part.
pub(super) fn parse(element: &[u8]) -> Result<PaymentInput, Rejection> {
    #[derive(Deserialize)]
    struct WithId {
        id: String,
    }

    let payment: PaymentInput = serde_json::from_slice(element).map_err(|error| match error.classify() {
        Category::Data => Rejection::NotAPayment {
            id: serde_json::from_slice(element).ok().map(|WithId { id }| id),
            reason: message(&error),
        },
        Category::Syntax | Category::Eof | Category::Io => Rejection::Malformed(error),
    })?;
    let reject = |reason: String| Rejection::NotAPayment { id: payment.id.clone(), reason };
    if payment.id.is_none() {
        return Err(reject("it has no id: give it one, or loading the file twice would create it twice".to_owned()));
    }
    let keys: HashMap<String, IgnoredAny> = serde_json::from_slice(element).map_err(Rejection::Malformed)?;
    let sent = JsonObject::new(&payment).map_err(|error| reject(error.to_string()))?.keys();
    match keys.keys().filter(|key| !sent.contains(key)).min() {
        Some(key) => Err(reject(format!("{key:?} is not a property of a payment, or is null; remove it"))),
        None => Ok(payment),
    }
}

pub(super) fn malformed(error: &serde_json::Error) -> String {
    format!("malformed JSON: {}", message(error))
}

/// The message of `error` without its position, which counts from the beginning of the element, not of the file.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.find(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text).to_owned()
}
