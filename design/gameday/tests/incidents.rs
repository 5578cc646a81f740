//! Each incident of the library, over several seeds.

use super::{evening, shift};
use crate::gameday::action::Action;
use crate::gameday::board::Part;
use crate::gameday::expert;
use crate::gameday::library::{LIBRARY, Template, template};
use crate::gameday::night::{LAST, Night};
use crate::gameday::score::{Effect, effects, score};
use crate::gameday::shift::{Refused, Shift};
use ddlab_labs::engine::keyed;
use std::time::Duration;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;

#[test]
fn a_calm_evening_calls_nobody() {
    for seed in SEEDS {
        let mut shift = shift(seed, Vec::new());
        shift.wait(Duration::from_mins(10)).unwrap();
        assert!(shift.alarms.is_empty(), "seed {seed}: {:?}", shift.alarms);
    }
}

/// The path shows what it says, and mends it. On the way no other incident's path holds: all steps of one together
/// tell it from all others.
#[track_caller]
fn is_found_and_mended(id: &str) {
    for seed in SEEDS {
        let mut shift = evening(template(id).unwrap(), seed);
        let incident = shift.cases[0].incident.clone();
        expert::wait_for_page(&mut shift, 0).unwrap();
        let missed = expert::find(&mut shift, &incident).unwrap();
        assert!(
            missed.is_empty(),
            "{id} {seed}: {missed:#?} {}",
            seen(&shift)
        );
        assert!(
            shift.cases[0].paged.is_some(),
            "{id} {seed}: nobody is called {}",
            seen(&shift)
        );
        let others = others_that_fit(&shift, id);
        assert!(
            others.is_empty(),
            "{id} {seed} looks like {others:?} {}",
            seen(&shift)
        );
        shift.name(Some(incident.cause));
        let acted = shift.now();
        expert::act(&mut shift, &incident.mend).unwrap();
        expert::wait_until_well(&mut shift, 0).unwrap();
        let Some(mitigated) = shift.cases[0].mitigated else {
            panic!("{id} {seed}: it goes on {}", seen(&shift))
        };
        // Whether lots are closed again shows with the next lot.
        let counts_lots = incident.burns.contains(&"closings");
        assert!(
            mitigated >= acted || counts_lots,
            "{id} {seed}: well at {mitigated:?}, and mended at {acted:?}"
        );
        if seed == *SEEDS.start() {
            assert!(score(&shift).cases[0].named.is_some());
            let effects = effects(&shift, || ()).unwrap();
            assert!(
                !effects.iter().any(Effect::is_worse),
                "{id} {seed}: {effects:?}"
            );
        }
    }
}

/// Incidents whose whole path holds at this moment.
fn others_that_fit(shift: &Shift, id: &str) -> Vec<&'static str> {
    let fits = |template: &&Template| {
        let incident = (template.make)(&mut keyed(1, "test", &[]));
        let mut path = incident.path.iter();
        template.id != id && path.all(|step| step.clue.holds(&shift.board, &shift.log))
    };
    let fitting = LIBRARY.iter().filter(fits);
    fitting.map(|template| template.id).collect()
}

/// What people do first leaves it as it is.
#[track_caller]
fn outlives_what_people_do_first(id: &str) {
    for seed in SEEDS {
        let mut shift = evening(template(id).unwrap(), seed);
        expert::wait_for_page(&mut shift, 0).unwrap();
        shift.name(None);
        let naive = shift.cases[0].incident.naive.clone();
        expert::act(&mut shift, &naive.actions).unwrap();
        expert::wait_until_well(&mut shift, 0).unwrap();
        assert_eq!(
            shift.cases[0].mitigated,
            None,
            "{id} {seed}: {:?} mend it {}",
            naive.actions,
            seen(&shift)
        );
    }
}

/// All figures of all parts, for a failure.
fn seen(shift: &Shift) -> String {
    let part = |part: &Part| {
        let figures = part.figures.iter();
        let figures = figures
            .filter_map(|figure| Some(format!("{}={}", figure.name, figure.show(figure.now()?))));
        format!("\n{}: {}", part.name, figures.collect::<Vec<_>>().join(" "))
    };
    shift.board.parts.iter().map(part).collect()
}

macro_rules! incidents {
    ($($test:ident: $id:literal),+ $(,)?) => {
        $( mod $test {
            #[test]
            fn is_found_and_mended() { super::is_found_and_mended($id); }

            #[test]
            fn outlives_what_people_do_first() { super::outlives_what_people_do_first($id); }
        } )+

        #[test]
        fn every_incident_of_the_library_is_tried() {
            let tried = [$($id),+];
            let all: Vec<&str> = LIBRARY.iter().map(|template| template.id).collect();
            assert_eq!(tried.to_vec(), all);
        }
    };
}

incidents! {
    bad_rollout: "bad-rollout",
    zone_down: "zone-down",
    certificate: "certificate",
    renamed_metric: "renamed-metric",
    cold_functions: "cold-functions",
    connections: "connections",
    hot_lot: "hot-lot",
    poison_image: "poison-image",
    quota: "quota",
    rebalance_storm: "rebalance-storm",
    slow_leaf: "slow-leaf",
    straggler: "straggler",
    cold_cache: "cold-cache",
    log_disk: "log-disk",
    noisy_neighbour: "noisy-neighbour",
    racing_clock: "racing-clock",
    retry_storm: "retry-storm",
    slow_dependency: "slow-dependency",
    stale_owner: "stale-owner",
}

#[test]
fn an_action_needs_a_word_on_the_cause_first() {
    let mut shift = evening(template("certificate").unwrap(), 1);
    expert::wait_for_page(&mut shift, 0).unwrap();
    let renew = Action::parse("renew fraud").unwrap();
    assert_eq!(shift.act(renew.clone()), Err(Refused::NoCause));
    shift.name(None);
    assert_eq!(shift.act(renew), Ok(()));
}

#[test]
fn the_same_night_with_the_same_actions_is_the_same_run() {
    let mut shift = evening(template("slow-leaf").unwrap(), 5);
    expert::work_one(&mut shift, 0).unwrap();
    let again = shift.again(&shift.actions(), shift.now()).unwrap();
    assert_eq!(again.digest(), shift.digest());
    assert_eq!(again.alarms, shift.alarms);
}

#[test]
fn an_action_that_makes_it_worse_is_found_out() {
    let mut shift = evening(template("slow-leaf").unwrap(), 1);
    expert::wait_for_page(&mut shift, 0).unwrap();
    shift.name(None);
    let stop = ["stop catalog 1", "stop catalog 2"].map(str::to_owned);
    expert::act(&mut shift, &stop).unwrap();
    shift.wait(Duration::from_mins(3)).unwrap();
    let effects = effects(&shift, || ()).unwrap();
    assert!(effects.iter().any(Effect::is_worse), "{effects:?}");
    assert!(!effects.iter().any(Effect::is_better), "{effects:?}");
}

#[test]
fn a_night_is_one_line_and_the_same_for_everybody() {
    for number in 1..=u64::from(LAST) {
        for seed in 0..50 {
            let night = Night::new(number, seed).unwrap();
            let incidents = night.incidents();
            assert!(
                (1..=3).contains(&incidents.len()),
                "{night}: {}",
                incidents.len()
            );
            assert!(
                incidents
                    .windows(2)
                    .all(|pair| pair[0].begins < pair[1].begins)
            );
            let read: Night = night.to_string().parse().unwrap();
            assert_eq!(read.incidents(), incidents);
        }
    }
    assert!(Night::new(7, 1).is_err());
    assert!(
        "ddlab-gameday 999 night 1 seed 1"
            .parse::<Night>()
            .unwrap_err()
            .to_string()
            .contains("version 999")
    );
    assert!("night 1".parse::<Night>().is_err());
}

#[test]
fn an_action_that_is_wrong_says_what_would_do() {
    let said = |text: &str| Action::parse(text).unwrap_err().to_string();
    assert!(said("restart bid").contains("`bids`"));
    assert!(said("restart bids 9").contains("from 1 to 6"));
    assert!(said("dance bids").contains("they are:"));
    assert!(said("scale bids").contains("write a number"));
    assert!(said("scale auction-db 1").contains("no spare machines"));
    assert!(said("stop buyers").contains("can't be stopped"));
    assert!(said("set bidders_rps=1").contains("not yours"));
    assert!(said("set fraud_error_ratio=0").contains("not yours"));
    assert!(said("set images_poison_ratio=0").contains("not yours"));
    assert!(said("set bids_slots=many").contains("bids_slots"));
}
