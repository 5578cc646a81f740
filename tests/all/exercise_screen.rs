//! The screen of an exercise in a real pseudo-terminal, with a real editor and a real grade.

use crate::support::{Home, Launch, Terminal};
use ddlab::tui::effect::Place;
use ddlab_exercises::workspace::Workspace;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const SLUG: &str = "scatter-gather-top10";

/// The screen of an exercise that was started in Python, with this command for its program.
fn opened(run: &str) -> (Terminal, PathBuf) {
    let home = Home::new();
    let workspaces = home.path().join("workspaces");
    let folder = workspaces.join(SLUG);
    let exercise = ddlab_exercises::find(SLUG).expect("it is listed");
    Workspace::start(exercise, "python", &folder).expect("the folder is new");
    let config = format!("exercise: {SLUG}\nlanguage: python\nrun: {run:?}\n");
    fs::write(folder.join("ddlab.yaml"), config).expect("a file");
    let editor = home.path().join("editor");
    fs::write(&editor, EDITOR).expect("a file");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("it is ours");
    home.left_at(&Place::exercise(SLUG));
    let launch = Launch::default()
        .variable("DDLAB_WORKSPACES", &workspaces.display().to_string())
        .variable("VISUAL", &editor.display().to_string())
        .home(home);
    (launch.start(), folder)
}

/// Appends a line that is typed.
const EDITOR: &str = "#!/bin/sh\necho EDITING; read -r line; echo \"$line\" >> \"$1\"\n";

#[test]
fn the_program_is_edited_in_the_editor_and_the_screen_comes_back() {
    let (mut ddlab, folder) = opened("exit 3");
    ddlab.wait_for("r builds and grades");
    ddlab.type_in("e");
    ddlab.wait_for("EDITING");
    ddlab.type_in("# a thought of mine\n");
    ddlab.wait_until("the screen is back", |screen| {
        let text = screen.contents();
        text.contains("r builds and grades") && !text.contains("EDITING")
    });
    let main = fs::read_to_string(folder.join("main.py")).expect("it is there");
    assert!(main.ends_with("# a thought of mine\n"), "{main}");
    ddlab.type_in("q");
    ddlab.wait_for_end().assert_clean();
}

#[test]
fn a_check_that_failed_is_run_again_alone_with_its_seed() {
    let (mut ddlab, _) = opened("echo no index; exit 3");
    ddlab.wait_for("r builds and grades");
    ddlab.type_in("r");
    ddlab.wait_for("FAIL");
    let seed = |text: &str| {
        let band = text.lines().find(|line| line.contains("FAIL"));
        let (_, seed) = band
            .expect("a verdict")
            .split_once("seed ")
            .expect("a seed");
        seed.split(' ').next().unwrap_or_default().to_owned()
    };
    let first = seed(&ddlab.contents());
    ddlab.type_in("R");
    ddlab.wait_until("one check was run", |screen| {
        screen.contents().contains("0 of 1 ")
    });
    assert_eq!(seed(&ddlab.contents()), first);
    ddlab.type_in("q");
    ddlab.wait_for_end().assert_clean();
}
