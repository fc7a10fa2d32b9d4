//! An engine beside the reference: what is compared, and the first difference.

use pretty_assertions::assert_eq;
use recorder::Watch;
use recorder::beside::{Beside, beside};
use recorder::compare::{Difference, close};
use recorder::program::{Program, Term, parse};
use recorder::recorder::Recorder;
use recorder::request::{Error, Request};
use recorder::stages::{STAGE2, stage1, stage2, stage3, stage4};

type Inputs<'a> = &'a [(String, Term)];

fn run(stage: &str, program: &str, order: usize, watch: Watch) -> Beside {
    let request = Request {
        stage: stage.to_owned(),
        program: program.to_owned(),
        inputs: vec![("x".to_owned(), "3".to_owned())],
        order,
    };
    beside(&request, watch, STAGE2).unwrap()
}

const PROGRAM: &str = "let a = x * x;\nlet f = a.sin() + a;\nf";

#[test]
fn the_engine_of_the_book_does_what_it_does_itself() {
    let engines: [(&str, Watch); 4] = [
        ("stage1", stage1::record),
        ("stage2", stage2::record),
        ("stage3", stage3::record),
        ("stage4", stage4::record),
    ];
    for (stage, watch) in engines {
        for order in 1..=if stage < "stage3" { 1 } else { 3 } {
            let both = run(stage, PROGRAM, order, watch);
            assert_eq!(both.own.difference, None, "{stage}, order {order}");
            assert_eq!(both.own.title, stage.replace("stage", "Your stage "));
            let say = |steps: &[recorder::recording::Step]| {
                Vec::from_iter(steps.iter().map(|step| step.say.clone()))
            };
            if order < 3 {
                assert_eq!(say(&both.own.steps), say(&both.reference.steps), "{stage}");
            }
        }
    }
}

fn other(recorder: &mut Recorder, inputs: Inputs<'_>, program: &str) -> Result<(), Error> {
    stage2::record(recorder, &parse(program)?, inputs, 1)
}

fn wrong(recorder: &mut Recorder, _: &Program, inputs: Inputs<'_>, _: usize) -> Result<(), Error> {
    other(recorder, inputs, "let a = x * x;\nlet f = a.cos() + a;\nf")
}

#[test]
fn the_first_number_that_is_another_is_named() {
    let both = run("stage2", PROGRAM, 1, wrong);
    let say = "Your engine computed −0.91113 for `cos(a)`; the reference computed 0.412118.";
    let difference = Difference {
        step: 2,
        say: say.to_owned(),
    };
    assert_eq!(both.own.difference, Some(difference));
    assert_eq!(both.reference.difference, None);
}

fn stops(recorder: &mut Recorder, _: &Program, inputs: Inputs<'_>, _: usize) -> Result<(), Error> {
    other(recorder, inputs, "let a = x * x;\na")?;
    panic!("not yet implemented: step 4");
}

#[test]
fn an_engine_that_stops_is_shown_until_then() {
    let both = run("stage2", "let a = x * x;\na", 1, stops);
    let last = both.own.steps.len() - 1;
    assert_eq!(both.own.steps[last].kind, "stopped");
    let say =
        "Your engine stopped here, and the reference goes on. It said: not yet implemented: step 4";
    let difference = Difference {
        step: last,
        say: say.to_owned(),
    };
    assert_eq!(both.own.difference, Some(difference));
}

#[test]
fn a_program_that_the_book_refuses_is_refused() {
    let request = Request {
        stage: "stage2".to_owned(),
        program: "x.sine()".to_owned(),
        inputs: vec![("x".to_owned(), "3".to_owned())],
        order: 1,
    };
    let refused = beside(&request, stage2::record, STAGE2).unwrap_err();
    assert!(refused.message.contains("no method `sine`"), "{refused:?}");
}

#[test]
fn only_the_last_digits_may_differ() {
    for (x, y, alike) in [
        (1.0, 1.0 + 1e-12, true),
        (1e200, 1.000001e200, false),
        (f64::NAN, f64::NAN, true),
        (f64::NAN, 0.0, false),
        (f64::INFINITY, f64::INFINITY, true),
        (f64::INFINITY, f64::NEG_INFINITY, false),
        (f64::NEG_INFINITY, 0.0, false),
        (f64::INFINITY, f64::MAX, false),
    ] {
        assert_eq!((close(x, y), close(y, x)), (alike, alike), "{x} and {y}");
    }
}
