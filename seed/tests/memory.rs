//! Memory stays flat for a file of any size. A test binary of its own, so that no other test adds to the peak.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]
#![cfg(target_os = "linux")]

use seed::load::{LoadOptions, ProgressOutput, Source, SystemClock, load};
use std::{
    fs::{self, File},
    future,
    io::{self, BufWriter, Write},
    path::Path,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Answers each request with its own payment, as the service does, but not before `begun` is true.
async fn serve(mut stream: TcpStream, mut begun: watch::Receiver<bool>) -> io::Result<()> {
    let mut seen = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = seen.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut seen).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&seen[..head]).to_lowercase();
        let length: usize = text.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap().parse().unwrap();
        while seen.len() < head + length {
            stream.read_buf(&mut seen).await?;
        }
        let body = &seen[head..head + length];
        let tail = br#","links":{"self":"http://x/y"}}"#;
        let size = body.len() - 1 + tail.len();
        let _ = begun.wait_for(|begun| *begun).await;
        let head = format!("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body[..body.len() - 1]).await?;
        stream.write_all(tail).await?;
        seen.clear();
    }
}

/// The peak resident memory of this process, in KiB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Writes payments of 900 KiB each: nearly the largest that the service accepts by default.
fn write(path: &Path, shape: &str, count: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (open, between, close) = if shape == "json" { ("{\"data\":[", ",\n", "]}") } else { ("", "\n", "\n") };
    file.write_all(open.as_bytes()).unwrap();
    let padding = "x".repeat(900 << 10);
    for number in 0..count {
        let between = if number > 0 { between } else { "" };
        write!(
            file,
            r#"{between}{{"id":"{shape}-{number}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1.00","x":"{padding}"}}}}"#
        )
        .unwrap();
    }
    file.write_all(close.as_bytes()).unwrap();
}

#[tokio::test]
async fn memory_stays_flat_for_a_file_of_any_size() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let begin = watch::Sender::new(false);
    let begun = begin.subscribe();
    tokio::spawn(async move {
        loop {
            tokio::spawn(serve(listener.accept().await.unwrap().0, begun.clone()));
        }
    });
    tokio::spawn(async move {
        // Meanwhile the reader gets as far ahead as its budget allows.
        tokio::time::sleep(Duration::from_secs(4)).await;
        begin.send_replace(true);
        begin.closed().await;
    });
    let folder = tempfile::tempdir().unwrap();
    for (shape, count) in [("json", 80), ("ndjson", 20)] {
        let path = folder.path().join(shape);
        write(&path, shape, count);
        let options = LoadOptions {
            url: url.clone(),
            source: Source::File(path),
            concurrency: 16,
            credentials: None,
            organisation: None,
        };
        let output = ProgressOutput::Lines { to: Box::new(io::sink()), every: Duration::from_secs(1) };
        let report = load(options, output, SystemClock::start(), future::pending()).await.unwrap();
        assert_eq!(report.counts.created, count as u64, "{report}");
    }
    // The answering side runs in this process too, so its memory is included.
    assert!(peak_memory() < 64 << 10, "{} KiB", peak_memory());
}
