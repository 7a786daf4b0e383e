//! Versions, packed without their content, and contents.

use super::{
    ATTRIBUTES, CREATED_ON, Column, ID, Integer, MODIFIED_ON, Nullable, ORGANISATION_ID, SEQ, Text, VERSION, Values,
    pack, unpack,
};
use crate::payments::Error;
use crate::repo::events::{Scanned, VersionKey, VersionRow};
use crate::repo::sqlite::failure::failure;
use sqlx::sqlite::SqliteRow;
use std::collections::HashMap;
use std::sync::Arc;

const POSITION: Column<Integer> = Column::new("position");
const DELETED: Column<Integer> = Column::new("deleted");
const LENGTH: Column<Integer> = Column::new("length");
const ORIGIN_VERSION: Column<Nullable<Integer>> = Column::new("origin_version");
const KIND: Column<Nullable<Text>> = Column::new("kind");
const SUBJECT: Column<Nullable<Text>> = Column::new("subject");
const CLIENT_ID: Column<Nullable<Text>> = Column::new("client_id");
const REQUEST_ID: Column<Nullable<Text>> = Column::new("request_id");

/// How many columns [`pack_versions`] packs.
const COLUMNS: usize = 14;

/// The SQL expression that packs rows for [`versions`].
pub(in crate::repo::sqlite) fn pack_versions() -> String {
    let columns: [String; COLUMNS] = [
        POSITION.packed(),
        SEQ.packed(),
        ID.packed(),
        VERSION.packed(),
        CREATED_ON.packed(),
        MODIFIED_ON.packed(),
        DELETED.packed(),
        ORGANISATION_ID.packed(),
        LENGTH.packed(),
        ORIGIN_VERSION.packed(),
        KIND.packed(),
        SUBJECT.packed(),
        CLIENT_ID.packed(),
        REQUEST_ID.packed(),
    ];
    pack(&columns)
}

fn decode_version(record: &str) -> Option<VersionRow<'_>> {
    let mut values = Values::new(record, COLUMNS);
    Some(VersionRow {
        position: values.next(&POSITION)?,
        seq: values.next(&SEQ)?,
        id: values.next(&ID)?,
        version: values.next(&VERSION)?,
        created_on: values.next(&CREATED_ON)?,
        modified_on: values.next(&MODIFIED_ON)?,
        deleted: values.next(&DELETED)? != 0,
        organisation_id: values.next(&ORGANISATION_ID)?,
        length: values.next(&LENGTH)?,
        origin_version: values.next(&ORIGIN_VERSION)?,
        kind: values.next(&KIND)?,
        subject: values.next(&SUBJECT)?,
        client_id: values.next(&CLIENT_ID)?,
        request_id: values.next(&REQUEST_ID)?,
    })
}

/// The versions that a query packed into its column `column`, in the order of their events.
pub(in crate::repo::sqlite) fn versions(row: &SqliteRow, column: usize) -> Result<Vec<Scanned>, Error> {
    let rows = unpack(row, column, decode_version).map_err(failure)?;
    let mut versions: Vec<_> = rows.into_iter().map(VersionRow::decode).collect::<Result<_, _>>()?;
    // SQLite aggregates rows in no order that it promises.
    versions.sort_unstable_by_key(|scanned| scanned.event.position);
    Ok(versions)
}

/// The SQL expression that packs rows for [`contents`].
pub(in crate::repo::sqlite) fn pack_contents() -> String {
    pack(&[SEQ.packed(), VERSION.packed(), ATTRIBUTES.packed()])
}

/// The contents of versions that a query packed into its column `column`.
pub(in crate::repo::sqlite) fn contents(
    row: &SqliteRow,
    column: usize,
) -> Result<HashMap<VersionKey, Arc<str>>, Error> {
    let decode = |record| {
        let mut values = Values::new(record, 3);
        Some(((values.next(&SEQ)?, values.next(&VERSION)?), values.next(&ATTRIBUTES)?.into()))
    };
    Ok(unpack(row, column, decode).map_err(failure)?.into_iter().collect())
}
