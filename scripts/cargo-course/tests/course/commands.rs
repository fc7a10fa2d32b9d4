//! The commands, one after the other, as a reader types them.

use std::fs;
use std::thread;
use std::time::Duration;

use cargo_course::content;
use cargo_course::step;
use pretty_assertions::assert_eq;

use crate::clone::{Clone, Said, copy, original};

#[test]
fn before_anything_is_begun_the_first_command_is_named() {
    let clone = Clone::new("nothing begun");
    clone.succeed("").must_say("cargo course start stage1");
    clone
        .fail("check")
        .must_say("make your first crate with `cargo course start stage1`");
    clone
        .fail("check stage2")
        .must_say("make one with `cargo course start stage2`");
    clone
        .fail("start stage9")
        .must_say("there is no stage `stage9`; there are stage1, stage2");
    assert!(!clone.path("work").exists());
}

#[test]
fn outside_of_the_course_it_says_so() {
    let clone = Clone::new("outside");
    let outside = std::env::temp_dir();
    let said = clone
        .command(&["check"])
        .current_dir(&outside)
        .output()
        .unwrap();
    assert!(!said.status.success());
    assert!(String::from_utf8_lossy(&said.stderr).contains("is outside of the workspace"));
}

#[test]
fn what_exists_stays_and_again_makes_another() {
    let clone = Clone::new("again");
    clone.succeed("start stage1");
    clone.edit(
        "work/stage1/src/trace.rs",
        "//! Recording",
        "//! Mine. Recording",
    );
    let mine = fs::read_to_string(clone.path("work/stage1/src/trace.rs")).unwrap();

    let said = clone.fail("start stage1");
    said.must_say("work/stage1 exists, and stays as it is.");
    said.must_say("go on there cargo course check stage1");
    said.must_say("begin another one cargo course start stage1 --again");

    clone
        .succeed("start stage1 --again")
        .must_say("work/stage1-2 is ready");
    clone
        .succeed("start stage1 --again")
        .must_say("work/stage1-3 is ready");
    let there = fs::read_to_string(clone.path("work/stage1/src/trace.rs")).unwrap();
    assert_eq!(there, mine);

    // The current crate is the one saved last, and the one that the reader is in.
    clone.edit("work/stage1/src/trace.rs", "//! Mine.", "//! My own.");
    let said = clone.succeed("diff stage1 mine");
    said.must_say("+++ work/stage1/src/trace.rs");
    said.must_say("+//! My own. Recording");
    let inside = clone.path("work/stage1-2/src");
    let said = clone
        .command(&["diff", "mine", "mine:stage1-2"])
        .current_dir(inside)
        .output();
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    assert!(
        said.contains("no difference between work/stage1-2 and work/stage1-2"),
        "{said}"
    );

    // A folder of the reader's own is not touched either.
    fs::create_dir(clone.path("work/stage2")).unwrap();
    clone
        .fail("start stage2")
        .must_say("work/stage2 exists, and stays as it is.");
    assert_eq!(fs::read_dir(clone.path("work/stage2")).unwrap().count(), 0);
}

#[test]
fn hints_come_one_by_one_and_are_remembered() {
    let clone = Clone::new("hints");
    clone.succeed("start stage1");
    let steps = step::of_stage(&clone.workspace(), "stage1").unwrap();
    let hints = &steps[0].hints;
    assert!(hints.len() > 2);

    let said = clone.succeed("hint");
    said.must_say(&hints[0]);
    assert!(!said.says(&hints[1]), "{said}");
    said.must_say("2 more are left.");
    let said = clone.succeed("hint");
    said.must_say(&hints[0]);
    said.must_say(&hints[1]);
    clone.succeed("hint").must_say("That was the last hint.");
    clone.succeed("hint").must_say(
        "Those are all. See the answer with cargo course diff mine:stage1 stage1 \
         (--code leaves the comments out).",
    );
    let said = clone.succeed("hint --step 4");
    said.must_say(&steps[3].hints[0]);

    // A state that cannot be read counts for nothing, and nothing else fails.
    fs::write(clone.path("work/.course.toml"), "half a li").unwrap();
    clone.succeed("hint").must_say("2 more are left.");
}

#[test]
fn a_bug_is_planted_hunted_and_found() {
    let clone = Clone::new("hunt");
    let workspace = clone.workspace();
    let bugs = content::bugs(&workspace, "stage1").unwrap();
    let list = clone.succeed("break --list");
    for bug in &bugs {
        list.must_say(&bug.title);
        assert!(!list.says(&bug.story) && !list.says(&bug.find) && !list.says(&bug.slug));
    }

    let said = clone.succeed("break stage1");
    said.must_say("There is a bug in work/bug-stage1");
    said.must_say(&bugs[0].title);
    let mut planted = workspace.reference("stage1").unwrap();
    bugs[0].plant(&mut planted).unwrap();
    let said = clone.fail("check");
    said.must_say("A bug hunt in stage1");
    assert!(!said.says(&bugs[0].story));
    assert!(!said.says("To write in this step"), "{said}");

    // The next one is another one, even while the first is not found.
    let said = clone.succeed("break stage1");
    said.must_say("There is a bug in work/bug-stage1-2");
    said.must_say(&bugs[1].title);

    clone.paste("bug-stage1", &workspace.reference("stage1").unwrap());
    let said = clone.succeed("check");
    said.must_say("You have found it");
    said.must_say(&bugs[0].story);
    clone
        .succeed("break --list")
        .must_say(&format!("✔ 1 {}", bugs[0].title));
    clone
        .succeed("break stage1 --number 3")
        .must_say(&bugs[2].title);
    clone
        .fail("break stage1 --number 99")
        .must_say("there is no such bug");
}

#[test]
fn a_challenge_begins_with_ones_own_stage() {
    let clone = Clone::new("challenge");
    let workspace = clone.workspace();
    let challenge = &content::challenges(&workspace, "stage1").unwrap()[0];
    let slug = &challenge.slug;
    clone.succeed("challenge").must_say(&challenge.title);
    clone
        .fail("challenge flying")
        .must_say("there is no challenge `flying`");

    clone.succeed("start stage1");
    clone.paste("stage1", &workspace.reference("stage1").unwrap());
    let said = clone.succeed(&format!("challenge {slug}"));
    said.must_say("It is a copy of your own work/stage1");
    said.must_say(&challenge.text);
    clone
        .fail("check")
        .must_say(&format!("Challenge: {}", challenge.title));
    clone.succeed("hint").must_say(&challenge.hints[0]);
    clone
        .fail(&format!("challenge {slug}"))
        .must_say("stays as it is");
    let solution = clone.succeed(&format!("diff stage1 solution:{slug}"));
    assert!(solution.stdout.contains("\n+"), "{solution}");
}

#[test]
fn differences_are_shown_as_by_diff() {
    let clone = Clone::new("diff");
    let said = clone.succeed("diff stage1 stage2");
    said.must_say("--- stages/stage1/src/graph.rs +++ stages/stage2/src/graph.rs @@ -1");
    said.must_say("--- (no such file) +++ stages/stage2/src/draw.rs");
    assert!(!said.says("ANCHOR"), "{said}");
    let stages = clone.workspace().stages().unwrap().join(", ");
    clone
        .fail("diff stage1 yours")
        .must_say(&format!("`yours` is none of {stages}, mine"));
    clone
        .fail("diff stage1 mine")
        .must_say("make one with `cargo course start stage1`");
}

#[test]
fn mine_is_what_the_reader_writes_for_that_stage() {
    let clone = Clone::new("mine");
    clone.succeed("challenge tan");
    clone.succeed("start stage1");
    // No reader is so fast that the file system's clock has not moved.
    thread::sleep(Duration::from_millis(50));
    clone.edit(
        "work/stage1/src/trace.rs",
        "//! Recording",
        "//! Mine. Recording",
    );

    // Neither a bug, nor a challenge, nor what nothing has been written in.
    clone.succeed("break stage1");
    clone.succeed("start stage1 --again");
    clone.edit(
        "work/challenge-tan/src/trace.rs",
        "//! Recording",
        "//! Recordings",
    );
    for line in ["diff mine stage1", "diff mine mine:bug-stage1"] {
        let said = clone.succeed(line);
        said.must_say("--- work/stage1/src/trace.rs");
        said.must_say("-//! Mine. Recording");
    }
    clone
        .succeed("diff stage1 mine")
        .must_say("+++ work/stage1/src/trace.rs");
    let inside = |folder: &str| {
        let mut command = clone.command(&["diff", "mine", "stage1"]);
        Said::from(command.current_dir(clone.path(folder)).output().unwrap())
    };
    inside("work/bug-stage1/src").must_say("--- work/stage1/src/trace.rs");
    inside("work/stage1-2/src").must_say("--- work/stage1-2/src/");

    // A bug is given away to those who ask for it.
    let said = clone.succeed("diff mine:bug-stage1 stage1");
    said.must_say("--- work/bug-stage1/src/");
    // Beside a solution, the challenge comes first.
    clone
        .succeed("diff mine solution:tan")
        .must_say("--- work/challenge-tan/src/trace.rs");
    clone
        .succeed("diff mine solution:sum")
        .must_say("--- work/stage1/src/trace.rs");

    let said = clone.fail("diff mine stage2");
    said.must_say("make one with `cargo course start stage2`");
    said.must_say("mine:FOLDER");
    clone
        .fail("diff mine yours")
        .must_say("`yours` is none of stage1");
    clone
        .succeed("diff mine mine")
        .must_say("There is no difference");
}

#[test]
fn what_the_tool_has_written_is_no_difference() {
    let clone = Clone::new("no difference");
    clone.succeed("start stage1");
    let lib = fs::read_to_string(clone.path("work/stage1/src/lib.rs")).unwrap();
    assert!(lib.contains("#![allow(unused"));
    let mut sources = clone.workspace().reference("stage1").unwrap();
    sources.insert("lib.rs".to_owned(), lib);
    clone.paste("stage1", &sources);
    for line in ["diff mine stage1", "diff stage1 mine"] {
        clone.succeed(line).must_say("There is no difference");
    }
}

#[test]
fn a_difference_may_leave_comments_out() {
    let clone = Clone::new("only code");
    clone.succeed("start stage1");
    clone.paste("stage1", &clone.workspace().reference("stage1").unwrap());
    let walk = "work/stage1/src/backward.rs";
    clone.edit(
        walk,
        "    /// Forgets this",
        "    // Mine.\n    /// Loses this",
    );
    clone.succeed("diff mine stage1").must_say("-    // Mine.");
    clone
        .succeed("diff mine stage1 --code")
        .must_say("There is no difference");
    clone.edit(walk, "grad += weight", "grad = weight");
    let said = clone.succeed("diff mine stage1 --code");
    said.must_say("- grad = weight * child.grad(); + grad += weight * child.grad();");
    assert!(!said.says("Mine") && !said.says("//"), "{said}");
}

#[test]
fn colours_are_for_terminals() {
    let clone = Clone::new("colours");
    clone.succeed("start stage1");
    let escape = '\x1b';
    assert!(!clone.succeed("").stdout.contains(escape));
    clone.edit(
        "work/stage1/src/trace.rs",
        "use crate::graph::Var;",
        "use crate::graph::Far;",
    );
    let said = clone.fail("check");
    assert!(
        !said.stdout.contains(escape) && !said.stderr.contains(escape),
        "{said}"
    );
    let mut forced = clone.command(&["check"]);
    let coloured = forced.env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(coloured.stdout.contains(&0x1b));
}

#[test]
fn the_help_teaches() {
    let clone = Clone::new("help");
    let said = clone.succeed("--help");
    for words in [
        "start",
        "check",
        "watch",
        "hint",
        "diff",
        "break",
        "challenge",
    ] {
        assert!(said.says(words), "{said}");
    }
    said.must_say("Nothing that you have written is ever overwritten or deleted.");
    clone.succeed("start --help").must_say("--from");
    clone
        .succeed("diff --help")
        .must_say("mine your own crate for the stage on the other side");
    clone
        .fail("chekc")
        .must_say("a similar subcommand exists: 'check'");
}

#[test]
fn the_aliases_work_in_every_folder_of_the_readers() {
    let clone = Clone::new("alias");
    clone.succeed("start stage1");
    let config = fs::read_to_string(clone.path("work/.cargo/config.toml")).unwrap();
    let config: toml::Table = toml::from_str(&config).unwrap();
    let target = clone
        .path("work")
        .join(config["build"]["target-dir"].as_str().unwrap());
    assert_eq!(target, clone.path("work/../target"));

    // A clone has no tools: in their place, a package that says with which words it was called.
    // The aliases are beside those of the top folder.
    for name in ["cargo-book", "cargo-course"] {
        let folder = format!("scripts/{name}");
        let manifest = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n");
        fs::create_dir_all(clone.path(&folder).join("src")).unwrap();
        fs::write(clone.path(&folder).join("Cargo.toml"), manifest).unwrap();
        let program = "fn main() { println!(\"{:?}\", Vec::from_iter(std::env::args().skip(1))); }";
        fs::write(clone.path(&folder).join("src/main.rs"), program).unwrap();
    }
    clone.edit(
        "Cargo.toml",
        "    \"tests\",\n    \"scripts/project\",\n",
        "",
    );
    clone.edit("Cargo.toml", "    \"scripts/recorder\",\n", "");
    copy(&original().join(".cargo"), &clone.path(".cargo"));
    for folder in [
        ".",
        "stages/stage1/src",
        "work",
        "work/stage1",
        "work/stage1/src",
    ] {
        for name in ["book", "course"] {
            let mut command = clone.program(env!("CARGO"), &["--quiet", name, "check", "--all"]);
            let output = command.current_dir(clone.path(folder)).output();
            let said = Said::from(output.unwrap());
            assert_eq!(
                said.stdout, "[\"check\", \"--all\"]\n",
                "{name} in {folder}: {said}"
            );
        }
    }
}
