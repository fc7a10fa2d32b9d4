//! A program, run to its end or stopped, and all that it says.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long what a program has printed may take to arrive once it has ended. Programs that it has
/// started may live on with its pipes, which then have no end.
const GRACE: Duration = Duration::from_secs(5);

/// What a program has done.
#[derive(Debug)]
pub struct Finished {
    /// How it ended; none if it was stopped.
    pub status: Option<ExitStatus>,
    /// What it printed on standard output.
    pub stdout: Vec<u8>,
    /// What it printed on standard error.
    pub stderr: Vec<u8>,
}

/// Runs a program without input, until it ends or `stop` says so. Of what it prints on either side
/// the first `kept` bytes are kept.
///
/// # Errors
/// The program cannot be started, asked after or stopped.
pub fn run(
    command: &mut Command,
    kept: usize,
    mut stop: impl FnMut(&Child) -> bool,
) -> io::Result<Finished> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Both are read while it runs: it would wait at a full pipe.
    let stdout = read(child.stdout.take(), kept);
    let stderr = read(child.stderr.take(), kept);
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if stop(&child) {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    };
    let until = Instant::now() + GRACE;
    Ok(Finished {
        status,
        stdout: stdout.bytes(until),
        stderr: stderr.bytes(until),
    })
}

/// What has been read so far, by a thread that ends with the pipe.
struct Reader {
    bytes: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

/// Reads to the end, and keeps the beginning.
fn read(pipe: Option<impl Read + Send + 'static>, kept: usize) -> Reader {
    let mut pipe = pipe.expect("it is piped");
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let (sender, end) = mpsc::channel();
    let read = Arc::clone(&bytes);
    thread::spawn(move || {
        let mut buffer = [0; 1 << 14];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            let mut bytes = read.lock().unwrap_or_else(PoisonError::into_inner);
            let room = count.min(kept - bytes.len());
            bytes.extend_from_slice(&buffer[..room]);
        }
        let _ = sender.send(());
    });
    Reader { bytes, end }
}

impl Reader {
    /// What was read by the end of the pipe, or until then.
    fn bytes(&self, until: Instant) -> Vec<u8> {
        let left = until.saturating_duration_since(Instant::now());
        let _ = self.end.recv_timeout(left);
        std::mem::take(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// The program that runs this test, asked to list its tests.
    fn list() -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("--list");
        command
    }

    #[test]
    fn a_program_is_run_to_its_end() {
        let finished = run(&mut list(), usize::MAX, |_| false).unwrap();
        assert!(finished.status.unwrap().success());
        let text = String::from_utf8(finished.stdout).unwrap();
        assert!(text.contains("a_program_is_run_to_its_end: test"), "{text}");
        let short = run(&mut list(), 5, |_| false).unwrap();
        assert_eq!(short.stdout, text.as_bytes()[..5]);
    }

    #[test]
    fn a_program_is_stopped() {
        // The program is this test, which does not end where it is asked not to.
        const ENDLESS: &str = "PROJECT_TEST_ENDLESS";
        while std::env::var_os(ENDLESS).is_some() {
            thread::sleep(Duration::from_secs(1));
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "process::tests::a_program_is_stopped"]);
        command.env(ENDLESS, "");
        let mut asked = 0;
        let finished = run(&mut command, 1 << 20, |_| {
            asked += 1;
            asked > 20
        });
        assert!(finished.unwrap().status.is_none());
    }

    #[test]
    #[expect(clippy::zombie_processes, reason = "this is what it is about")]
    fn what_a_program_has_started_need_not_end() {
        // This test is the program too, and what that starts, which ends when there is a file.
        const FILE: &str = "PROJECT_TEST_FILE";
        const STARTED: &str = "PROJECT_TEST_STARTED";
        let again = || {
            let mut command = Command::new(std::env::current_exe().unwrap());
            let name = "process::tests::what_a_program_has_started_need_not_end";
            command.args(["--exact", "--nocapture", name]);
            command
        };
        if let Some(file) = std::env::var_os(FILE) {
            if std::env::var_os(STARTED).is_none() {
                println!("the program");
                again().env(STARTED, "").spawn().unwrap();
                return;
            }
            let start = Instant::now();
            while !std::path::Path::new(&file).exists() && start.elapsed() < GRACE * 4 {
                thread::sleep(Duration::from_millis(10));
            }
            println!("what it has started");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let finished = run(again().env(FILE, &file), 1 << 20, |_| false).unwrap();
        std::fs::write(file, "").unwrap();
        assert!(finished.status.unwrap().success());
        let text = String::from_utf8(finished.stdout).unwrap();
        assert!(text.contains("the program"), "{text}");
        assert!(!text.contains("what it has started"), "{text}");
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let mut command = Command::new("no-such-program");
        assert!(run(&mut command, 1, |_| false).is_err());
    }
}
