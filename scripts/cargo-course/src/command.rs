//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check::{self, LIMIT, Options, Outcome, Report};
use crate::content::{self, Program};
use crate::explain;
use crate::manifest;
use crate::own::{self, Own, Purpose};
use crate::paint::{BAD, FAINT, command, paint, print};
use crate::progress;
use crate::show::{self, Shown};
use crate::skeleton::{self, Written};
use crate::start::{self, Base};
use crate::state::{Known, State};
use crate::step;
use crate::{diff, watch, words};
use project::Workspace;
use project::stages::Sources;

/// Build the stages yourself, step by step
///
/// Each stage has a handful of steps, and each step a file of tests. `start` makes a crate of your
/// own in the folder work, `check` runs the steps in order and explains the first one that is
/// red, and `hint` helps if you are stuck.
///
/// Nothing that you have written is ever overwritten or deleted.
#[derive(Debug, Parser)]
#[command(
    name = "cargo course",
    bin_name = "cargo course",
    after_help = "\
To begin:     cargo course start stage1
              then write in work/stage1/src, and after each step:
              cargo course check
Which crate?  The one whose folder you are in, otherwise the one you saved last.
Exit status:  0 if all is well, 1 if a step is red, if `show` finds a difference, or if
              something goes wrong; 2 for a command that cannot be understood."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a crate of your own for a stage
    Start(StartArguments),
    /// Run your steps in order, stop at the first red one and explain it
    Check(CheckArguments),
    /// Check again on every save
    Watch(CheckArguments),
    /// Show the next hint for the step you are on
    Hint(HintArguments),
    /// Show in the browser what your engine does, step by step, and where it differs
    Show(ShowArguments),
    /// Show what changes from one version to another
    Diff(DiffArguments),
    /// Plant a classic bug in a copy of a stage, for you to find
    Break(BreakArguments),
    /// List the challenges beyond the steps, or take one up
    Challenge(ChallengeArguments),
}

#[derive(Debug, Args)]
struct StartArguments {
    /// The stage to build: stage1 is the first
    stage: String,
    /// What to begin with [default: skeleton for stage1, previous for the others]
    #[arg(long, value_enum)]
    from: Option<From>,
    /// Begin a skeleton at this step, with those before written as in the reference
    #[arg(long, value_name = "NUMBER", conflicts_with = "from")]
    step: Option<usize>,
    /// Begin a skeleton in which these files are written as in the reference: array.rs,ops.rs
    #[arg(
        long,
        value_name = "FILES",
        value_delimiter = ',',
        conflicts_with = "from"
    )]
    given: Vec<String>,
    /// Begin with nothing, not even the types
    #[arg(long, conflicts_with_all = ["from", "step", "given"])]
    empty: bool,
    /// Begin another crate beside the one that is there: work/stage1-2
    #[arg(long)]
    again: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum From {
    /// The stage that the new one grows out of: your own if it passes, otherwise the reference's
    Previous,
    /// The new stage's types and signatures, with the bodies to be written
    Skeleton,
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// A folder in work: stage1, stage1-2, bug-stage3
    folder: Option<String>,
    /// Go on after a red step
    #[arg(long)]
    all: bool,
    /// How many seconds of processor time the tests of one step may use
    #[arg(long, value_name = "SECONDS", default_value_t = LIMIT.as_secs())]
    limit: u64,
}

#[derive(Debug, Args)]
struct HintArguments {
    /// A folder in work: stage1, stage1-2, bug-stage3
    folder: Option<String>,
    /// The hints for another step
    #[arg(long, value_name = "NUMBER")]
    step: Option<usize>,
    /// Show what the step's tests need: names, signatures and words of panics
    #[arg(long)]
    signatures: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
It runs the programs of the chapters' figures, or one of yours:
              cargo course show stage2 --program \"let t = x * y; t + x\" x=3 y=4
The page is in work/.show. It marks the first thing that your engine does differently from
the book's, and says what it is.")]
struct ShowArguments {
    /// A folder in work, such as stage1, and the inputs of your program: x=3
    #[arg(value_name = "FOLDER or INPUT=VALUE")]
    words: Vec<String>,
    /// A program of your own: `let` lines, and an expression
    #[arg(long, value_name = "PROGRAM")]
    program: Option<String>,
    /// How many times to differentiate it, in stage3 and stage4
    #[arg(long, value_name = "NUMBER", requires = "program", default_value_t = 1)]
    order: usize,
    /// Do not open the browser, and print where the page is
    #[arg(long)]
    no_open: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Each side is one of
  stage2            the reference
  mine              your own crate for the stage on the other side, with no bug and no
                    challenge in it: the one you are in, or saved last
  mine:bug-stage1   the one in work/bug-stage1
  solution:NAME     the worked solution of a challenge; `mine` beside it is your own
                    crate for that challenge, if there is one")]
struct DiffArguments {
    /// The old side: stage1, mine, mine:FOLDER or solution:CHALLENGE
    old: String,
    /// The new side
    new: String,
    /// Leave out lines that are only comments
    #[arg(long)]
    code: bool,
}

#[derive(Debug, Args)]
struct BreakArguments {
    /// The stage to plant it in, such as stage1
    #[arg(required_unless_present = "list")]
    stage: Option<String>,
    /// List the titles of all bugs, and mark those that you have found
    #[arg(long)]
    list: bool,
    /// Plant the bug with this number in the list, not the next one
    #[arg(long, value_name = "NUMBER")]
    number: Option<usize>,
}

#[derive(Debug, Args)]
struct ChallengeArguments {
    /// The challenge to take up; without it, all are listed
    name: Option<String>,
    /// Begin another crate beside the one that is there
    #[arg(long)]
    again: bool,
}

/// Does what the command line says. True if all is well, false if a step is red or `show` finds a
/// difference.
///
/// # Errors
/// Something other than the reader's code is wrong, or the command makes no sense here.
pub fn run(arguments: Arguments) -> Result<bool> {
    let here = std::env::current_dir().context("there is no current folder")?;
    let course = Course {
        workspace: Workspace::find(&here)?,
        here,
    };
    if course.workspace.path("work").is_dir() {
        manifest::configure(&course.workspace)?;
    }
    match arguments.command {
        None => course.overview(),
        Some(Command::Start(arguments)) => course.start(&arguments),
        Some(Command::Check(arguments)) => course.check(&arguments),
        Some(Command::Watch(arguments)) => course.watch(&arguments),
        Some(Command::Hint(arguments)) => course.hint(&arguments),
        Some(Command::Show(arguments)) => course.show(&arguments),
        Some(Command::Diff(arguments)) => course.diff(&arguments),
        Some(Command::Break(arguments)) => course.plant(&arguments),
        Some(Command::Challenge(arguments)) => course.challenge(&arguments),
    }
}

struct Course {
    workspace: Workspace,
    here: PathBuf,
}

impl Course {
    /// The crate in the folder of that name, or the current one.
    fn own(&self, folder: Option<&str>) -> Result<Own> {
        let workspace = &self.workspace;
        match folder {
            Some(name) => own::named(workspace, name.strip_prefix("work/").unwrap_or(name)),
            None => own::current(workspace, &self.here)?.context(
                "you have not begun yet; make your first crate with `cargo course start stage1`",
            ),
        }
    }

    fn overview(&self) -> Result<bool> {
        let workspace = &self.workspace;
        let Some(own) = own::current(workspace, &self.here)? else {
            print(&words::welcome());
            return Ok(true);
        };
        let report = self.look(&own, Options::default())?;
        let mut others = own::all(workspace)?;
        others.retain(|other| *other != own);
        print(&words::overview(workspace, &report, &others));
        Ok(true)
    }

    fn start(&self, arguments: &StartArguments) -> Result<bool> {
        let (workspace, stage) = (&self.workspace, &arguments.stage);
        workspace.must_be_stage(stage)?;
        if !arguments.again {
            let again = command(&format!("start {stage} --again"));
            start::must_be_free(workspace, &Purpose::stage(stage), &again)?;
        }
        let is_first = workspace.previous(stage)?.is_none();
        let base = match arguments.from {
            _ if arguments.empty => Base::Nothing,
            _ if arguments.step.is_some() || !arguments.given.is_empty() => {
                Base::Skeleton(self.written(arguments)?)
            }
            Some(From::Skeleton) => Base::Skeleton(Written::default()),
            None if is_first => Base::Skeleton(Written::default()),
            _ => start::previous(workspace, stage)?,
        };
        let started = start::stage(workspace, stage, base, arguments.again)?;
        let known = Known {
            evolved: !matches!(started.base, Base::Skeleton(_)),
            green: started.red.first().map(|step| step - 1),
        };
        self.know(&started.own, known)?;
        let is_done = |number: usize| !started.red.contains(&number);
        let steps = started.steps.iter();
        let steps = steps.map(|step| (step, is_done(step.number)));
        progress::note(&self.workspace, &started.own, steps)?;
        print(&words::started(&self.workspace, &started)?);
        Ok(true)
    }

    /// What a skeleton should have from the beginning.
    fn written(&self, arguments: &StartArguments) -> Result<Written> {
        let stage = &arguments.stage;
        let files = self.workspace.reference(stage)?;
        if let Some(file) = arguments
            .given
            .iter()
            .find(|file| !files.contains_key(*file))
        {
            let files = Vec::from_iter(files.keys().map(String::as_str)).join(", ");
            bail!("there is no file `{file}` in {stage}; there are {files}");
        }
        let steps = step::of_stage(&self.workspace, stage)?;
        let (step, count) = (arguments.step.unwrap_or(1), steps.len());
        if !(1..=count).contains(&step) {
            bail!("there is no step {step}; {stage} has {count}");
        }
        let written = Written {
            steps: step - 1,
            files: arguments.given.clone(),
        };
        if skeleton::red(&steps, &written).is_empty() {
            bail!("nothing would be left to write in {stage}: give fewer files or an earlier step");
        }
        Ok(written)
    }

    fn check(&self, arguments: &CheckArguments) -> Result<bool> {
        let own = self.own(arguments.folder.as_deref())?;
        self.check_one(&own, arguments)
    }

    fn check_one(&self, own: &Own, arguments: &CheckArguments) -> Result<bool> {
        let options = Options {
            all: arguments.all,
            limit: Duration::from_secs(arguments.limit),
        };
        let report = self.look(own, options)?;
        print(&explain::report(&self.workspace, &report)?);
        Ok(report.is_green())
    }

    /// Notes what is known of a crate, in place of what was known of an earlier one of that name.
    fn know(&self, own: &Own, known: Known) -> Result<()> {
        let mut state = State::load(&self.workspace);
        state.crates.insert(own.name.clone(), known);
        state.save(&self.workspace)
    }

    /// Checks without a word, and notes what was seen.
    fn look(&self, own: &Own, options: Options) -> Result<Report> {
        let report = check::check(&self.workspace, own, options)?;
        self.remember(&report)?;
        Ok(report)
    }

    /// Notes how far a crate is, and a bug that has been found.
    fn remember(&self, report: &Report) -> Result<()> {
        if report.trouble.is_some() {
            return Ok(());
        }
        let own = &report.own;
        let steps = report.steps.iter();
        let steps = steps.map(|(step, outcome)| (step, matches!(outcome, Outcome::Green)));
        progress::note(&self.workspace, own, steps)?;
        let before = State::load(&self.workspace);
        let mut state = before.clone();
        let known = state.crates.entry(own.name.clone()).or_default();
        known.green = Some(report.green());
        if let Some(mark) = &own.purpose.bug
            && report.is_green()
        {
            let found = state.found.entry(own.purpose.stage.clone()).or_default();
            found.insert(mark.clone());
        }
        match state == before {
            true => Ok(()),
            false => state.save(&self.workspace),
        }
    }

    fn watch(&self, arguments: &CheckArguments) -> Result<bool> {
        let own = self.own(arguments.folder.as_deref())?;
        // What is changed later counts as a save. What is wrong here, the first check says.
        let _ = manifest::update(&self.workspace, &own);
        watch::watch(&own.folder, || {
            // On a terminal: clear it, and begin at the top.
            if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
                print("\x1b[2J\x1b[H");
            }
            if let Err(error) = self.check_one(&own, arguments) {
                print(&format!("{} {error:#}\n", paint(BAD, "error:")));
            }
            print(&format!(
                "\n{}\n",
                paint(FAINT, "Waiting for the next save. Ctrl-C ends.")
            ));
        })?;
        Ok(true)
    }

    fn hint(&self, arguments: &HintArguments) -> Result<bool> {
        let workspace = &self.workspace;
        let own = self.own(arguments.folder.as_deref())?;
        let mut text = String::new();
        let step = if let Some(number) = arguments.step {
            let steps = check::steps(workspace, &own)?;
            let count = steps.len();
            let step = steps.into_iter().find(|step| step.number == number);
            step.with_context(|| format!("there is no step {number}; there are {count}"))?
        } else {
            let report = self.look(&own, Options::default())?;
            match (report.step(), report.last()) {
                (Some(step), _) if report.trouble.is_none() => step.clone(),
                (_, Some(last)) => {
                    text += &explain::last(&report);
                    last.clone()
                }
                (Some(_), None) => bail!(
                    "{} does not build, so there is no telling which step you are on; \
                     `cargo course check` shows why, and --step NUMBER chooses a step",
                    workspace.place(&own.folder)
                ),
                (None, None) => {
                    print("All steps pass: there is nothing to hint at.\n");
                    return Ok(true);
                }
            }
        };

        if arguments.signatures {
            print(&(text + &words::signatures(workspace, &own, &step)?));
            return Ok(true);
        }
        let mut state = State::load(workspace);
        let shown = state
            .hints
            .entry(format!("{}/{}", own.name, step.name))
            .or_default();
        let was_last = *shown >= step.hints.len();
        *shown = (*shown + 1).min(step.hints.len());
        let shown = *shown;
        state.save(workspace)?;

        text += &words::hints(&own, &step, shown, was_last);
        print(&text);
        Ok(true)
    }

    fn show(&self, arguments: &ShowArguments) -> Result<bool> {
        let (mut inputs, mut folders) = (Vec::new(), Vec::new());
        for word in &arguments.words {
            match word.split_once('=') {
                Some((name, value)) => inputs.push((name.trim().to_owned(), value.to_owned())),
                None => folders.push(word.as_str()),
            }
        }
        if folders.len() > 1 {
            bail!("expected one folder, not {}", folders.join(", "));
        }
        if let (None, [(name, _), ..]) = (&arguments.program, &inputs[..]) {
            bail!("`{name}` is an input, but there is no program: add --program");
        }
        let program = arguments.program.as_ref().map(|program| Program {
            title: "Your program".to_owned(),
            program: program.clone(),
            inputs,
            order: arguments.order,
        });
        let own = self.own(folders.first().copied())?;
        let shown = show::show(&self.workspace, &own, program)?;
        print(&words::shown(&self.workspace, &own, &shown)?);
        let Shown::Page { file, programs } = &shown else {
            return Ok(false);
        };
        if !arguments.no_open
            && let Err(error) = open::that_detached(file)
        {
            print(&words::not_opened(&error));
        }
        Ok(programs.iter().all(|(_, outcome)| outcome.is_same()))
    }

    fn diff(&self, arguments: &DiffArguments) -> Result<bool> {
        let side = |word: &str, other: &str| -> Result<(String, Sources)> {
            let (name, sources) = diff::side(&self.workspace, &self.here, word, other)?;
            Ok(match arguments.code {
                true => (name, diff::without_comments(sources)),
                false => (name, sources),
            })
        };
        let old = side(&arguments.old, &arguments.new)?;
        let new = side(&arguments.new, &arguments.old)?;
        print(&diff::diff(&old, &new));
        Ok(true)
    }

    fn plant(&self, arguments: &BreakArguments) -> Result<bool> {
        let workspace = &self.workspace;
        if let Some(stage) = &arguments.stage {
            workspace.must_be_stage(stage)?;
        }
        if arguments.list {
            let state = State::load(workspace);
            print(&words::bugs(workspace, &state, arguments.stage.as_deref())?);
            return Ok(true);
        }
        let stage = arguments.stage.as_deref().unwrap_or_default();
        let (own, bug) = start::bug(workspace, stage, arguments.number)?;
        self.know(&own, Known::default())?;
        print(&words::planted(workspace, &own, &bug));
        Ok(true)
    }

    fn challenge(&self, arguments: &ChallengeArguments) -> Result<bool> {
        let workspace = &self.workspace;
        let Some(name) = &arguments.name else {
            print(&words::challenges(workspace)?);
            return Ok(true);
        };
        let challenge = content::challenge(workspace, name)?;
        if !arguments.again {
            let again = command(&format!("challenge {name} --again"));
            start::must_be_free(workspace, &start::challenge_purpose(&challenge), &again)?;
        }
        let (own, base) = start::challenge(workspace, &challenge, arguments.again)?;
        let known = Known {
            evolved: false,
            green: Some(step::of_stage(workspace, &challenge.stage)?.len()),
        };
        self.know(&own, known)?;
        print(&words::challenged(
            workspace,
            &challenge,
            &own,
            base.as_ref(),
        ));
        Ok(true)
    }
}
