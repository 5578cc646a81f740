use super::conversation::DEEP_QUESTIONS;
use super::*;
use crate::clock::LocalDay;
use crate::content::Library;
use crate::practice::prompt;
use crate::progress::EventId;
use crate::testing::Holds;

fn at(minutes: i64) -> Moment {
    Moment {
        at: UtcMs(minutes * 60_000),
        day: LocalDay::of_number(100),
    }
}

fn begun(minutes: u64) -> Interview {
    let prompt = prompt::find(&Library::embedded(), "chat").unwrap();
    Interview::new(prompt, Level::Senior, minutes, at(0))
}

fn stored(event: Event) -> Stored {
    Stored {
        id: EventId("1".to_owned()),
        at: UtcMs(0),
        day: LocalDay::of_number(100),
        machine: "here".to_owned(),
        event,
    }
}

#[test]
fn questions_are_answered_and_the_rest_is_said_at_the_end_of_the_phase() {
    let mut interview = begun(45);
    interview.reply("How big are groups?", at(1)).unwrap();
    let answered = interview.step(at(1));
    answered.text.as_str().holds(["up to 500 members"]);
    let before = answered.above.as_str();
    before.holds(["Design a messenger", "You: “How big are groups\\?”"]);
    assert_eq!(interview.step(at(2)).status, "requirements · 03:00 left");
    interview.reply("", at(3)).unwrap();
    let step = interview.step(at(3));
    assert!(
        step.text.contains("You could also have asked") && !step.text.contains("500 members"),
        "{}",
        step.text
    );
    assert_eq!(step.status, "estimation · 05:00 left");
}

#[test]
fn the_deep_dive_asks_by_what_was_said_and_the_pad_draws() {
    let mut interview = begun(0);
    for typed in ["", "Two billion messages a day are 23,000 a second."] {
        interview.reply(typed, at(1)).unwrap();
    }
    let drawing = "/box gateway\n/box log\n/arrow gateway log append\nThe leader of the shard numbers messages in a sequence.";
    interview.reply(drawing, at(2)).unwrap();
    assert!(interview.step(at(2)).text.contains("| gateway |---"));
    let refused = interview.reply("/circle x", at(2)).unwrap_err();
    assert!(refused.contains("not a command"), "{refused}");
    interview.reply("", at(3)).unwrap();
    let asked = interview.step(at(3)).text;
    assert!(asked.contains("the tick is lost in a tunnel"), "{asked}");
    let to_ask = &interview.state.to_ask;
    assert_eq!(to_ask.len(), DEEP_QUESTIONS - 1, "others fill it up");
    let asks_of_order = |(ask, _): &(String, String)| ask.contains("Who decides");
    assert!(!to_ask.iter().any(asks_of_order), "that was answered");
}

#[test]
fn it_ends_in_a_profile_with_what_to_study_and_a_transcript() {
    let mut interview = begun(20);
    let mut events = Vec::new();
    for minute in 0..30 {
        if interview.state.phase.is_none() {
            break;
        }
        events = interview.reply("", at(minute)).unwrap();
    }
    assert!(matches!(events[..], [Event::MockKept(_)]));
    assert!(
        interview
            .step(at(30))
            .text
            .contains("What a strong senior engineer has")
    );
    assert!(interview.reply("0", at(30)).is_err());
    let events = interview.reply("1 2", at(31)).unwrap();
    let [Event::MockDone(done)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(done.points.iter().filter(|point| point.met).count(), 2);
    assert!(done.transcript.contains("**Interviewer:**"));
    let end = interview.step(at(31));
    assert_eq!(end.ask, Ask::Done);
    end.text.as_str().holds([
        "it predicts nothing about a hire",
        "Study next: what was missing",
        "A conversation is an append-only log",
        "1. read: `ddlab read sharded#changing-the-map-while-people-use-it`",
        "defend: `ddlab ask ch12-q4`",
        "try in the lab: `ddlab lab run sharded`",
        "See above: ",
    ]);
    end.text
        .as_str()
        .lacks(["Settles order within", "continents"]);
    assert_eq!(
        interview.leads().len(),
        end.text.matches(": `ddlab ").count() - 1
    );
    let log = [stored(events[0].clone())];
    assert!(transcript(&log, Some("chat")).is_some() && transcript(&log, Some("x")).is_none());
}

#[test]
fn level_and_length_are_chosen_before_the_clock_runs() {
    let prompt = prompt::find(&Library::embedded(), "chat").unwrap();
    let mut interview = Interview::offered(prompt, Level::Senior, 45, at(0));
    assert!(interview.keep(at(1)).is_empty() && !interview.is_timed());
    interview
        .step(at(1))
        .text
        .as_str()
        .holds(["**45 minutes**, as chosen"]);
    for typed in ["3", "4"] {
        interview.reply(typed, at(2)).unwrap();
    }
    assert!(interview.reply("9", at(3)).is_err());
    assert!(matches!(
        interview.reply("", at(9)).unwrap()[..],
        [Event::MockKept(_)]
    ));
    assert_eq!(interview.state.level, "staff");
    let phase = Phase::Requirements;
    let left = format!("{} · {}", phase.name(), countdown(phase, 20, 0));
    assert_eq!(interview.step(at(9)).status, left);
}

#[test]
fn who_missed_nothing_is_shown_what_else_the_topic_offers() {
    let mut interview = begun(0);
    interview.state.phase = None;
    interview.reply("1 2 3 4 5 6 7 8 9", at(1)).unwrap();
    let end = interview.step(at(1)).text;
    end.as_str()
        .holds(["Study next", "1. read: `ddlab read sharded`"]);
    let (last, before) = interview.leads().split_last().unwrap();
    assert_eq!(before, interview.prompt.study);
    let brief = "chat".to_owned();
    assert_eq!(*last, Lead::Design { brief });
}

#[test]
fn a_judge_that_is_set_is_asked_at_the_debrief() {
    let set = crate::judge::typed("http://127.0.0.1:1/v1 m").unwrap();
    let mut interview = begun(0).with_judge(set);
    interview.state.phase = None;
    interview.reply("judge", at(1)).unwrap();
    let asked = interview.asks_judge().unwrap();
    assert_eq!(asked.points.len(), interview.prompt.points.len());
    assert!(matches!(interview.step(at(1)).ask, Ask::Wait { .. }));
    let verdict = judge::Verdict::Met("one log".to_owned());
    let verdicts = [(asked.points[1].id.clone(), verdict)].into();
    interview.judged(Ok(&verdicts));
    interview.step(at(1)).text.as_str().holds(["by “one log”"]);
    interview.judged(Err("the judge is gone".to_owned()));
    interview
        .step(at(1))
        .text
        .as_str()
        .holds(["the judge is gone"]);
    let mut without = begun(0);
    without.state.phase = None;
    assert!(without.reply("judge", at(1)).is_err());
}

#[test]
fn it_is_resumed_where_it_was_left_and_time_away_does_not_count() {
    let mut interview = begun(45);
    interview.reply("How many users?", at(1)).unwrap();
    let kept = interview.pause(at(2));
    let log = [stored(kept[0].clone())];
    let prompt = interview.prompt.clone();
    let mut again = Interview::resumed(&prompt, &log, at(600)).unwrap();
    assert_eq!(again.state.turns, interview.state.turns);
    assert_eq!(again.step(at(601)).status, "requirements · 02:00 left");
    again
        .step(at(601))
        .text
        .holds(["goes on where you left it"]);
    again.reply("/anew", at(602)).unwrap();
    assert_eq!(again.step(at(602)).status, "requirements · 05:00 left");
    assert_eq!(again.state.turns.len(), 1);
    let mut done = log.to_vec();
    done.push(stored(interview.done()));
    assert!(Interview::resumed(&prompt, &done, at(600)).is_none());
}
