//! A clock that jumps: `history serve` is `payments serve`, but for the time of day, which a file shifts.
//!
//! No other way shifts the clock of one process without rights that a test has not: Linux has time namespaces for the clocks that
//! count from the start of the machine only, and a library that is put before the C library misses programs that ask the kernel
//! themselves. The service takes its time of day from [`Sources`], so a program of our own brings one.

use payments::{
    app::{App, StartError},
    config::{Command, Config},
    http::Sources,
    log,
    payments::Timestamp,
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The option that names the file, before those of `payments serve`.
pub const FLAG: &str = "--clock";

/// The file that says by how many seconds the clock is wrong.
static SHIFT: OnceLock<PathBuf> = OnceLock::new();

/// Shifts the clock of the processes that read this file.
///
/// # Errors
/// When the file cannot be written.
pub fn set(file: &Path, seconds: i64) -> std::io::Result<()> {
    // In one step, so that nobody reads half of a number.
    let new = file.with_extension("new");
    std::fs::write(&new, seconds.to_string())?;
    std::fs::rename(new, file)
}

fn now() -> Timestamp {
    let shift = SHIFT.get().and_then(|file| std::fs::read_to_string(file).ok()).and_then(|text| text.parse().ok());
    let (now, seconds) = (Timestamp::now(), shift.unwrap_or(0_i64));
    Timestamp::from_micros(now.micros().saturating_add(seconds.saturating_mul(1_000_000))).unwrap_or(now)
}

/// Serves with a clock that a file shifts, until the process is killed. The arguments are those of `payments serve`, and
/// [`FLAG`] with the file.
///
/// # Errors
/// When the service does not start; and when the arguments are wrong.
pub async fn serve(mut arguments: Vec<OsString>) -> Result<(), String> {
    let place = arguments.iter().position(|argument| argument == FLAG).ok_or("--clock FILE is missing")?;
    let file = arguments.drain(place..arguments.len().min(place + 2)).nth(1).ok_or("--clock needs a file")?;
    SHIFT.get_or_init(|| file.into());
    let line: Vec<_> = ["payments", "serve"].into_iter().map(OsString::from).chain(arguments).collect();
    let config = Config::read(&line).map_err(|error| error.to_string())?;
    let Command::Serve(settings) = config.command else { return Err("only serve has a clock".to_owned()) };
    let _flush_at_exit = log::start();
    let app = App::start_by(settings, Sources { now, ..Sources::default() }).await;
    let app = app.map_err(|error: StartError| error.to_string())?;
    tracing::info!(target: "payments", address = %app.address(), "listening");
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::{SHIFT, now, set};
    use payments::payments::Timestamp;

    #[test]
    fn the_clock_is_wrong_by_what_the_file_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = SHIFT.get_or_init(|| folder.path().join("clock"));
        // Between two looks at the right clock, however long the machine takes.
        let assert_wrong_by = |seconds: i64, why: &str| {
            let (from, shown, until) = (Timestamp::now().micros(), now().micros(), Timestamp::now().micros());
            let right = shown - seconds * 1_000_000;
            assert!((from..=until).contains(&right), "{why}: it is not wrong by {seconds} s: {from}, {shown}, {until}");
        };
        assert_wrong_by(0, "there is no file yet");
        for seconds in [3_600, -7_200, 0] {
            set(file, seconds).unwrap();
            assert_wrong_by(seconds, "the file says so");
        }
        set(file, i64::MAX).unwrap();
        assert_wrong_by(0, "no time is so far away");
    }
}
