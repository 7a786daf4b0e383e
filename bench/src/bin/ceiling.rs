//! Serves the baseline that the service is measured against: axum, and nothing else.
//!
//! `ceiling ADDRESS STATUS BODY` answers every request with the bytes of the file BODY. `ceiling ADDRESS postgres URL TABLE`
//! runs one statement for each request, on a pool of the size of the service's, and writes the service's JSON from its row.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sqlx::{AssertSqlSafe, PgPool, Row, SqlSafeStr, SqlStr, postgres::PgPoolOptions};
use std::{error::Error, sync::Arc};
use tokio::net::TcpListener;

/// The size of the connection pool, that of the service.
const CONNECTIONS: u32 = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (address, router) = match arguments.as_slice() {
        [address, "postgres", url, table] => (address, postgres(url, table).await?),
        [address, status, body] => (address, fixed(status.parse()?, std::fs::read(body)?.into())),
        _ => return Err("usage: ceiling ADDRESS STATUS BODY, or ceiling ADDRESS postgres URL TABLE".into()),
    };
    Ok(axum::serve(TcpListener::bind(address).await?, router).await?)
}

fn fixed(status: StatusCode, body: Bytes) -> Router {
    let (to_read, to_write) = (body.clone(), body);
    let read = async move || (status, [(CONTENT_TYPE, "application/json")], to_read);
    let write = async move |_: Bytes| (status, [(CONTENT_TYPE, "application/json")], to_write);
    Router::new()
        .route("/v1/payments", get(read.clone()).post(write.clone()))
        .route("/v1/payments/{id}", get(read.clone()).put(write))
        .route("/v1/events", get(read))
}

struct Statements {
    pool: PgPool,
    select: SqlStr,
    insert: SqlStr,
}

async fn postgres(url: &str, table: &str) -> Result<Router, Box<dyn Error>> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await?;
    let sql = |text: String| AssertSqlSafe(Arc::<str>::from(text)).into_sql_str();
    let select = sql(format!(
        "SELECT id, version, organisation_id, attributes, created_on::text, modified_on::text FROM {table} \
         WHERE id = $1 AND NOT deleted"
    ));
    let insert = sql(format!(
        "INSERT INTO {table} (id, version, created_on, modified_on, organisation_id, attributes) \
         VALUES (gen_random_uuid()::text, 0, now(), now(), 'harbour-lane-bakery', $1) ON CONFLICT (id) DO NOTHING"
    ));
    Ok(Router::new()
        .route("/v1/payments/{id}", get(fetch))
        .route("/v1/payments", post(create))
        .with_state(Arc::new(Statements { pool, select, insert })))
}

async fn fetch(State(state): State<Arc<Statements>>, Path(id): Path<String>) -> Result<Response, Failed> {
    let row = sqlx::query(state.select.clone()).bind(&id).fetch_one(&state.pool).await?;
    let text = |column: usize| row.try_get::<&str, _>(column);
    let json = format!(
        r#"{{"data":{{"id":"{}","type":"Payment","version":{},"organisation_id":"{}","attributes":{},"created_on":"{}","modified_on":"{}"}},"links":{{"self":"http://localhost:8080/v1/payments/{id}"}}}}"#,
        text(0)?,
        row.try_get::<i64, _>(1)?,
        text(2)?,
        text(3)?,
        text(4)?,
        text(5)?,
    );
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

async fn create(State(state): State<Arc<Statements>>, body: Bytes) -> Result<Response, Failed> {
    let text = std::str::from_utf8(&body).map_err(|error| Failed(error.to_string()))?;
    sqlx::query(state.insert.clone()).bind(text).execute(&state.pool).await?;
    Ok((StatusCode::CREATED, [(CONTENT_TYPE, "application/json")], body).into_response())
}

/// An error, which is answered with 500.
struct Failed(String);

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
