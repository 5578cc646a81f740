//! Designs that were right before somebody's slips: whatever is wrong is said, and what is not wrong can be drawn, priced,
//! predicted and run.

use super::{DesignLab, Tamper, seconds, seeds};
use crate::{brief, cost, draw, examples, gameday, svg, theory};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::session::Session;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// What somebody may write by mistake, or to do harm.
const WORDS: [&str; 36] = [
    "",
    "~",
    "0",
    "-1",
    "1",
    "1e308",
    "NaN",
    "inf",
    "-inf",
    "0.0000001",
    "99999999999999999999",
    "4294967296",
    "1_0__0",
    "100%",
    "200",
    "10000h",
    "0ms",
    "1ns",
    "const:0ms",
    "exp:1000h",
    "lognormal:1ms,9",
    "pareto:1ms,0.01",
    "off",
    "on",
    "all",
    "last",
    "{}",
    "[]",
    "[[[[]]]]",
    "*a",
    "&a [x, x]",
    "!t x",
    "\u{fffd}\u{202e}",
    "\"",
    "'",
    ": :",
];

/// A change of a text: how, where, and by what.
type Change = (u8, prop::sample::Index, prop::sample::Index);

/// The words of a text, by their places.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let (is_in, end) = (
            letter.is_alphanumeric() || "_-.%".contains(letter),
            at + letter.len_utf8(),
        );
        match words.last_mut() {
            Some((_, last)) if is_in && *last == at => *last = end,
            _ if is_in => words.push((at, end)),
            _ => {}
        }
    }
    words
}

fn changed(mut text: String, (how, place, other): &Change) -> String {
    let found = words(&text);
    if found.is_empty() {
        return text;
    }
    let (from, to) = found[place.index(found.len())];
    let mut lines: Vec<&str> = text.lines().collect();
    let (line, second) = (place.index(lines.len()), other.index(lines.len()));
    match how {
        0 => text.replace_range(from..to, WORDS[other.index(WORDS.len())]),
        1 => {
            let (begin, end) = found[other.index(found.len())];
            let word = text[begin..end].to_owned();
            text.replace_range(from..to, &word);
        }
        2 => {
            lines.remove(line);
            text = lines.join("\n");
        }
        3 => {
            lines.insert(second, lines[line]);
            text = lines.join("\n");
        }
        4 => {
            lines.swap(line, second);
            text = lines.join("\n");
        }
        _ => text.truncate(from),
    }
    text
}

/// Does all that is done with a design whose file was read; a run ends after so many events, however large its load is.
fn use_it(text: &str) {
    let read = crate::read(text);
    assert_eq!(
        read.design.is_none(),
        read.problems.iter().any(crate::Problem::is_error)
    );
    for problem in &read.problems {
        assert!(!problem.cure.is_empty(), "{problem}");
    }
    let Some(design) = read.design else {
        return;
    };
    theory::predict(&design);
    cost::total(&design, cost::Prices::standard());
    draw::text(&design);
    draw::mermaid(&design);
    svg::svg(&design);
    let lab = DesignLab::leak(&design, "design", Tamper::Nothing);
    let length = 20;
    let mut session = Session::start(seconds(lab, 1, length));
    session.advance(SimTime::from_secs(length), 50_000);
    session.frame();
    for invariant in session.lab().instruments().invariants() {
        assert!(invariant.held, "{}: {}", invariant.name, invariant.detail);
    }
}

#[test]
fn no_slip_in_a_design_makes_it_panic_or_hang() {
    let mut texts: Vec<String> = examples::ALL
        .iter()
        .map(|(_, text)| (*text).to_owned())
        .collect();
    texts.extend(
        [
            gameday::AUCTION,
            super::books::PLATFORM,
            super::evening::EVENING,
        ]
        .map(str::to_owned),
    );
    texts.extend(brief::all().iter().map(brief::Brief::starter));
    let cases = *seeds(200).end();
    let config = Config {
        cases: cases as u32,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &cases.to_le_bytes().repeat(4));
    let change = (
        0..6_u8,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    );
    let slips = (
        prop::sample::select(texts),
        prop::collection::vec(change, 1..4),
    );
    let held = TestRunner::new_with_rng(config, rng).run(&slips, |(text, changes)| {
        use_it(&changes.iter().fold(text, changed));
        Ok(())
    });
    held.unwrap_or_else(|failure| panic!("{failure}"));
}
