//! A program, run to its end or stopped, and all that it says.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

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
    let bytes = |reader: JoinHandle<_>| reader.join().expect("reading bytes does not panic");
    Ok(Finished {
        status,
        stdout: bytes(stdout),
        stderr: bytes(stderr),
    })
}

/// Reads to the end, and keeps the beginning.
fn read(pipe: Option<impl Read + Send + 'static>, kept: usize) -> JoinHandle<Vec<u8>> {
    let mut pipe = pipe.expect("it is piped");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut buffer = [0; 1 << 14];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            let room = count.min(kept - bytes.len());
            bytes.extend_from_slice(&buffer[..room]);
        }
        bytes
    })
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
    fn a_program_that_is_not_there_is_an_error() {
        let mut command = Command::new("no-such-program");
        assert!(run(&mut command, 1, |_| false).is_err());
    }
}
