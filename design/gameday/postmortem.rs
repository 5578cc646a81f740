//! The draft of a post-mortem, as Markdown: what was seen, said and done, beside the same night by an expert.

use super::SLOS;
use super::expert;
use super::incident::Incident;
use super::night::Night;
use super::score::{self, CaseScore, Effect, Score};
use super::shift::{Books, Case, Done, Event, Refused, Shift, clock};
use ddlab_labs::engine::SimTime;
use ddlab_text::{grouped, human_span, whole_percent};
use std::fmt::Write as _;
use std::time::Duration;

/// Of an evening that has ended, with the expert's run of the same night beside it.
///
/// # Errors
/// When the system stands still.
pub fn of(shift: &Shift) -> Result<String, Refused> {
    beside_expert(shift, || ())
}

/// Of the night with what was done in it; `watch` is told the share of the runs that are over.
///
/// # Errors
/// When the system stands still.
pub fn write_up(
    night: Night,
    done: &[Done],
    mut watch: impl FnMut(f64),
) -> Result<String, Refused> {
    let shift = Shift::replayed(night, done)?;
    // The night itself, the expert's, and one for each action.
    let runs = 2 + score::effects_reported(&shift);
    let mut over = 0;
    let mut one_more = || {
        over += 1;
        watch(f64::from(over) / runs as f64);
    };
    one_more();
    beside_expert(&shift, one_more)
}

fn beside_expert(shift: &Shift, mut done: impl FnMut()) -> Result<String, Refused> {
    let (expert, _) = expert::work(shift.night)?;
    done();
    let effects = score::effects(shift, done)?;
    let (own, by_expert) = (score::score(shift), score::score(&expert));
    Ok(markdown(shift, &own, &effects, &expert, &by_expert))
}

fn markdown(
    shift: &Shift,
    score: &Score,
    effects: &[Effect],
    expert: &Shift,
    by_expert: &Score,
) -> String {
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
    for ((slo, burnt), other) in SLOS.iter().zip(&score.burnt).zip(&by_expert.burnt) {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            slo.says,
            whole_percent(*burnt),
            whole_percent(*other)
        );
    }
    let _ = writeln!(out, "\n{}", money(&shift.books()));
    let _ = writeln!(
        out,
        "\n## Timeline\n\n{}",
        side_by_side(timeline(shift), timeline(expert))
    );
    for (place, case) in shift.cases.iter().enumerate() {
        of_case(
            &mut out,
            shift,
            case,
            &score.cases[place],
            &by_expert.cases[place],
        );
    }
    if !effects.is_empty() {
        let _ = writeln!(out, "\n## What your actions did\n\n{EFFECTS}\n");
    }
    for effect in effects {
        let _ = writeln!(out, "- {}", said_of(effect));
    }
    let _ = writeln!(
        out,
        "\n## Again\n\n- The same night: `ddlab gameday {0}`\n- How an expert works it: `ddlab gameday expert {0}`",
        shift.night
    );
    out
}

const EFFECTS: &str = "The night was run again without each of them, and what was bad by the objectives (requests, lots, or seconds) in the three minutes after it was compared. Of two that do the same, neither makes a difference.";

fn said_of(effect: &Effect) -> String {
    let what = if effect.is_worse() {
        format!(
            "**made it worse**: {:.0} more were bad",
            effect.with - effect.without
        )
    } else if effect.is_better() {
        format!("helped: {:.0} fewer were bad", effect.without - effect.with)
    } else {
        "made no difference".to_owned()
    };
    format!("{} `{}` {what}.", clock(effect.at), effect.action)
}

/// What became of lots and money, in a paragraph.
fn money(books: &Books) -> String {
    let euros = |cents: u64| format!("{}.{:02} EUR", grouped((cents / 100) as i64), cents % 100);
    let mut text = format!(
        "Lots and money: {} lots were closed, and {} bids came too late for theirs. Settled: {} of prices, of which {} were paid to sellers and {} were kept as fees.",
        books.closed,
        books.late_bids,
        euros(books.price_cents),
        euros(books.payout_cents),
        euros(books.fee_cents)
    );
    if books.broken.is_empty() {
        text.push_str(
            " Every lot was closed once, the highest bid in time won, and all was paid to the cent.",
        );
    }
    for broken in &books.broken {
        let _ = write!(text, " Broken: {broken}.");
    }
    text
}

/// Two evenings of the same night in one table, in order of time. What was done stands in one column, whoever did it: in two
/// of half the width most lines would break.
fn side_by_side(own: Vec<(SimTime, String)>, by_expert: Vec<(SimTime, String)>) -> String {
    let of = |lines: Vec<_>, who| lines.into_iter().map(move |line| (line, who));
    let mut rows: Vec<_> = of(own, "you").chain(of(by_expert, "expert")).collect();
    rows.sort_by_key(|((at, _), _)| *at);
    // What happened in both at the same moment is one row.
    rows.dedup_by(|(later, other), (row, who)| {
        let is_same = later == row && other != who;
        if is_same {
            *who = "both";
        }
        is_same
    });
    let mut out = "| at | who | what |\n|---|---|---|\n".to_owned();
    for ((at, what), who) in rows {
        let _ = writeln!(out, "| {} | {who} | {what} |", clock(at));
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
        let (kind, slo) = (alarm.severity.word(), SLOS[alarm.slo].name);
        lines.push((alarm.began, format!("{kind}: {slo}")));
        if let Some(ended) = alarm.ended {
            lines.push((ended, format!("{kind} ends: {slo}")));
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

/// The night as an expert works it, line by line, with what is looked for and why.
///
/// # Errors
/// When the system stands still.
pub fn of_expert(night: Night) -> Result<String, Refused> {
    let (expert, _) = expert::work(night)?;
    let score = score::score(&expert);
    let mut out = format!("# {night}, as an expert works it\n\n");
    for (at, line) in timeline(&expert) {
        let _ = writeln!(out, "- {} {line}", clock(at));
    }
    for (case, score) in expert.cases.iter().zip(&score.cases) {
        let incident = &case.incident;
        let _ = writeln!(
            out,
            "\n## {}\n\n{}\n",
            capital(incident.title),
            incident.story
        );
        let _ = writeln!(out, "True cause: `{}`{}.", incident.cause, also(incident));
        let _ = writeln!(out, "\n| since it began | |\n|---|---|");
        for (what, at) in moments(score) {
            let _ = writeln!(out, "| {what} | {} |", span(at));
        }
        how(&mut out, &expert, incident);
    }
    let _ = writeln!(out, "\n| objective | budget burnt |\n|---|---|");
    for (slo, burnt) in SLOS.iter().zip(&score.burnt) {
        let _ = writeln!(out, "| {} | {} |", slo.says, whole_percent(*burnt));
    }
    Ok(out)
}

/// The moments that are compared.
fn moments(score: &CaseScore) -> [(&'static str, Option<Duration>); 4] {
    [
        ("page", score.paged),
        ("detected", score.detected),
        ("cause named", score.named),
        ("mitigated", score.mitigated),
    ]
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
        "True cause: `{}`{}.\n\n| since it began | you | the expert |\n|---|---|---|",
        incident.cause,
        also(incident)
    );
    for ((what, you), (_, other)) in moments(own).into_iter().zip(moments(expert)) {
        let _ = writeln!(out, "| {what} | {} | {} |", span(you), span(other));
    }
    for wrong in &own.wrong {
        let _ = writeln!(out, "\nTaken for the cause before: `{wrong}`.");
    }
    how(out, shift, incident);
}

/// By what else its cause may be named.
fn also(incident: &Incident) -> String {
    let word = incident.cause.sort.word();
    let names = incident.also.iter();
    let names: Vec<String> = names.map(|part| format!(", or `{part} {word}`")).collect();
    names.concat()
}

/// How an incident is found, what ends it, what does not, and what keeps it from coming back.
fn how(out: &mut String, shift: &Shift, incident: &Incident) {
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

/// Always in seconds: the two columns are compared.
fn span(span: Option<Duration>) -> String {
    span.map_or_else(
        || "never".to_owned(),
        |span| format!("{} s", span.as_secs()),
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_nights_stand_in_one_column_and_what_happened_in_both_is_said_once() {
        let at = |second| SimTime::from_secs(super::super::night::OPENING_S + second);
        let line = |second, text: &str| (at(second), text.to_owned());
        let own = vec![
            line(60, "begins"),
            line(70, "`look a`"),
            line(70, "`look a`"),
        ];
        let table = side_by_side(own, vec![line(60, "begins"), line(65, "did `b`")]);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| 01:00 | both | begins |",
                "| 01:05 | expert | did `b` |",
                "| 01:10 | you | `look a` |",
                "| 01:10 | you | `look a` |",
            ]
        );
    }
}
