//! Whether an element is a payment, and if not, why.

use payments_client::{JsonObject, models::Payment};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::error::Category;
use std::collections::HashMap;

/// Why an element is not loaded.
pub(super) enum Refusal {
    Malformed(serde_json::Error),
    NoPayment { id: Option<String>, reason: String },
}

/// The payment that an element is. What the service would not be told is refused here: it is lost otherwise.
pub(super) fn parse(element: &[u8]) -> Result<Payment, Refusal> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }

    let payment: Payment = serde_json::from_slice(element).map_err(|error| match error.classify() {
        Category::Data => Refusal::NoPayment {
            id: serde_json::from_slice(element).ok().map(|Named { id }| id),
            reason: message(&error),
        },
        Category::Syntax | Category::Eof | Category::Io => Refusal::Malformed(error),
    })?;
    let refuse = |reason: String| Refusal::NoPayment { id: payment.id.clone(), reason };
    if payment.id.is_none() {
        return Err(refuse("it has no id; without one, loading it twice would make two of it".to_owned()));
    }
    let keys: HashMap<String, IgnoredAny> = serde_json::from_slice(element).map_err(Refusal::Malformed)?;
    let sent = JsonObject::new(&payment).map_err(|error| refuse(error.to_string()))?.keys();
    match keys.keys().filter(|key| !sent.contains(key)).min() {
        Some(key) => Err(refuse(format!("{key:?} is not a property of a payment, or is null; remove it"))),
        None => Ok(payment),
    }
}

pub(super) fn malformed(error: &serde_json::Error) -> String {
    format!("malformed JSON: {}", message(error))
}

/// The message without the place, which counts from the beginning of the element.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.find(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text).to_owned()
}
