//! The real program, driven by keys in a real pseudo-terminal.

#![cfg(unix)]

use crate::support::{Bare, ENTER, ESC, Home, Launch, RIGHT, TAB, Terminal};

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
fn signals_that_would_leave_the_terminal_raw_leave_it_clean() {
    use nix::sys::signal::Signal::{SIGALRM, SIGQUIT, SIGUSR1, SIGUSR2};
    for signal in [SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM] {
        let ddlab = Launch::default().start();
        ddlab.wait_for("Scatter/gather");
        ddlab.signal(signal);
        ddlab.wait_for_end().assert_clean();
    }
}

/// The terminal is asked for its ground when it has just been taken, and does not answer here.
#[test]
fn a_signal_or_a_key_while_the_terminal_is_asked_is_not_lost() {
    use nix::sys::signal::Signal::{SIGTERM, SIGUSR1};
    let asked = || {
        let ddlab = Launch::default().start();
        ddlab.wait_for_more_than(0, "\x1b[c");
        ddlab
    };
    for signal in [SIGTERM, SIGUSR1] {
        let ddlab = asked();
        ddlab.signal(signal);
        ddlab.wait_for_end().assert_clean();
    }
    let mut ddlab = asked();
    ddlab.type_in(crate::support::CTRL_C);
    ddlab.wait_for_end().assert_clean();
}

/// A terminal that is gone sends no signal to a program that is not its session's leader.
#[test]
fn a_terminal_that_is_gone_ends_the_program_and_a_draft_is_kept() {
    let home = Home::new();
    home.left_at(&first_question());
    let mut bare = Bare::start(&home, &[]);
    bare.wait_for("your answer");
    bare.type_in("half a thought");
    bare.wait_for("half a thought");
    bare.hang_up();

    let ddlab = Launch::default().home(home).start();
    ddlab.wait_for("half a thought");
}

#[test]
fn ctrl_c_leaves_the_terminal_clean() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in(crate::support::CTRL_C);
    ddlab.wait_for_end().assert_clean();
}

#[test]
fn every_key_of_a_screen_is_listed_and_escape_comes_back() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("?");
    ddlab.wait_for("read the chapter");
    ddlab.type_in("G");
    ddlab.wait_for("draw the screen anew");
    ddlab.type_in(ESC);
    ddlab.wait_until("the pane is gone", |screen| {
        !screen.contents().contains("draw the screen anew")
    });
}

#[test]
fn a_learner_reads_pokes_slows_a_leaf_hedges_and_leaves() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    open_chapter_7(&mut ddlab);

    ddlab.type_in(" ");
    ddlab.wait_until("the page has turned", |screen| {
        !screen.contents().contains("At 20:58")
    });
    ddlab.resize(80, 24);
    ddlab.wait_until("the page is drawn at 80 columns", |screen| {
        screen
            .contents()
            .lines()
            .any(|line| line.starts_with("  ──") && line.trim_end().chars().count() <= 80)
    });
    ddlab.resize(120, 35);
    ddlab.wait_until("the page is drawn at 120 columns", |screen| {
        let mut lines = screen
            .contents()
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        lines.truncate(3);
        lines
            .iter()
            .any(|line| line.trim_end().chars().count() > 100)
    });

    ddlab.type_in("l");
    ddlab.wait_for("20 leaves, all well");
    ddlab.type_in("a");
    ddlab.wait_for("Do something to it");
    for key in [RIGHT, RIGHT] {
        ddlab.type_in(key);
    }
    ddlab.wait_for("‹leaf 3›");
    ddlab.type_in(ENTER);
    ddlab.wait_for("leaf 3 a slow");

    focus_knob(&mut ddlab, "what the root does about leaves that are slow");
    ddlab.type_in(RIGHT);
    ddlab.wait_for("policy is now hedge");

    ddlab.type_in("t");
    ddlab.wait_for("Slowest requests");
    ddlab.type_in(ESC);
    ddlab.wait_until("the lab is back", |screen| {
        !screen.contents().contains("Slowest requests")
    });
    ddlab.type_in("s");
    ddlab.wait_for("pattern.rs");
    ddlab.type_in(ESC);
    ddlab.wait_until("the lab is back", |screen| {
        !screen.contents().contains("pattern.rs")
    });
    ddlab.wait_for("‹hedge›");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    assert_eq!(ended.status, 0, "{}", ended.contents);
    ended.assert_clean();
}

#[test]
fn it_reopens_where_it_was_left() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    open_chapter_7(&mut ddlab);
    ddlab.type_in("]");
    ddlab.wait_for("§2 The pattern");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();

    let ddlab = Launch::default().home(ended.home).start();
    ddlab.wait_for("§2 The pattern");
}

#[test]
fn an_answer_in_the_page_is_kept() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    open_chapter_7(&mut ddlab);
    ddlab.type_in(TAB);
    ddlab.type_in("63.4");
    ddlab.type_in(ENTER);
    ddlab.wait_for("saved");
    ddlab.signal(nix::sys::signal::Signal::SIGKILL);
    let ended = ddlab.wait_for_end();

    let mut ddlab = Launch::default().home(ended.home).start();
    ddlab.wait_for("Scatter/gather");
    open_chapter_7(&mut ddlab);
    ddlab.wait_for("63.4");
}

#[test]
fn no_color_is_honoured_and_nothing_is_lost_by_it() {
    let mut ddlab = Launch::default().variable("NO_COLOR", "1").start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    let raw = String::from_utf8_lossy(&ended.raw).into_owned();
    for sequence in ["[38;2", "[48;2", "[38;5", "[48;5", "[31m", "[36m"] {
        assert!(
            !raw.contains(&format!("\x1b{sequence}")),
            "a colour was sent: {sequence}"
        );
    }
    ended.assert_clean();
}

/// Under a shell with job control; it says when it has the terminal, and continues ddlab at a key.
#[test]
fn ctrl_z_hands_the_terminal_back_and_fg_takes_it_again() {
    let mut ddlab = Launch::default()
        .under(&[
            "sh",
            "-c",
            "set -m; \"$0\"; echo the shell has it; read -r line; fg",
        ])
        .start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in(crate::support::CTRL_Z);
    ddlab.wait_until("the terminal is the shell's", |screen| {
        !screen.alternate_screen() && screen.contents().contains("the shell has it")
    });
    ddlab.type_in(ENTER);
    ddlab.wait_until("the program is back", |screen| {
        screen.alternate_screen() && screen.contents().contains("Scatter/gather")
    });
    ddlab.type_in("q");
    ddlab.wait_for_end().assert_clean();
}

#[test]
fn ctrl_z_where_no_shell_could_continue_it_leaves_it_running() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in(crate::support::CTRL_Z);
    ddlab.wait_for("no shell is here that could continue ddlab");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    assert_eq!(ended.status, 0, "{}", ended.contents);
    ended.assert_clean();
}

#[test]
fn the_terminal_is_asked_for_its_ground_and_a_late_answer_is_not_taken_for_keys() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    ddlab.wait_until("text is dark, as on a light ground", |screen| {
        let cells = (0..35).flat_map(|row| (0..120).map(move |column| (row, column)));
        let mut cells = cells.filter_map(|(row, column)| screen.cell(row, column));
        cells.any(|cell| cell.fgcolor() == vt100::Color::Rgb(38, 43, 51))
    });
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    assert!(!ended.contents.contains("rgb"), "{}", ended.contents);
    let raw = String::from_utf8_lossy(&ended.raw).into_owned();
    assert!(raw.contains("\x1b]11;?"), "it was not asked");
    ended.assert_clean();
}

#[test]
fn a_theme_that_was_chosen_is_kept() {
    let mut ddlab = Launch::default().arguments(&["--theme", "light"]).start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("q");
    let home = ddlab.wait_for_end().home;
    let mut ddlab = Launch::default().home(home).start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    let raw = String::from_utf8_lossy(&ended.raw).into_owned();
    assert!(
        raw.contains("38;2;38;43;51"),
        "text is dark on a light ground"
    );
    assert!(!raw.contains("\x1b]11;?"), "nobody has to be asked");
}

#[test]
fn a_paste_keeps_its_lines_whatever_ends_them() {
    for end in ["\r", "\n", "\r\n"] {
        let home = Home::new();
        let mut ddlab = answering(home);
        ddlab.type_in(&format!("\x1b[200~first{end}second{end}third\x1b[201~"));
        ddlab.wait_until("each on a line of its own", |screen| {
            let contents = screen.contents();
            let lines: Vec<&str> = contents.lines().map(str::trim).collect();
            lines.windows(3).any(|three| {
                three[0].ends_with("first")
                    && three[1].ends_with("second")
                    && three[2].ends_with("third")
            })
        });
    }
}

#[test]
fn a_key_draws_everything_anew_and_another_lets_the_mouse_go() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("\x0f");
    ddlab.wait_for("the terminal has the mouse");
    ddlab.wait_until("it was let go", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    let before = ddlab.sent("\x1b[2J");
    ddlab.type_in("\x0c");
    ddlab.wait_for_more_than(before, "\x1b[2J");
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in("\x0f");
    ddlab.wait_for("ddlab has the mouse again");
    ddlab.type_in("q");
    ddlab.wait_for_end().assert_clean();
}

/// At the answer to the first interview question of chapter 7.
fn answering(home: Home) -> Terminal {
    home.left_at(&first_question());
    let ddlab = Launch::default().home(home).start();
    ddlab.wait_for("your answer");
    ddlab
}

fn first_question() -> ddlab::tui::effect::Place {
    let library = ddlab::content::Library::embedded();
    let chapter = library.chapter("7").unwrap();
    ddlab::tui::effect::Place::question(&chapter.meta.id, Some(&chapter.interview[0].id))
}

/// All that is sent to a terminal with these variables while this page, which ends in `after.`, is looked at.
fn sent_for_a_page(text: &str, variables: &[(&str, &str)]) -> String {
    let home = crate::support::Home::new();
    let chapter = home.path().join("pack/90-other");
    std::fs::create_dir_all(&chapter).unwrap();
    let head = "---\nid: other\nnumber: 90\ntitle: Other\npart: Advanced\nsummary: A page.\nminutes: 1\ncoming: true\n---\n\n## In one paragraph\n\n";
    std::fs::write(chapter.join("chapter.md"), format!("{head}{text}\n")).unwrap();
    let pack = home.path().join("pack").to_string_lossy().into_owned();
    let launch = Launch::default().home(home).size(80, 40);
    let mut launch = launch.arguments(&["--content", &pack]);
    for (name, value) in variables {
        launch = launch.variable(name, value);
    }
    let mut ddlab = launch.start();
    ddlab.wait_for("Scatter/gather");
    ddlab.type_in(":");
    ddlab.wait_for("a few letters of anything");
    ddlab.type_in("90other");
    ddlab.type_in(ENTER);
    ddlab.wait_for("after.");
    ddlab.type_in("q");
    let ended = ddlab.wait_for_end();
    ended.assert_clean();
    String::from_utf8_lossy(&ended.raw).into_owned()
}

#[test]
fn addresses_can_be_opened_where_the_terminal_is_known_to_take_them() {
    let url = format!("https://example.org/{}", "part/".repeat(20));
    let page = format!("See [the paper]({url}) and [a part](#in-one-paragraph). This comes after.");
    let begin = format!(";{url}\x1b\\");
    let known = [("TERM_PROGRAM", "WezTerm")];
    let raw = sent_for_a_page(&page, &known);
    let whole = raw.matches(&begin).count();
    // The words in the text, and the address in the list of notes, which takes two rows.
    assert!(whole >= 3, "{whole} times");
    assert_eq!(whole, raw.matches("\x1b]8;;\x1b\\").count(), "each ends");
    assert!(!raw.contains("]8;;#"), "a place of the page is no address");
    let within_tmux = [known[0], ("TMUX", "/tmp/tmux-0/default,1,0")];
    let nothing: &[(&str, &str)] = &[];
    for unknown in [nothing, &within_tmux] {
        assert!(!sent_for_a_page(&page, unknown).contains("\x1b]8;"));
    }
}

#[test]
fn a_page_with_escape_sequences_is_shown_harmlessly() {
    let raw = sent_for_a_page("Before \x1b]0;owned\x07 and \x1b[2J after.", &[]);
    assert!(
        !raw.contains("\x1b]0;owned"),
        "the page set the title of the terminal"
    );
}

/// By the palette, wherever the chapter stands in the list.
fn open_chapter_7(ddlab: &mut Terminal) {
    ddlab.type_in(":");
    ddlab.wait_for("a few letters of anything");
    ddlab.type_in("7scat");
    ddlab.type_in(ENTER);
    ddlab.wait_for("The problem");
}

/// Moves from knob to knob until the line below them explains the one that is wanted.
fn focus_knob(ddlab: &mut Terminal, explained: &str) {
    // Several times round: a line that is half drawn may hide the one that is wanted.
    for _ in 0..120 {
        let before = explanation(&ddlab.contents());
        if before.contains(explained) {
            return;
        }
        ddlab.type_in(TAB);
        ddlab.wait_until("another knob is explained", |screen| {
            explanation(&screen.contents()) != before
        });
    }
    panic!(
        "no knob is explained by {explained:?}:\n{}",
        ddlab.contents()
    );
}

/// The line below the knobs, which is followed by an empty one.
fn explanation(contents: &str) -> String {
    let lines: Vec<&str> = contents.lines().collect();
    let last_knob = lines
        .iter()
        .rposition(|line| line.contains('‹') && line.contains('›'));
    last_knob
        .and_then(|at| lines.get(at + 1))
        .map_or_else(String::new, |line| (*line).to_owned())
}

#[test]
fn the_palette_opens_a_chapter_by_a_few_letters() {
    let mut ddlab = Launch::default().start();
    ddlab.wait_for("Scatter/gather");
    open_chapter_7(&mut ddlab);
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
