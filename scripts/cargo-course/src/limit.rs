//! When to stop a test program: by the processor time that it uses, not by the clock.
//!
//! A clock says little on a machine that is busy with other things: right code that needs six
//! seconds of a processor may wait half a minute for them.

use std::process::Child;
use std::time::{Duration, Instant};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Less processor time than this is none: the system counts in ticks.
const TICKS: Duration = Duration::from_millis(20);

/// How much a program may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Processor time.
    pub processor: Duration,
    /// Time by the clock, in a row, in which it uses no processor time.
    pub idle: Duration,
    /// Time by the clock, as a last resort.
    pub clock: Duration,
}

impl Limits {
    /// With so much processor time.
    pub fn of(processor: Duration) -> Limits {
        Limits {
            processor,
            idle: (processor / 2).max(Duration::from_secs(5)),
            clock: (processor * 20).max(Duration::from_secs(300)),
        }
    }
}

/// Why a program was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It has used up its processor time.
    Endless,
    /// It has used no processor time for too long: it waits for what does not come.
    Waiting,
    /// It has taken too long by the clock, and has used little processor time.
    Slow,
}

/// What a program had used when it was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Why it was stopped.
    pub reason: Reason,
    /// The limit that it has reached.
    pub limit: Duration,
    /// The processor time that it has used.
    pub processor: Duration,
    /// How long it has run by the clock.
    pub clock: Duration,
}

impl Stopped {
    /// What has happened, after the name of a test.
    pub fn words(&self) -> String {
        let [limit, processor, clock] = [self.limit, self.processor, self.clock].map(seconds);
        match self.reason {
            Reason::Endless => format!(
                "was stopped when it had used {limit} of processor time ({clock} by the clock)"
            ),
            Reason::Waiting => format!(
                "was stopped when it had used no processor time for {limit} ({processor} before): \
                 it is waiting"
            ),
            Reason::Slow => format!(
                "was stopped after {limit} by the clock. It had used only {processor} of processor \
                 time: perhaps the machine is busy with something else"
            ),
        }
    }
}

/// Whole seconds, or tenths where there are few.
fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        few if few < 10.0 => format!("{} s", (few * 10.0).round() / 10.0),
        many => format!("{many:.0} s"),
    }
}

/// Looks after one running program.
pub struct Watch {
    limits: Limits,
    /// None where processor times cannot be asked for: then there is only the clock.
    system: Option<System>,
    begin: Instant,
    /// When it was last seen to have used processor time, and how much until then.
    busy: (Instant, Duration),
}

impl Watch {
    /// For a program that is about to start.
    pub fn new(limits: Limits) -> Watch {
        let now = Instant::now();
        Watch {
            limits,
            system: System::new().ok(),
            begin: now,
            busy: (now, Duration::ZERO),
        }
    }

    /// Whether it is time to stop the program.
    pub fn look(&mut self, child: &Child) -> Option<Stopped> {
        let now = Instant::now();
        let Some(system) = &mut self.system else {
            self.busy.0 = now;
            return self.judge(Duration::ZERO, now);
        };
        let id = Pid::from_u32(child.id());
        let which = ProcessesToUpdate::Some(&[id]);
        let what = ProcessRefreshKind::nothing().with_cpu();
        system.refresh_processes_specifics(which, false, what);
        let used = system.process(id)?.accumulated_cpu_time();
        self.judge(Duration::from_millis(used), now)
    }

    fn judge(&mut self, used: Duration, now: Instant) -> Option<Stopped> {
        if used >= self.busy.1 + TICKS {
            self.busy = (now, used);
        }
        let limits = self.limits;
        let clock = now - self.begin;
        let (reason, limit) = match () {
            () if used >= limits.processor => (Reason::Endless, limits.processor),
            () if now - self.busy.0 >= limits.idle => (Reason::Waiting, limits.idle),
            () if clock >= limits.clock => (Reason::Slow, limits.clock),
            () => return None,
        };
        Some(Stopped {
            reason,
            limit,
            processor: used,
            clock,
        })
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use std::process::{Command, Stdio};

    use super::*;

    fn limits() -> Limits {
        Limits::of(Duration::from_secs(60))
    }

    /// What a program is stopped for that has used so many seconds of processor time, each time
    /// that it is looked at: seconds by the clock, seconds of processor time.
    fn stopped(looks: &[(u64, f64)]) -> Option<(Reason, u64)> {
        let mut watch = Watch::new(limits());
        looks.iter().find_map(|&(clock, used)| {
            let now = watch.begin + Duration::from_secs(clock);
            let stopped = watch.judge(Duration::from_secs_f64(used), now)?;
            Some((stopped.reason, clock))
        })
    }

    #[test]
    fn what_counts_is_processor_time() {
        // Eight threads.
        let looks = [(2, 15.0), (4, 31.0), (7, 55.0), (8, 61.0)];
        assert_eq!(stopped(&looks), Some((Reason::Endless, 8)));
        // Beside many other programs, it gets little of it.
        let busy = Vec::from_iter((1..=40).map(|i| (25 * i, 1.25 * i as f64)));
        assert_eq!(stopped(&busy), None);
        let much = Vec::from_iter((1..=60).map(|i| (25 * i, 0.5 * i as f64)));
        assert_eq!(stopped(&much), Some((Reason::Slow, 1200)));
    }

    #[test]
    fn a_program_that_waits_is_not_taken_for_a_busy_one() {
        let looks = [(1, 0.5), (10, 0.5), (25, 0.51), (31, 0.51), (32, 0.51)];
        assert_eq!(stopped(&looks), Some((Reason::Waiting, 31)));
        let looks = [(1, 0.5), (25, 0.5), (30, 0.53), (55, 0.53), (59, 0.56)];
        assert_eq!(stopped(&looks), None);
    }

    #[test]
    fn the_words_name_the_limit_and_what_was_used() {
        let stopped = |reason, limit, processor, clock| Stopped {
            reason,
            limit: Duration::from_secs(limit),
            processor: Duration::from_secs_f64(processor),
            clock: Duration::from_secs(clock),
        };
        assert_eq!(
            stopped(Reason::Endless, 60, 60.02, 75).words(),
            "was stopped when it had used 60 s of processor time (75 s by the clock)"
        );
        assert_eq!(
            stopped(Reason::Waiting, 30, 0.04, 30).words(),
            "was stopped when it had used no processor time for 30 s (0 s before): it is waiting"
        );
        assert_eq!(
            stopped(Reason::Slow, 1200, 6.24, 1200).words(),
            "was stopped after 1200 s by the clock. It had used only 6.2 s of processor time: \
             perhaps the machine is busy with something else"
        );
    }

    #[test]
    fn the_processor_time_of_a_program_is_seen() {
        // The program is this test, which is busy where it is asked to be.
        const BUSY: &str = "COURSE_TEST_BUSY";
        while std::env::var_os(BUSY).is_some() {
            std::hint::spin_loop();
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "limit::tests::the_processor_time_of_a_program_is_seen",
        ]);
        let mut child = command.env(BUSY, "").stdout(Stdio::null()).spawn().unwrap();
        let mut watch = Watch::new(Limits {
            processor: Duration::from_millis(300),
            ..limits()
        });
        let stopped = loop {
            match watch.look(&child) {
                Some(stopped) => break stopped,
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(stopped.reason, Reason::Endless);
        assert!(
            stopped.processor >= Duration::from_millis(300),
            "{stopped:?}"
        );
    }
}
