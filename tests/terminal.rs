//! The real program, driven by keys in a real pseudo-terminal.

#![cfg(unix)]

mod support;

use support::{ENTER, ESC, Launch};

#[test]
fn it_opens_at_home_and_leaves_the_terminal_clean() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    assert_eq!(ended.status, 0);
    ended.assert_clean();
}

#[test]
fn sigterm_leaves_the_terminal_clean() {
    let ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.signal(nix::sys::signal::Signal::SIGTERM);
    ddlab.wait_for_end().assert_clean();
}

#[test]
fn ctrl_c_leaves_the_terminal_clean() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in(support::CTRL_C);
    ddlab.wait_for_end().assert_clean();
}

#[test]
fn every_key_of_a_screen_is_listed_and_escape_comes_back() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("?");
    ddlab.wait_for("list every key of this screen");
    ddlab.type_in(ESC);
    ddlab.wait_until("the pane is gone", |screen| {
        !screen.contents().contains("list every key")
    });
}

#[test]
fn the_palette_opens_a_chapter_by_a_few_letters() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in(":");
    ddlab.wait_for("a few letters of anything");
    ddlab.type_in("7scat");
    ddlab.type_in(ENTER);
    ddlab.wait_for("The problem");
}

#[test]
fn a_terminal_that_is_too_small_says_what_it_needs() {
    let mut ddlab = Launch::default().size(40, 10).start();
    ddlab.wait_for("ddlab needs 60x16");
    ddlab.resize(100, 30);
    ddlab.wait_for("Scatter/gather");
    ddlab.resize(1, 1);
    ddlab.type_in("q");
    ddlab.wait_for_end().assert_clean();
}
