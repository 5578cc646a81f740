//! Searches from outside.

use crate::scatter_gather::LAB;
use crate::trial::near;
use crate::workbench::frame::Statistic;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, pass, replays, send, session};

#[test]
fn a_search_from_outside_is_answered_by_all_leaves() {
    let mut run = session(&LAB, "");
    let answer = ask(&mut run, "GET /search?q=oak+chair").unwrap();
    assert_eq!(answer.body["complete"], true);
    assert_eq!(answer.body["leaves_answered"], 20);
    assert_eq!(answer.body["hits"].as_array().unwrap().len(), 10);
    let words = answer.body["hits"][0]["words"].to_string();
    assert!(words.contains("oak") || words.contains("chair"), "{words}");
    assert!(
        answer.body["took_ms"].as_f64().unwrap() > 1.0,
        "{}",
        answer.body
    );
    assert!(replays(&run));
}

#[test]
fn one_word_is_enough_and_an_unknown_one_finds_nothing() {
    let mut run = session(&LAB, "");
    let one = ask(&mut run, "GET /search?q=chair").unwrap().body;
    assert_eq!(one["hits"].as_array().unwrap().len(), 10);
    let cat = ask(&mut run, "GET /search?q=cat").unwrap().body;
    assert!(cat["hits"].as_array().unwrap().is_empty());
    assert_eq!(cat["unknown_words"][0], "cat");
    assert_eq!(cat["complete"], true);
}

#[test]
fn a_partial_answer_says_which_leaf_is_missing_and_why() {
    let knobs = "replicas=1 deadline=50ms";
    let mut run = session(&LAB, knobs);
    act(&mut run, "cut=3");
    let body = ask(&mut run, "GET /search?q=oak+chair").unwrap().body;
    assert_eq!(body["complete"], false);
    assert_eq!(body["leaves_missing"][0]["leaf"], 3);
    let why = body["leaves_missing"][0]["why"].as_str().unwrap();
    assert!(why.contains("still out"), "{why}");
    assert!(replays(&run));
}

#[test]
fn when_no_leaf_answers_it_is_an_error_and_no_empty_list() {
    let mut run = session(&LAB, "fan_out=1 replicas=1");
    act(&mut run, "crash=1");
    let refused = ask(&mut run, "GET /search?q=oak").unwrap_err();
    assert_eq!(refused.why, Why::Failed);
}

#[test]
fn it_meets_the_policy_and_the_meters_and_leaves_the_workload_as_it_was() {
    let total = |run: &crate::workbench::session::Session, name: &str| {
        let frame = run.frame();
        frame.metric(name).unwrap().value.get(Statistic::Value)
    };
    let (mut asked, mut alone) = (session(&LAB, ""), session(&LAB, ""));
    let answer = send(&mut asked, "GET /search?q=oak");
    pass(&mut asked, 1_000);
    pass(&mut alone, 1_000);
    drop(answer);
    let requests = |run| total(run, "requests_total").unwrap();
    near(requests(&asked) - requests(&alone), 1.0, 1e-9);
    assert_ne!(
        asked.digest(),
        alone.digest(),
        "it has taken part in the run"
    );
}

#[test]
fn several_that_arrive_at_one_moment_replay_to_the_same_digest() {
    let mut run = session(&LAB, "policy=hedge straggler=3");
    for round in 0..20 {
        let answers: Vec<_> = ["oak", "chair", "rare+map", "cat"]
            .map(|words| send(&mut run, &format!("GET /search?q={words}")))
            .into();
        act(
            &mut run,
            if round % 2 == 0 {
                "slow=5"
            } else {
                "recover=5"
            },
        );
        drop(answers);
        pass(&mut run, 137);
    }
    assert_eq!(run.plan().script.len(), 100);
    assert!(replays(&run));
    assert_eq!(
        run.frame().interventions.len(),
        20,
        "requests leave no marks"
    );
}

#[test]
fn what_a_script_has_for_later_survives_a_request() {
    let mut run = session(&LAB, "");
    let mut plan = run.plan().clone();
    plan.script_text("8s:slow=3").unwrap();
    plan.script_text("6s:request=GET /search?q=oak").unwrap();
    run = crate::workbench::session::Session::start(plan);
    pass(&mut run, 7_000);
    ask(&mut run, "GET /search?q=chair").unwrap();
    pass(&mut run, 2_000);
    let script: Vec<String> = run
        .plan()
        .script
        .iter()
        .map(|done| done.what.to_string())
        .collect();
    assert_eq!(
        script,
        [
            "request=GET /search?q=oak",
            "request=GET /search?q=chair",
            "slow=3"
        ]
    );
    assert!(
        run.frame()
            .interventions
            .iter()
            .any(|timed| timed.what.to_string() == "slow=3")
    );
    assert!(replays(&run));
}
