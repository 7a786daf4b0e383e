//! JSON kept as text.
//!
//! A tree of values forgets: `1.10` becomes `1.1`, a long integer becomes a float, keys change their order, and a key
//! that stands twice disappears. This crate works on the text instead: it reads JSON once, into an [`Outline`] of where
//! each value begins and ends, and looks up or changes single values. Every other byte stays as its author wrote it.
//!
//! | type | standard | purpose |
//! |---|---|---|
//! | [`Outline`], [`Json`] | RFC 8259 | check the grammar of a text; refer to its values |
//! | [`Pointer`] | RFC 6901 | find one value |
//! | [`JsonPatch`] | RFC 6902 | apply operations, all or none |
//! | [`MergePatch`] | RFC 7396 | merge a document into another |
//! | [`PatchLimits`], [`Depth`] | | bound the cost of a patch |
//!
//! # Hostile input
//!
//! Reading takes time and memory in proportion to the text, and does not recurse: nesting costs no stack. Patches
//! recurse no deeper than [`Depth::MAX`], and neither the result nor any document on the way to it exceeds
//! [`PatchLimits`]. Errors name the faulty part of the patch, the reason and a cure; their length is bounded.
//!
//! # An outline
//!
//! ```
//! use json_text::{Kind, Outline};
//!
//! let outline = Outline::read(br#" {"amount": "100.21", "rate": 1.10} "#)?;
//! let json = outline.json();
//! assert_eq!((json.kind(), outline.depth()), (Kind::Object, 1));
//! let members: Vec<_> = json.members().map(|(key, value)| (key.get(), value.get())).collect();
//! assert_eq!(members, [(r#""amount""#, r#""100.21""#), (r#""rate""#, "1.10")]);
//!
//! let error = Outline::read(b"[1,]").unwrap_err();
//! assert_eq!(error.to_string(), "expected value at line 1 column 4");
//! # Ok::<(), json_text::SyntaxError>(())
//! ```
//!
//! # Patches
//!
//! ```
//! use json_text::{JsonPatch, PatchLimits, MergePatch, Op, Operation};
//!
//! let document = r#"{"rate": 1.10, "tags": [ "a" ], "id": 12345678901234567890}"#;
//! let limits = PatchLimits { bytes: 1000, ..PatchLimits::default() };
//!
//! let operations = [Operation { op: Op::Add, path: "/tags/-", from: None, value: Some("\"b\"") }];
//! let patched = JsonPatch::new(&operations).apply(document, &limits)?;
//! assert_eq!(patched, r#"{"rate":1.10,"tags":["a","b"],"id":12345678901234567890}"#);
//!
//! let patched = MergePatch(r#"{"rate":null}"#).apply(document, &limits)?;
//! assert_eq!(patched, r#"{"tags":[ "a" ],"id":12345678901234567890}"#);
//! # Ok::<(), json_text::PatchError>(())
//! ```
//!
//! In an object or array that changes, the white space between the members goes; keys and values keep their spelling.

mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod json_patch;
mod limits;
mod merge_patch;
mod number;
mod outline;
mod pointer;
mod string;
mod tree;

pub use {
    error::{NotFound, PatchError, PatchFault, Reason},
    json_patch::{JsonPatch, Op, Operation},
    limits::{Depth, PatchLimits},
    merge_patch::MergePatch,
    outline::{Json, Kind, Outline, SyntaxError, Walk},
    pointer::{Pointer, PointerError},
    string::is_plain,
    tree::Obstacle,
};
