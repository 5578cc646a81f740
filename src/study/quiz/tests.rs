use super::layout::Layout;
use super::*;
use proptest::prelude::*;

fn option(text: &str, right: bool) -> QuizOption {
    QuizOption {
        text: text.to_owned(),
        right,
        why: format!("why {text}"),
    }
}

fn one() -> QuizKind {
    QuizKind::One {
        options: vec![
            option("mean", false),
            option("max", true),
            option("sum", false),
        ],
    }
}

fn several() -> QuizKind {
    QuizKind::Several {
        options: vec![option("x", true), option("y", false), option("z", true)],
    }
}

fn order() -> QuizKind {
    QuizKind::Order {
        items: ["scatter", "wait", "merge"].map(str::to_owned).to_vec(),
        why_confused: "merging needs something to merge".to_owned(),
    }
}

fn pairs() -> QuizKind {
    let pair = |left: &str, right: &str| MatchPair {
        left: left.to_owned(),
        right: right.to_owned(),
        why: format!("why {left}"),
    };
    QuizKind::Match {
        pairs: vec![pair("1", "one"), pair("2", "two"), pair("uno", "one")],
    }
}

fn number() -> QuizKind {
    QuizKind::Number {
        answer: 63.4,
        unit: "%".to_owned(),
        tolerance: 1.0,
        near_misses: vec![NearMiss {
            value: 100.0,
            why: "that counts slow answers, not requests that meet one".to_owned(),
        }],
    }
}

#[test]
fn one_option_is_right_and_a_wrong_one_says_why_one_would_think_so() {
    assert!(mark(&one(), &Answer::One(1)).unwrap().right);
    let wrong = mark(&one(), &Answer::One(0)).unwrap();
    assert!(!wrong.right);
    assert_eq!(wrong.parts.len(), 1);
    assert_eq!(wrong.parts[0].why, "why mean");
    assert_eq!(
        mark(&one(), &Answer::One(3)),
        Err(AnswerError::OutOfRange(4, 3))
    );
}

#[test]
fn several_options_are_marked_each_but_right_only_together() {
    let chosen = |at: &[usize]| Answer::Several(at.iter().copied().collect());
    assert!(mark(&several(), &chosen(&[0, 2])).unwrap().right);
    let partly = mark(&several(), &chosen(&[0, 1])).unwrap();
    assert!(!partly.right);
    let verdicts: Vec<_> = partly
        .parts
        .iter()
        .map(|p| (p.what.as_str(), p.right))
        .collect();
    assert_eq!(verdicts, [("x", true), ("y", false), ("z", false)]);
}

#[test]
fn an_order_is_marked_place_by_place() {
    assert!(mark(&order(), &Answer::Order(vec![0, 1, 2])).unwrap().right);
    let swapped = mark(&order(), &Answer::Order(vec![0, 2, 1])).unwrap();
    assert!(!swapped.right);
    assert!(swapped.parts[0].right && !swapped.parts[1].right && !swapped.parts[2].right);
    assert_eq!(swapped.parts[1].why, "merging needs something to merge");
    for bad in [vec![0, 1], vec![0, 1, 1]] {
        assert_eq!(
            mark(&order(), &Answer::Order(bad)),
            Err(AnswerError::NotEachOnce(3))
        );
    }
}

#[test]
fn rights_of_the_same_text_are_interchangeable() {
    assert!(mark(&pairs(), &Answer::Match(vec![0, 1, 2])).unwrap().right);
    assert!(mark(&pairs(), &Answer::Match(vec![2, 1, 0])).unwrap().right);
    let wrong = mark(&pairs(), &Answer::Match(vec![1, 0, 2])).unwrap();
    assert!(!wrong.right && wrong.parts[2].right);
}

#[test]
fn a_number_is_right_within_its_tolerance_in_any_writing() {
    for text in ["63.4", "63 %", "0.634", "64.4%"] {
        let marking = mark(&number(), &Answer::Number(text.to_owned())).unwrap();
        assert!(marking.right, "{text}");
    }
    let miss = mark(&number(), &Answer::Number("100 %".to_owned())).unwrap();
    assert!(!miss.right && miss.parts[0].why.contains("slow answers"));
    let far = mark(&number(), &Answer::Number("5".to_owned())).unwrap();
    assert!(!far.right && far.parts[0].why.is_empty());
    assert!(mark(&number(), &Answer::Number("many".to_owned())).is_err());
}

#[test]
fn an_answer_of_another_kind_is_refused() {
    assert_eq!(
        mark(&one(), &Answer::Number("1".to_owned())),
        Err(AnswerError::WrongKind("one option"))
    );
}

#[test]
fn typed_answers_are_read_as_places_of_the_layout() {
    let layout = Layout::new(&several(), 1);
    let right: String = layout
        .choices(&several())
        .iter()
        .enumerate()
        .filter(|(_, text)| **text != "y")
        .map(|(place, _)| typed::letter(place))
        .collect();
    let answer = typed::read(&several(), &layout, &right).unwrap();
    assert!(mark(&several(), &answer).unwrap().right);
    assert!(typed::read(&several(), &layout, "d").is_err());
    assert!(typed::read(&several(), &layout, "").is_err());
    assert!(typed::read(&several(), &layout, "0").is_err());
    assert!(typed::read(&several(), &layout, "a?").is_err());
    assert!(typed::read(&one(), &Layout::new(&one(), 1), "a b").is_err());
    assert_eq!(
        typed::read(&order(), &Layout::new(&order(), 1), "a b"),
        Err(AnswerError::NotEachOnce(3))
    );
}

#[test]
fn an_answer_is_put_in_words() {
    assert_eq!(in_words(&one(), &Answer::One(1)), "max");
    assert_eq!(
        in_words(&order(), &Answer::Order(vec![2, 0, 1])),
        "merge → scatter → wait"
    );
    assert_eq!(in_words(&one(), &Answer::One(9)), "?");
}

proptest! {
    #[test]
    fn whatever_the_layout_the_right_choices_are_right(seed: u64) {
        for kind in [one(), several(), order(), pairs()] {
            let layout = Layout::new(&kind, seed);
            let place_of = |authored: usize| layout.shown().iter().position(|at| *at == authored).unwrap();
            let places: Vec<usize> = match &kind {
                QuizKind::One { options } | QuizKind::Several { options } => {
                    (0..options.len()).filter(|at| options[*at].right).map(place_of).collect()
                }
                _ => (0..3).map(place_of).collect(),
            };
            let typed: Vec<String> = places.iter().map(|place| typed::letter(*place).to_string()).collect();
            let answer = typed::read(&kind, &layout, &typed.join(" ")).unwrap();
            prop_assert!(mark(&kind, &answer).unwrap().right);
        }
    }

    #[test]
    fn any_typed_text_is_read_or_refused_without_panic(text in "\\PC{0,20}", seed: u64) {
        for kind in [one(), several(), order(), pairs(), number()] {
            if let Ok(answer) = typed::read(&kind, &Layout::new(&kind, seed), &text) {
                prop_assert!(mark(&kind, &answer).is_ok());
            }
        }
    }
}
