//! Lines on their way out. Whoever logs appends to a buffer; a thread writes out what has gathered.
//!
//! A write for each line, or only a thread woken for each, costs more than all the rest of a small request
//! (`bench/README.md`). Here it is one of each for as many lines as come within [`PAUSE`], or are [`ENOUGH`].

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long lines gather. What a line costs by the time it is written: no more than this.
const PAUSE: Duration = Duration::from_millis(20);
/// How many bytes are enough to be written before that. What is much larger than this pushes what requests work with out of
/// the caches of the processor, and a pipe takes no more than 64 KiB at once.
const ENOUGH: usize = 48 << 10;
/// How many bytes may wait. When nobody takes them, lines are lost: better than requests that wait for their log.
const CAPACITY: usize = 8 << 20;
/// The room that is kept for the next lines, once those before are written.
const KEPT: usize = 64 << 10;

/// The way out for lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Spool(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// What waits to be written.
#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// How many lines were lost since the last were written.
    lost: u64,
    closing: bool,
}

/// The thread that writes. Dropping this waits until all is written that was logged before.
#[derive(Debug)]
pub struct Writing {
    spool: Spool,
    thread: Option<JoinHandle<()>>,
}

impl Spool {
    /// Starts to write to `out`.
    pub(super) fn start(out: impl Write + Send + 'static) -> (Self, Writing) {
        Self::pausing(PAUSE, out)
    }

    fn pausing(pause: Duration, out: impl Write + Send + 'static) -> (Self, Writing) {
        let spool = Self::default();
        let writer = spool.clone();
        // Without a thread nothing is logged, and nothing else is wrong.
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_out(pause, out)).ok();
        (spool.clone(), Writing { spool, thread })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Whoever panicked while it held the lock has at worst left half a line.
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_out(&self, pause: Duration, mut out: impl Write) {
        let mut lines = Vec::new();
        loop {
            let mut waiting = self.lock();
            while waiting.lines.is_empty() && !waiting.closing {
                waiting = self.0.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
            if !waiting.closing {
                let gathers = |waiting: &mut Waiting| !waiting.closing && waiting.lines.len() < ENOUGH;
                let gathered = self.0.changed.wait_timeout_while(waiting, pause, gathers);
                waiting = gathered.unwrap_or_else(PoisonError::into_inner).0;
            }
            mem::swap(&mut waiting.lines, &mut lines);
            let (lost, closing) = (mem::take(&mut waiting.lost), waiting.closing);
            drop(waiting);
            if lost > 0 {
                lines.extend_from_slice(
                    format!("{{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":{lost}}}\n").as_bytes(),
                );
            }
            // Where nobody reads any more, there is nobody to tell.
            let _ = out.write_all(&lines).and_then(|()| out.flush());
            lines.clear();
            lines.shrink_to(KEPT);
            if closing {
                return;
            }
        }
    }
}

impl Spool {
    /// Takes one line.
    pub(super) fn take(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.lines.len() + line.len() > CAPACITY {
            waiting.lost += 1;
            return;
        }
        let before = waiting.lines.len();
        waiting.lines.extend_from_slice(line);
        let now = waiting.lines.len();
        drop(waiting);
        // The first line begins the pause, and another ends it.
        if before == 0 || (before < ENOUGH && now >= ENOUGH) {
            self.0.changed.notify_all();
        }
    }
}

impl Write for Spool {
    /// Takes one line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.take(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.spool.lock().closing = true;
        self.spool.0.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, ENOUGH, Spool};
    use std::{
        io::{self, Write},
        sync::mpsc,
        time::Duration,
    };

    /// An output that tells of each write, and waits for leave to go on.
    struct Slow {
        written: mpsc::Sender<Vec<u8>>,
        leave: mpsc::Receiver<()>,
    }

    impl Write for Slow {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            self.written.send(lines.to_vec()).unwrap();
            self.leave.recv().unwrap();
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_gather_and_none_is_left_behind() {
        let (sender, written) = mpsc::channel();
        let (leave, leaves) = mpsc::channel();
        let (mut spool, writing) = Spool::start(Slow { written: sender, leave: leaves });
        spool.write_all(b"first\n").unwrap();
        assert_eq!(written.recv().unwrap(), b"first\n");
        // These come while the first is being written.
        spool.write_all(b"second\n").unwrap();
        spool.write_all(b"third\n").unwrap();
        leave.send(()).unwrap();
        leave.send(()).unwrap();
        drop(writing);
        assert_eq!(written.recv().unwrap(), b"second\nthird\n", "one write for both");
    }

    #[test]
    fn enough_lines_wait_for_no_more() {
        let (sender, written) = mpsc::channel();
        let (leave, leaves) = mpsc::channel();
        let (mut spool, writing) = Spool::pausing(Duration::from_secs(3600), Slow { written: sender, leave: leaves });
        spool.write_all(&[b'x'; ENOUGH - 1]).unwrap();
        leave.send(()).unwrap();
        let early = written.recv_timeout(Duration::from_millis(50));
        assert!(early.is_err(), "there is time for more to come");
        spool.write_all(b"\n").unwrap();
        let lines = written.recv_timeout(Duration::from_secs(20)).expect("that is enough");
        assert_eq!(lines.len(), ENOUGH);
        drop(writing);
    }

    #[test]
    fn what_nobody_takes_is_lost_and_counted() {
        let (sender, written) = mpsc::channel();
        let (leave, leaves) = mpsc::channel();
        let (mut spool, writing) = Spool::start(Slow { written: sender, leave: leaves });
        spool.write_all(b"first\n").unwrap();
        assert_eq!(written.recv().unwrap(), b"first\n");
        let line = vec![b'x'; 1 << 20];
        for _ in 0..20 {
            spool.write_all(&line).expect("who logs must not notice");
        }
        (0..2).for_each(|_| leave.send(()).unwrap());
        drop(writing);
        let rest = String::from_utf8(written.recv().unwrap()).unwrap();
        assert!(rest.len() < CAPACITY + 100, "{} bytes were kept", rest.len());
        assert!(
            rest.ends_with("{\"level\":\"WARN\",\"message\":\"log lines were lost\",\"lines\":12}\n"),
            "{}",
            &rest[rest.len() - 90..]
        );
    }
}
