//! Quiz and interview questions.

use super::*;

#[test]
fn no_question_leaves_out_what_it_needs() {
    let table = r#"
        |prompt: Who waits? => prompt: "" => `prompt` is empty
        |explain: A runner waits. => explain: "" => `explain` is empty
        |why: That is a run. => why: "" => the near miss has no `why`
        |why: It is held. => why: "" => the pair has no `why`
        |answer: 4 => answer: .nan => the answer is not a number
    "#;
    faults("quiz.yaml", table);
    let table = r#"
        |prompt: Explain the relay. => prompt: "" => the prompt is empty
        |rev: 1 => rev: 0 => revisions count from 1
        |statement: Names what is handed over. => statement: "" => the statement is empty
        |{id: last, ask => {id: more, ask => the follow-up `more` appears twice
    "#;
    faults("interview.yaml", table);
    let long = "so it goes on until the last of them is home. ".repeat(20);
    expect_around(
        Severity::Error,
        "interview.yaml",
        "There is a baton, and both",
        &format!("{long} There is a baton, and both"),
        "it should have 200 to 400",
    );
}

#[test]
fn a_quiz_can_be_answered_and_says_why() {
    let table = r#"
        |section: the-problem => section: the-end => no section `the-end`
        |why: Batons are patient. => why: "" => no `why`
        |- text: The track => - text: All of the above => tests the form
        |why_confused: One lets go too early. => why_confused: "" => `why_confused` is empty
        |{value: 1, => {value: 4, => right by the tolerance
        |tolerance: 0 => tolerance: -1 => below zero
        |id: relay-q02 => id: relay-q01 => is already used
        |prompt: Who waits? => promt: Who waits? => promt
        ~          right: true\n          why: There is =>           why: There is => 0 options are right
        ~- text: The baton\n => - text: The baton\n          right: true\n => 2 options are right
        ~- text: The track => - text: The baton => appears twice
        ~items: [Run, Reach out, Let go] => items: [Run, Let go] => an order needs at least three items
        ~        - {left: track, right: ground, why: It lies.}\n =>  => a match needs at least three pairs
        ~  tells_apart: true\n =>  => `tells_apart: true`
        ~  scenario: true\n =>  => `scenario: true`
    "#;
    faults("quiz.yaml", table);
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
    let table = r#"
        |weight: 5 => weight: 9 => weight 9 is not 1 to 5
        |    - id: overlap =>     - id: baton => the point `baton` appears twice
        |match: [["baton*|stick"]] => match: [["baton*||stick"]] => empty alternative
        |match: [["baton*|stick"]] => match: [] => no group
        |good: The runner carries a baton. => good: The runner runs. => does not mention `baton`
        |bad: The runner carries nothing. => bad: A stick, then. => mentions `baton`: “stick”
        |covers: [ch07-q1, => covers: [ch07-q8, => `ch07-q8` is not a code
        |dim: high-level => dim: high-fidelity => high-fidelity
        ~      must: true\n =>  => no point has `must: true`
    "#;
    faults("interview.yaml", table);
}

#[test]
fn a_model_answer_meets_the_rubric() {
    let table = "
        |meets: [baton, overlap] => meets: [baton, overlay] => no point `overlay`
        ~meets: [drop, order] => meets: [drop, baton] => meets `order`
    ";
    faults("interview.yaml", table);
}

#[test]
fn what_is_asked_next_depends_on_what_was_said() {
    let table = "
        |ask: {missed: drop} => ask: {missed: dorp} => no point `dorp`
        |set: [runners=4] => set: [horses=4] => refuses this scenario
        |lab: {lab: relay => lab: {lab: relax => no lab `relax`
        ~ask: {missed: drop} => ask: always => 1 of them conditional
    ";
    faults("interview.yaml", table);
}

#[test]
fn samples_are_heard_as_a_listener_would_tick_them() {
    let table = r"
        ~- kind: weak => - kind: strong => 2 samples of kind `strong`
        |ticks: [baton, overlap, drop, order] => ticks: [baton] => but not ticked
        |ticks: [baton, overlap]\n => ticks: [baton, drop, order]\n => agree on 1 of 4
        |ticks: [baton]\n => ticks: [batton]\n => no point `batton`
        |text: There is no baton in it => text: There is a baton in it => heard to mention baton
        |text: baton runner overlap anchor speed => text: it is a baton and the runner has an overlap of the => too many small words
        |text: It is a race in which people hand on a stick to each other. => text: race people stick lane track medal team speed line start => not taken for English prose
    ";
    faults("interview.yaml", table);
}
