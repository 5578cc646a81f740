//! The draft of a post-mortem, as Markdown: what was seen, said and done, and what an expert would have looked at first.

use super::SLOS;
use super::expert;
use super::night::Night;
use super::score::{self, CaseScore, Score};
use super::shift::{Case, Done, Event, Refused, Shift, clock};
use ddlab_labs::engine::SimTime;
use ddlab_text::{human_span, whole_percent};
use std::fmt::Write as _;
use std::time::Duration;

/// Of an evening that has ended, with the expert's run of the same night beside it.
///
/// # Errors
/// When the system stands still.
pub fn of(shift: &Shift) -> Result<String, Refused> {
    let (expert, _) = expert::work(shift.night)?;
    Ok(markdown(
        shift,
        &score::score(shift)?,
        &score::score(&expert)?,
    ))
}

/// Of the night with what was done in it.
///
/// # Errors
/// When the system stands still.
pub fn write_up(night: Night, done: &[Done]) -> Result<String, Refused> {
    of(&Shift::replayed(night, done)?)
}

fn markdown(shift: &Shift, score: &Score, expert: &Score) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# Post-mortem: {}\n\nDraft, made by the game day.\n\n## Impact\n",
        shift.night
    );
    let _ = writeln!(
        out,
        "| objective | budget burnt | by the expert |\n|---|---|---|"
    );
    for ((slo, burnt), other) in SLOS.iter().zip(&score.burnt).zip(&expert.burnt) {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            slo.says,
            whole_percent(*burnt),
            whole_percent(*other)
        );
    }
    let _ = writeln!(out, "\n## Timeline\n");
    for (at, line) in timeline(shift) {
        let _ = writeln!(out, "- {} {line}", clock(at));
    }
    for (place, case) in shift.cases.iter().enumerate() {
        of_case(
            &mut out,
            shift,
            case,
            &score.cases[place],
            &expert.cases[place],
        );
    }
    if !score.worse.is_empty() {
        let _ = writeln!(out, "\n## What made it worse\n");
    }
    for worse in &score.worse {
        let _ = writeln!(
            out,
            "- {} `{}`: in the three minutes after it, {:.0} requests failed that would not have without it.",
            clock(worse.at),
            worse.action,
            worse.failed
        );
    }
    out
}

/// What happened, in order of time: incidents, alerts, what was said and done.
pub fn timeline(shift: &Shift) -> Vec<(SimTime, String)> {
    let mut lines: Vec<(SimTime, String)> = Vec::new();
    for case in &shift.cases {
        lines.push((case.begins, format!("**begins: {}**", case.incident.title)));
        if let Some(at) = case.mitigated {
            lines.push((at, format!("**mitigated: {}**", case.incident.title)));
        }
    }
    for alarm in &shift.alarms {
        let kind = alarm.severity.word();
        lines.push((alarm.began, format!("{kind}: {}", alarm.text)));
        if let Some(ended) = alarm.ended {
            lines.push((ended, format!("{kind} ends: {}", SLOS[alarm.slo].name)));
        }
    }
    for done in &shift.done {
        let line = match &done.event {
            Event::Looked(what) => format!("`{what}`"),
            Event::Named(Some(cause)) => format!("said: the cause is `{cause}`"),
            Event::Named(None) => "said: the cause is unknown".to_owned(),
            Event::Acted(action) => format!("did `{action}`"),
        };
        lines.push((done.at, line));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

fn of_case(out: &mut String, shift: &Shift, case: &Case, own: &CaseScore, expert: &CaseScore) {
    let incident = &case.incident;
    let _ = writeln!(
        out,
        "\n## {}\n\n{}\n",
        capital(incident.title),
        incident.story
    );
    let _ = writeln!(
        out,
        "True cause: `{}`.\n\n| since it began | you | the expert |\n|---|---|---|",
        incident.cause
    );
    let rows = [
        ("page", own.paged, expert.paged),
        ("detected", own.detected, expert.detected),
        ("cause named", own.named, expert.named),
        ("mitigated", own.mitigated, expert.mitigated),
    ];
    for (what, you, other) in rows {
        let _ = writeln!(out, "| {what} | {} | {} |", span(you), span(other));
    }
    for wrong in &own.wrong {
        let _ = writeln!(out, "\nTaken for the cause before: `{wrong}`.");
    }
    let _ = writeln!(
        out,
        "\nWhat an expert looks at, {} each:\n",
        human_span(expert::LOOK)
    );
    for (nth, step) in incident.path.iter().enumerate() {
        let (look, clue) = (step.clue.look(), step.clue.text(&shift.board));
        let _ = writeln!(out, "{}. `{look}`: {clue}; {}.", nth + 1, step.says);
    }
    let _ = writeln!(out, "\nWhat ends it: `{}`.", incident.mend.join("`, `"));
    let naive = &incident.naive;
    let _ = writeln!(
        out,
        "What does not: `{}`; {}.",
        naive.actions.join("`, `"),
        naive.because
    );
    let _ = writeln!(
        out,
        "\nSo that it does not happen again: {}",
        incident.prevention
    );
}

fn span(span: Option<Duration>) -> String {
    span.map_or_else(
        || "never".to_owned(),
        |span| human_span(Duration::from_secs(span.as_secs())),
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
