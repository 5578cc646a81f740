//! Quiz and interview questions.

use super::*;

#[test]
fn no_question_leaves_out_what_it_needs() {
    let quiz = |from, to, message| expect("quiz.yaml", from, to, message);
    quiz("prompt: Who waits?", "prompt: \"\"", "`prompt` is empty");
    quiz(
        "explain: A runner waits.",
        "explain: \"\"",
        "`explain` is empty",
    );
    quiz(
        "why: That is a run.",
        "why: \"\"",
        "the near miss has no `why`",
    );
    quiz("why: It is held.", "why: \"\"", "the pair has no `why`");
    quiz("answer: 4", "answer: .nan", "the answer is not a number");
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    interview(
        "prompt: Explain the relay.",
        "prompt: \"\"",
        "the prompt is empty",
    );
    interview("rev: 1", "rev: 0", "revisions count from 1");
    interview(
        "statement: Names what is handed over.",
        "statement: \"\"",
        "the statement is empty",
    );
    interview(
        "{id: last, ask",
        "{id: more, ask",
        "the follow-up `more` appears twice",
    );
    let long = "so it goes on until the last of them is home. ".repeat(20);
    let around = |from, to: &str, message| {
        expect_around(Severity::Error, "interview.yaml", from, to, message);
    };
    around(
        "There is a baton, and both",
        &format!("{long} There is a baton, and both"),
        "it should have 200 to 400",
    );
}

#[test]
fn a_quiz_can_be_answered_and_says_why() {
    let quiz = |from, to, message| expect("quiz.yaml", from, to, message);
    let whole = |from, to, message| expect_around(Severity::Error, "quiz.yaml", from, to, message);
    quiz(
        "section: the-problem",
        "section: the-end",
        "no section `the-end`",
    );
    whole(
        "          right: true\n          why: There is",
        "          why: There is",
        "0 options are right",
    );
    whole(
        "- text: The baton\n",
        "- text: The baton\n          right: true\n",
        "2 options are right",
    );
    quiz("why: Batons are patient.", "why: \"\"", "no `why`");
    whole("- text: The track", "- text: The baton", "appears twice");
    quiz(
        "- text: The track",
        "- text: All of the above",
        "tests the form",
    );
    whole(
        "items: [Run, Reach out, Let go]",
        "items: [Run, Let go]",
        "an order needs at least three items",
    );
    quiz(
        "why_confused: One lets go too early.",
        "why_confused: \"\"",
        "`why_confused` is empty",
    );
    whole(
        "        - {left: track, right: ground, why: It lies.}\n",
        "",
        "a match needs at least three pairs",
    );
    quiz("{value: 1,", "{value: 4,", "right by the tolerance");
    quiz("tolerance: 0", "tolerance: -1", "below zero");
    quiz("id: relay-q02", "id: relay-q01", "is already used");
    whole("  tells_apart: true\n", "", "`tells_apart: true`");
    whole("  scenario: true\n", "", "`scenario: true`");
    quiz("prompt: Who waits?", "promt: Who waits?", "promt");
    let long = "- text: The runner who is nearest to the line and has trained for it";
    expect_around(
        Severity::Warning,
        "quiz.yaml",
        "- text: The runner",
        long,
        "which gives it away",
    );
}

#[test]
fn a_rubric_can_be_held_against_an_answer() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    let whole =
        |from, to, message| expect_around(Severity::Error, "interview.yaml", from, to, message);
    interview("weight: 5", "weight: 9", "weight 9 is not 1 to 5");
    interview(
        "    - id: overlap",
        "    - id: baton",
        "the point `baton` appears twice",
    );
    whole("      must: true\n", "", "no point has `must: true`");
    interview(
        "match: [[\"baton*|stick\"]]",
        "match: [[\"baton*||stick\"]]",
        "empty alternative",
    );
    interview("match: [[\"baton*|stick\"]]", "match: []", "no group");
    interview(
        "good: The runner carries a baton.",
        "good: The runner runs.",
        "does not mention `baton`",
    );
    interview(
        "bad: The runner carries nothing.",
        "bad: A stick, then.",
        "mentions `baton`: “stick”",
    );
    interview(
        "covers: [ch07-q1,",
        "covers: [ch07-q8,",
        "`ch07-q8` is not a code",
    );
    interview("dim: high-level", "dim: high-fidelity", "high-fidelity");
}

#[test]
fn a_model_answer_meets_the_rubric() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    interview(
        "meets: [baton, overlap]",
        "meets: [baton, overlay]",
        "no point `overlay`",
    );
    expect_around(
        Severity::Error,
        "interview.yaml",
        "meets: [drop, order]",
        "meets: [drop, baton]",
        "meets `order`",
    );
}

#[test]
fn what_is_asked_next_depends_on_what_was_said() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    let whole =
        |from, to, message| expect_around(Severity::Error, "interview.yaml", from, to, message);
    interview(
        "ask: {missed: drop}",
        "ask: {missed: dorp}",
        "no point `dorp`",
    );
    whole(
        "ask: {missed: drop}",
        "ask: always",
        "1 of them conditional",
    );
    interview(
        "set: [runners=4]",
        "set: [horses=4]",
        "refuses this scenario",
    );
    interview("lab: {lab: relay", "lab: {lab: relax", "no lab `relax`");
}

#[test]
fn samples_are_heard_as_a_listener_would_tick_them() {
    let interview = |from, to, message| expect("interview.yaml", from, to, message);
    let whole =
        |from, to, message| expect_around(Severity::Error, "interview.yaml", from, to, message);
    whole(
        "- kind: weak",
        "- kind: strong",
        "2 samples of kind `strong`",
    );
    interview(
        "ticks: [baton, overlap, drop, order]",
        "ticks: [baton]",
        "but not ticked",
    );
    interview(
        "ticks: [baton, overlap]\n",
        "ticks: [baton, drop, order]\n",
        "agree on 1 of 4",
    );
    interview("ticks: [baton]\n", "ticks: [batton]\n", "no point `batton`");
    interview(
        "text: There is no baton in it",
        "text: There is a baton in it",
        "heard to mention baton",
    );
    interview(
        "text: baton runner overlap anchor speed",
        "text: it is a baton and the runner has an overlap of the",
        "too many small words",
    );
    interview(
        "text: It is a race in which people hand on a stick to each other.",
        "text: race people stick lane track medal team speed line start",
        "not taken for English prose",
    );
}
