// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

/// An object that is kept as it is written.
///
/// Kept as JSON text: changing a property leaves all other bytes as they are. Besides the parameters of [`new`](Self::new), the
/// contract names these keys for [`get`](Self::get) and [`set`](Self::set):
///
/// | key | meaning |
/// |---|---|
/// | `author` | Deprecated on 2026-11-28. Who wrote it. |
#[derive(Clone, Debug, PartialEq)]
pub struct Notes {
    json: openapi_client::JsonObject,
    title: String,
    pages: i64,
}

impl Notes {
    /// An object with the properties that the contract requires, and no others.
    pub fn new(title: impl Into<String>, pages: i64) -> Self {
        let title: String = title.into();
        let pages: i64 = pages;
        let json = openapi_client::JsonObject::of_members(&[
            ("title", openapi_client::Json::of(&title)),
            ("pages", openapi_client::Json::of(&pages)),
        ]);
        Self { json, title, pages }
    }

    /// A text that is not blank.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// A number.
    pub fn pages(&self) -> &i64 {
        &self.pages
    }
}

openapi_client::text_object!(Notes, crate::Error, title = "title", pages = "pages");
