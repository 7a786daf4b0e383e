//! Decides whether an element is a payment that can be loaded.

use payments_client::{JsonObject, models::PaymentInput};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{error::Category, value::RawValue};
use std::collections::HashMap;

/// Why an element is not loaded.
pub(super) enum Rejection {
    Malformed(serde_json::Error),
    NotAPayment { id: Option<String>, reason: String },
}

/// Blanks what the API puts around a payment: of `{"data": …, "links": …}` only the payment is left, at the same place, so
/// that the line and column of an error in it stay right. Other elements are left as they are.
pub(super) fn unwrap_answer(element: &mut [u8]) {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
        #[serde(default, rename = "links")]
        _links: IgnoredAny,
    }

    let Ok(Answer { data, .. }) = serde_json::from_slice(element) else { return };
    let start = data.get().as_ptr().addr() - element.as_ptr().addr();
    let payment = start..start + data.get().len();
    let around = element.iter_mut().enumerate().filter(|(at, _)| !payment.contains(at));
    around.filter(|(_, byte)| **byte != b'\n').for_each(|(_, byte)| *byte = b' ');
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
