//! `show`: a reader's engine at work, and what is said where it cannot.

use std::path::Path;

use serde_json::json;

use crate::chromium::{self, Chromium, Reader};
use crate::clone::{Clone, Said, copy, original};

/// A clone with a crate for stage 2 that is the reference, and all that `show` needs.
fn with_stage2(name: &str) -> Clone {
    let clone = Clone::new(name);
    for part in [
        "scripts/recorder",
        "book/theme/book.css",
        "book/theme/stepper.css",
        "book/theme/stepper.js",
    ] {
        copy(&original().join(part), &clone.path(part));
    }
    clone.succeed("start stage2 --from skeleton");
    clone.paste("stage2", &clone.workspace().reference("stage2").unwrap());
    clone
}

/// The page opens from the disk, at the first difference, and goes to the end and back.
fn look(page: &Path) {
    let Some(program) = chromium::program() else {
        return;
    };
    let mut chromium = Chromium::start(&program);
    let reader = Reader {
        width: 1280,
        dark: false,
        scripts: true,
        stored: None,
        before: None,
    };
    // It needs no file beside it.
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("show.html");
    std::fs::copy(page, &alone).unwrap();
    let mut tab = chromium.open(&format!("file://{}", alone.display()), &reader);
    let first = "document.querySelector('autograd-stepper .steps-player')";
    let mut of = |what: &str| tab.evaluate(&format!("{first}{what}"));
    let at = ".querySelector('.steps-at').textContent";
    let marks = ".querySelectorAll('.steps-node.steps-differs, .steps-arrow.steps-differs').length";
    let verdict = of(".querySelector('.steps-verdict').textContent");
    let words = "≠ First difference: Your engine added 3 to the gradient of d; the reference added 6. Step 17";
    assert_eq!(verdict, json!(words));
    assert_eq!((of(at), of(marks)), (json!("17 of 31"), json!(2)));
    // To the end there is no other mark, and the button leads back to it.
    of(".querySelector('[title=\"Last step\"]').click()");
    assert_eq!((of(at), of(marks)), (json!("31 of 31"), json!(0)));
    of(".querySelector('.steps-verdict button').click()");
    assert_eq!((of(at), of(marks)), (json!("17 of 31"), json!(2)));
    let titles = "Array.from(document.querySelectorAll('autograd-stepper')[0].querySelectorAll('.steps-stage'), \
                  ({ textContent }) => textContent).join()";
    let titles = tab.evaluate(titles);
    assert_eq!(titles, json!("Your stage 2,Stage 2 of the book"));
}

#[test]
fn an_engine_is_shown_with_its_first_difference() {
    let clone = with_stage2("shown");
    let said = clone.succeed("show stage2 --no-open");
    said.must_say("Nothing differs in these programs. cargo course check looks at more.");
    said.must_say("The page: work/.show/stage2.html");

    // A program of the reader's own, outside of the list.
    let mut command = clone.command(&["show", "stage2", "--no-open", "--program"]);
    let output = command
        .args(["let t = x * y; t + x", "x=3", "y=4"])
        .output();
    let said = Said::from(output.unwrap());
    said.must_say("✔ Your program 21 steps, and nothing differs.");
    clone
        .fail("show stage2 --no-open --program x.sine() x=3")
        .must_say("It cannot run: line 1, column 1: stage2 has no method `sine`");
    clone
        .fail("show stage2 --no-open x=3")
        .must_say("`x` is an input, but there is no program: add --program");

    let rule = "(Op::Mul, 0) => gradient * args[1]";
    let backward = "work/stage2/src/backward.rs";
    clone.edit(backward, rule, "(Op::Mul, 0) => gradient * args[0]");
    let said = clone.fail("show stage2 --no-open");
    said.must_say(
        "Step 17 of 31: Your engine added 3 to the gradient of `d`; the reference added 6.",
    );
    said.must_say("✔ Each node waits for its last child");
    let page = std::fs::read_to_string(clone.path("work/.show/stage2.html")).unwrap();
    assert!(page.contains(r#""difference":{"step":16,"say":"Your engine added 3"#));
    look(&clone.path("work/.show/stage2.html"));
}

#[test]
fn an_engine_that_stops_or_never_ends_is_shown_as_far_as_it_goes() {
    let clone = with_stage2("stops");
    let backward = "work/stage2/src/backward.rs";
    let walk = "    let mut gradients = HashMap::new();";
    clone.edit(
        backward,
        walk,
        "    todo!(\"step 4\");\n    let mut gradients = HashMap::new();",
    );
    let said = clone.fail("show stage2 --no-open");
    said.must_say(
        "Your engine stopped here, and the reference goes on. It said: not yet implemented: step 4",
    );
    // All that the engine did before is there.
    said.must_say("Step 17 of 17");

    clone.edit(
        backward,
        "todo!(\"step 4\");",
        "while outputs.len() > 0 { std::hint::spin_loop(); }",
    );
    let said = clone.fail("show stage2 --no-open");
    said.must_say(
        "✘ The first program Your engine was stopped when it had used 10 s of processor time",
    );
    said.must_say("Not run, after one that had to be stopped.");
}

#[test]
fn a_crate_that_lacks_what_is_shown_is_told_which_steps_bring_it() {
    let clone = with_stage2("lacks");
    clone.edit(
        "work/stage2/src/backward.rs",
        "pub fn order<",
        "pub fn sorted<",
    );
    clone.edit(
        "work/stage2/src/backward.rs",
        "in order(&nodes)",
        "in sorted(&nodes)",
    );
    let library = "work/stage2/src/lib.rs";
    clone.edit(library, "pub mod draw;", "");
    let said = clone.fail("show stage2 --no-open");
    said.must_say("work/stage2 does not have all that is shown");
    said.must_say("The pictures need all items up to step 4");
    said.must_say("- step 3: Each node before its parents");

    clone.edit(library, "pub mod graph;", "pub mod graph");
    let said = clone.fail("show stage2 --no-open");
    said.must_say("work/stage2 does not compile");
    clone.succeed("start stage5 --from skeleton");
    clone.fail("show stage5").must_say(
        "stage5 has no pictures that run (stage1 to stage4 do); `cargo course check` tests it",
    );
}
