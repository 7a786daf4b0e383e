//! Batches log lines: callers append to a shared buffer, and a thread writes it out.
//!
//! A system call for each line, or even a wake-up of the thread for each, costs more than the rest of a small request
//! (`docs/PERFORMANCE.md`). Here one wake-up and one write serve all lines that arrive within [`FLUSH_INTERVAL`], or
//! fewer once they fill [`FLUSH_SIZE`].

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// The time that lines gather before they are written: the most that a line is delayed.
const FLUSH_INTERVAL: Duration = Duration::from_millis(20);
/// The size at which lines are written before that, in bytes. A much larger buffer evicts the data of requests from the
/// processor's caches, and a pipe takes 64 KiB at most in one write.
const FLUSH_SIZE: usize = 48 << 10;
/// The limit for buffered bytes. Lines beyond it are dropped and counted, so that a blocked reader of standard output
/// does not block requests.
const CAPACITY: usize = 8 << 20;
/// The time that a stop waits until all lines are written, so that a blocked reader does not keep the process alive.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The capacity that is kept for the next lines, in bytes.
const KEPT_CAPACITY: usize = 64 << 10;

/// A handle to the buffer, through which lines are logged.
#[derive(Debug, Clone, Default)]
pub(super) struct Spool(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    buffer: Mutex<Buffer>,
    /// Notified when the thread has something to do.
    changed: Condvar,
}

/// The lines that wait to be written.
#[derive(Debug, Default)]
struct Buffer {
    lines: Vec<u8>,
    /// The number of lines dropped since the last write.
    lost: u64,
    closing: bool,
    /// Whether the thread has written all lines, and ended.
    closed: bool,
}

/// Flushes when dropped: waits until the thread has written all lines that were logged before, up to `CLOSE_TIMEOUT`.
#[derive(Debug)]
pub struct FlushGuard {
    spool: Spool,
    thread: Option<JoinHandle<()>>,
    timeout: Duration,
}

impl Spool {
    /// Starts the thread that writes to `out`.
    pub(super) fn start(out: impl Write + Send + 'static) -> (Self, FlushGuard) {
        Self::flushing_every(FLUSH_INTERVAL, out)
    }

    fn flushing_every(interval: Duration, out: impl Write + Send + 'static) -> (Self, FlushGuard) {
        let spool = Self::default();
        let writer = spool.clone();
        // Without a thread nothing is logged, and the service still works.
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_out(interval, out)).ok();
        (spool.clone(), FlushGuard { spool, thread, timeout: CLOSE_TIMEOUT })
    }

    fn lock(&self) -> MutexGuard<'_, Buffer> {
        // Poisoning is ignored: a panic has at worst left half a line.
        self.0.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes batches of lines until the guard is dropped. This is what the thread runs.
    fn write_out(&self, interval: Duration, mut out: impl Write) {
        let mut lines = Vec::new();
        loop {
            let mut buffer = self.lock();
            while buffer.lines.is_empty() && !buffer.closing {
                buffer = self.0.changed.wait(buffer).unwrap_or_else(PoisonError::into_inner);
            }
            if !buffer.closing {
                let is_gathering = |buffer: &mut Buffer| !buffer.closing && buffer.lines.len() < FLUSH_SIZE;
                let gathered = self.0.changed.wait_timeout_while(buffer, interval, is_gathering);
                buffer = gathered.unwrap_or_else(PoisonError::into_inner).0;
            }
            mem::swap(&mut buffer.lines, &mut lines);
            let (lost, closing) = (mem::take(&mut buffer.lost), buffer.closing);
            drop(buffer);
            if lost > 0 {
                lines.extend_from_slice(
                    format!("{{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":{lost}}}\n").as_bytes(),
                );
            }
            // A failure is ignored: there is no other place to report it.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            lines.clear();
            lines.shrink_to(KEPT_CAPACITY);
            if closing {
                self.lock().closed = true;
                self.0.changed.notify_all();
                return;
            }
        }
    }
}

impl Spool {
    /// Appends one line, or drops it if the buffer is full.
    pub(super) fn push(&self, line: &[u8]) {
        let mut buffer = self.lock();
        if buffer.lines.len() + line.len() > CAPACITY {
            buffer.lost += 1;
            return;
        }
        let before = buffer.lines.len();
        buffer.lines.extend_from_slice(line);
        let now = buffer.lines.len();
        drop(buffer);
        // Two wake-ups a batch: the first line starts the interval, and the one that fills the batch ends it.
        if before == 0 || (before < FLUSH_SIZE && now >= FLUSH_SIZE) {
            self.0.changed.notify_all();
        }
    }
}

impl Write for Spool {
    /// Appends `line`, which is a whole line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for FlushGuard {
    fn drop(&mut self) {
        self.spool.lock().closing = true;
        self.spool.0.changed.notify_all();
        let Some(thread) = self.thread.take() else { return };
        let is_writing = |buffer: &mut Buffer| !buffer.closed;
        let waited = self.spool.0.changed.wait_timeout_while(self.spool.lock(), self.timeout, is_writing);
        let is_closed = waited.unwrap_or_else(PoisonError::into_inner).0.closed;
        if is_closed {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, FLUSH_SIZE, Spool};
    use std::{
        io::{self, Write},
        sync::mpsc,
        time::Duration,
    };

    /// An output that reports each write, and blocks until the test lets it go on.
    struct Blocking {
        written: mpsc::Sender<Vec<u8>>,
        proceed: mpsc::Receiver<()>,
    }

    impl Write for Blocking {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            self.written.send(lines.to_vec()).unwrap();
            self.proceed.recv().unwrap();
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_come_during_a_write_share_the_next_write() {
        let (sender, written) = mpsc::channel();
        let (resume, proceed) = mpsc::channel();
        let (mut spool, guard) = Spool::start(Blocking { written: sender, proceed });
        spool.write_all(b"first\n").unwrap();
        assert_eq!(written.recv().unwrap(), b"first\n");
        // Logged while the first is being written.
        spool.write_all(b"second\n").unwrap();
        spool.write_all(b"third\n").unwrap();
        resume.send(()).unwrap();
        resume.send(()).unwrap();
        drop(guard);
        assert_eq!(written.recv().unwrap(), b"second\nthird\n", "one write for both");
    }

    #[test]
    fn a_full_batch_is_written_before_the_interval_ends() {
        let (sender, written) = mpsc::channel();
        let (resume, proceed) = mpsc::channel();
        let (mut spool, guard) =
            Spool::flushing_every(Duration::from_secs(3600), Blocking { written: sender, proceed });
        spool.write_all(&[b'x'; FLUSH_SIZE - 1]).unwrap();
        resume.send(()).unwrap();
        let early = written.recv_timeout(Duration::from_millis(50));
        assert!(early.is_err(), "a batch that is not full waits for the interval");
        spool.write_all(b"\n").unwrap();
        let lines = written.recv_timeout(Duration::from_secs(20)).expect("a full batch is written at once");
        assert_eq!(lines.len(), FLUSH_SIZE);
        drop(guard);
    }

    #[test]
    fn a_reader_that_is_blocked_does_not_hold_up_the_end() {
        let (sender, written) = mpsc::channel();
        let (resume, proceed) = mpsc::channel();
        let (mut spool, mut guard) = Spool::start(Blocking { written: sender, proceed });
        guard.timeout = Duration::from_millis(10);
        spool.write_all(b"first\n").unwrap();
        assert_eq!(written.recv().unwrap(), b"first\n");
        let (dropped, end) = mpsc::channel();
        std::thread::spawn(move || {
            drop(guard);
            dropped.send(())
        });
        end.recv_timeout(Duration::from_secs(20)).expect("the guard waits for a reader that is blocked");
        resume.send(()).unwrap();
    }

    #[test]
    fn lines_beyond_the_capacity_are_dropped_and_counted() {
        let (sender, written) = mpsc::channel();
        let (resume, proceed) = mpsc::channel();
        let (mut spool, guard) = Spool::start(Blocking { written: sender, proceed });
        spool.write_all(b"first\n").unwrap();
        assert_eq!(written.recv().unwrap(), b"first\n");
        let line = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            spool.write_all(&line).expect("logging never fails");
        }
        (0..2).for_each(|_| resume.send(()).unwrap());
        drop(guard);
        let rest = String::from_utf8(written.recv().unwrap()).unwrap();
        assert!(rest.len() < CAPACITY + 100, "{} bytes were buffered", rest.len());
        assert!(
            rest.ends_with("{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":12}\n"),
            "{}",
            &rest[rest.len() - 90..]
        );
    }
}
