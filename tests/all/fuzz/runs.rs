//! Run files.

use super::{changed, hold};
use ddlab_labs::workbench::headless::{self, RunError};
use ddlab_labs::workbench::plan::Record;
use std::ops::ControlFlow;

const WORDS: &[&str] = &[
    "at 1s burst=1e308\n",
    "at 584y slow=1\n",
    "set arrival_rps=nan\n",
    "set network=shift:1ms+shift:1ms+const:0ms\n",
    "digest 900h 0123456789abcdef\n",
    "for 1000h\n",
    "warmup 999h\n",
    "seed 18446744073709551616\n",
    "request=GET /search?q=%ff\n",
    "-1",
    "\r\n",
    "\0",
];

fn text() -> String {
    let lab = ddlab_labs::find_or_nearest("scatter-gather").unwrap();
    let mut plan = ddlab_labs::workbench::plan::RunPlan::new(lab, 7);
    plan.length = ddlab_labs::engine::SimTime::from_secs(2);
    for done in ["500ms:slow=3", "1s:policy=hedge", "1500ms:burst=500"] {
        plan.script_text(done).unwrap();
    }
    headless::run(plan).unwrap().record.to_text()
}

#[test]
fn a_run_file_is_read_to_a_run_that_is_written_the_same_or_refused() {
    hold(changed(text(), WORDS), |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        let Ok(record) = Record::parse(&text, ddlab_labs::find_or_nearest) else {
            return;
        };
        let written = record.to_text();
        let again = Record::parse(&written, ddlab_labs::find_or_nearest).unwrap();
        assert_eq!(again.to_text(), written);
        // A few million units of work of it.
        let mut slices = 0;
        let run = headless::run_until_stopped(record.plan, |_| {
            slices += 1;
            if slices < 20 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        assert!(!matches!(run, Err(RunError::Stuck { .. })), "{run:?}");
    });
}

#[test]
fn a_line_of_a_run_file_that_has_no_end_is_repeated_short() {
    let (text, long) = (text(), "y".repeat(20_000));
    for word in [
        "",
        "lab ",
        "seed ",
        "for ",
        "warmup ",
        "set ",
        "set policy=",
        "at ",
        "at 1s ",
        "at 1s slow=",
        "digest ",
        "digest 1s ",
    ] {
        let with = format!("{}\n{word}{long}\n", text.trim_end());
        let refused = Record::parse(&with, ddlab_labs::find_or_nearest)
            .unwrap_err()
            .to_string();
        assert!(refused.len() < 600, "{word}: {}", refused.len());
    }
    let refused = Record::parse(&long, ddlab_labs::find_or_nearest)
        .unwrap_err()
        .to_string();
    assert!(refused.len() < 600, "{}", refused.len());
}

#[test]
fn digests_that_are_out_of_order_or_lie_beyond_the_end_are_refused() {
    let text = text();
    for (at, why) in [("1h", "its last digest is of"), ("1s", "is not later than")] {
        let with = format!("{}\ndigest {at} 0123456789abcdef\n", text.trim_end());
        let refused = Record::parse(&with, ddlab_labs::find_or_nearest)
            .unwrap_err()
            .to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
