use super::plan;
use crate::engine::{SimTime, Stream};
use crate::sharded::keys::KeyId;
use crate::sharded::memory::{Eviction, Memory, class};
use crate::sharded::pattern::ShardId;
use crate::sharded::shard::Name;
use crate::sharded::{LAB, Sharded, Tamper, table};
use crate::trial::{
    broken_one, frame_at, get, has_all_of, near, plan_of, run, run_whole, turns_every_knob, value,
};
use crate::workbench::frame::{Frame, InvariantView, NodeState, Statistic};
use crate::workbench::intervention::Intervention;
use crate::workbench::knob::KnobValue;
use crate::workbench::lab::Lab;
use crate::workbench::session::Session;
use crate::workbench::trace::{Outcome, PhaseKind};

fn secs(n: u64) -> SimTime {
    SimTime::from_secs(n)
}

fn session(set: &str) -> Session {
    Session::start(plan(1, 60, set))
}

fn read(frame: &Frame, metric: &str, statistic: Statistic) -> f64 {
    let found = frame.metric(metric).and_then(|m| m.recent.get(statistic));
    found.unwrap_or_else(|| panic!("`{metric}` has no {statistic:?}"))
}

fn shards(frame: &Frame) -> usize {
    let shards = frame.nodes.iter().filter(|node| node.role == &table::SHARD);
    shards.count()
}

#[test]
fn the_table_has_every_name_that_scripts_use() {
    has_all_of(
        &LAB,
        "arrival_rps keys skew read_ratio shards strategy vnodes bounded_load shard_service \
         shard_slots shard_memory origin_service origin_slots mitigation hot_copies network \
         add_shard remove_shard crash restart celebrity calm latency_ms hit_ratio origin_rps \
         shard_load_max_over_mean shard_load_cv keys_moved_ratio errors_total \
         stale_reads_total requests_total shed_total",
    );
}

#[test]
fn every_request_is_accounted_for() {
    let at = "1s:crash=2 3s:add_shard 4s:celebrity=9 6s:restart=2";
    let set = "arrival_rps=4000 timeout=100ms";
    let report = run(plan(1, 10, &format!("{set} {at}")));
    let answered = get(&report, "latency_ms", Statistic::Count);
    let ended = answered + value(&report, "errors_total") + value(&report, "shed_total");
    let in_progress = get(&report, "in_progress", Statistic::Last);
    near(value(&report, "requests_total") - ended, in_progress, 0.5);
    assert!(value(&report, "errors_total") > 0.0);
}

#[test]
fn a_warm_cache_misses_what_was_written_and_nothing_else() {
    let report = run(plan(1, 10, "skew=0"));
    // Each write deletes one of 10,000 equally wanted keys, and its next read misses. In ten seconds
    // each is wanted about twice: of the 1,000 that were deleted most have been missed by then.
    let misses = 1.0 - value(&report, "hit_ratio");
    assert!((0.005..0.05).contains(&misses), "{misses}");
    let pure = run(plan(1, 10, "read_ratio=1"));
    near(value(&pure, "hit_ratio"), 1.0, 1e-9);
    assert!(get(&pure, "origin_rps", Statistic::Max) < 0.5);
}

#[test]
fn add_shard_and_remove_shard_change_the_map_and_say_what_moved() {
    let mut session = session("shards=10 strategy=jump");
    session.act("add_shard", None).unwrap();
    let grown = frame_at(&mut session, 1);
    assert_eq!(shards(&grown), 11);
    assert_eq!(session.knobs().value("shards"), &KnobValue::Number(11.0));
    let moved = read(&grown, "keys_moved_ratio", Statistic::Last);
    near(moved, 1.0 / 11.0, 0.015);
    let logs = |frame: &Frame, text: &str| frame.log.iter().any(|line| line.text.contains(text));
    assert!(logs(&grown, "shard 11 joined: "), "{:?}", grown.log);
    session.act("remove_shard", None).unwrap();
    let shrunk = frame_at(&mut session, 2);
    assert_eq!(shards(&shrunk), 10);
    assert_eq!(session.knobs().value("shards"), &KnobValue::Number(10.0));
    assert!(logs(&shrunk, "shard 11 left: "));
    let refused = session.act("remove_shard", Some("3")).unwrap_err();
    assert!(
        refused.to_string().contains("only the last one, shard 10"),
        "{refused}"
    );
    let refused = session.act("remove_shard", Some("99")).unwrap_err();
    assert!(
        refused.to_string().contains("the last shard is 10"),
        "{refused}"
    );
}

#[test]
fn the_knob_shards_adds_and_removes_the_newest() {
    let mut session = session("strategy=ring shards=10");
    for (count, expected) in [("shards=11", 11), ("shards=13", 13), ("shards=2", 2)] {
        let intervention = Intervention::parse(count, LAB.spec()).unwrap();
        session.intervene(intervention).unwrap();
        let at = session.now() + std::time::Duration::from_millis(300);
        session.advance(at, u64::MAX);
        assert_eq!(shards(&session.frame()), expected);
    }
    let invariants = session.lab().instruments().invariants();
    assert!(invariants.iter().all(|one| one.held));
}

#[test]
fn the_only_shard_stays_and_there_is_an_end_to_growth() {
    let mut session = session("shards=1 arrival_rps=10");
    let refused = session.act("remove_shard", None).unwrap_err().to_string();
    assert!(refused.contains("the last shard"), "{refused}");
    let intervention = Intervention::parse("shards=256", LAB.spec()).unwrap();
    session.intervene(intervention).unwrap();
    let refused = session.act("add_shard", None).unwrap_err().to_string();
    assert!(refused.contains("256"), "{refused}");
}

#[test]
fn a_dead_shard_sends_its_keys_to_the_origin_and_the_others_feel_nothing() {
    let mut session = session("skew=0 arrival_rps=1000 shards=10");
    let before = frame_at(&mut session, 3);
    session.act("crash", Some("3")).unwrap();
    let down = frame_at(&mut session, 6);
    assert_eq!(down.nodes[3].state, NodeState::Down);
    assert_eq!(down.nodes[3].name, "shard 3");
    let origin = |frame: &Frame| read(frame, "origin_rps", Statistic::Last);
    assert!(origin(&down) > origin(&before) + 30.0);
    assert!(read(&down, "errors_total", Statistic::Value) < 5.0);
    session.act("restart", Some("3")).unwrap();
    let up = frame_at(&mut session, 20);
    assert_eq!(up.nodes[3].state, NodeState::Up);
    assert!(origin(&up) < origin(&down));
    assert!(session.act("crash", Some("11")).is_err());
}

#[test]
fn a_celebrity_heats_one_shard_until_calm() {
    let mut session = session("skew=0 arrival_rps=1000 shards=10");
    let load = |frame: &Frame| read(frame, "shard_load_max_over_mean", Statistic::Last);
    assert!(load(&frame_at(&mut session, 6)) < 1.5);
    session.act("celebrity", Some("123")).unwrap();
    let famous = frame_at(&mut session, 12);
    near(load(&famous), 4.6, 0.4);
    assert!(
        famous
            .log
            .iter()
            .any(|line| line.text.starts_with("key 123 is hot, on shard "))
    );
    session.act("calm", None).unwrap();
    let calm = frame_at(&mut session, 20);
    assert!(load(&calm) < 1.5);
    assert!(
        calm.log
            .iter()
            .any(|line| line.text == "key 123 has cooled down")
    );
    for wrong in ["0", "1.5", "10001"] {
        let refused = session.act("celebrity", Some(wrong)).unwrap_err();
        assert!(refused.to_string().contains("from 1 to 10000"), "{refused}");
    }
}

#[test]
fn a_shard_that_remembers_less_hits_less() {
    let hits = |memory| {
        value(
            &run(plan(1, 10, &format!("{memory} origin_slots=100"))),
            "hit_ratio",
        )
    };
    let (small, large) = (hits("shard_memory=100"), hits("shard_memory=4000"));
    assert!(small < large - 0.1, "{small} {large}");
}

#[test]
fn every_knob_that_needs_no_restart_turns_while_the_lab_runs() {
    turns_every_knob(session("arrival_rps=500 keys=500"));
}

#[test]
fn nothing_is_stale_while_nothing_lags_whatever_becomes_hot() {
    for mitigation in ["none", "split_keys", "dedicated"] {
        for split_for in ["reads", "writes"] {
            let cure = format!("mitigation={mitigation} split_for={split_for} strategy=ring");
            let load = "read_ratio=0.9 keys=20 hot_share=0.08 arrival_rps=900 origin_slots=60";
            let at = "2s:celebrity=9 5s:calm 8s:celebrity=3 9s:hot_copies=5";
            let report = run_whole(plan(4, 12, &format!("{cure} {load} {at}")));
            let stale = value(&report, "stale_reads_total");
            assert!(stale < 0.5, "{mitigation} {split_for}: {stale}");
        }
    }
}

static MISROUTES: Sharded = Sharded {
    tamper: Tamper {
        route: |request, owner| {
            if request == 100 {
                ShardId(owner.0 % 5 + 1)
            } else {
                owner
            }
        },
        ..Tamper::NONE
    },
};
static FORGETS: Sharded = Sharded {
    tamper: Tamper {
        forgets: |request| request > 500,
        ..Tamper::NONE
    },
};
static PROMISES: Sharded = Sharded {
    tamper: Tamper {
        promises: |_| true,
        ..Tamper::NONE
    },
};

static LATE_ROUTER_MISSES_ONE: Sharded = Sharded {
    tamper: Tamper {
        list: |members| {
            members.pop();
        },
        ..Tamper::NONE
    },
};

/// The one invariant that a run of this lab breaks.
#[track_caller]
fn broken(lab: &'static Sharded) -> InvariantView {
    broken_one(plan_of(lab, 1, 5, "2s:add_shard"))
}

#[test]
fn a_router_that_errs_once_breaks_the_first_invariant_with_moment_and_culprit() {
    let broken = broken(&MISROUTES);
    assert_eq!(broken.name, "every key has exactly one owner");
    assert!(broken.first_broken_at.is_some_and(|at| at < secs(1)));
    assert!(
        broken.detail.starts_with("request 100 took shard "),
        "{}",
        broken.detail
    );
    assert!(broken.detail.contains("broken 1 of"));
}

#[test]
fn a_router_that_starts_later_with_another_list_breaks_the_fourth_invariant() {
    let broken = broken(&LATE_ROUTER_MISSES_ONE);
    assert_eq!(broken.name, "a router that starts later has the same map");
    assert!(
        broken.detail.contains("for a router that starts now"),
        "{}",
        broken.detail
    );
}

#[test]
fn an_origin_that_forgets_breaks_the_second_invariant() {
    let broken = broken(&FORGETS);
    assert_eq!(broken.name, "no acknowledged write is lost");
    assert!(
        broken.detail.contains("the origin has 0"),
        "{}",
        broken.detail
    );
}

#[test]
fn modulo_held_to_the_promise_of_the_ring_breaks_the_third_invariant() {
    let broken = broken(&PROMISES);
    assert!(broken.name.starts_with("a resize moves no key"));
    assert_eq!(broken.first_broken_at, Some(secs(2)));
    assert!(broken.detail.contains("and both stay"), "{}", broken.detail);
}

#[test]
fn an_absurd_overload_is_shed_and_its_memory_is_bounded() {
    let set = "arrival_rps=50000 timeout=60s shard_service=const:100ms";
    let mut session = session(set);
    let mut census = Vec::new();
    for half_seconds in 1..=6 {
        session.advance(SimTime::from_millis(500 * half_seconds), u64::MAX);
        census.push(session.census());
    }
    let frame = session.frame();
    assert!(read(&frame, "shed_total", Statistic::Value) > 50_000.0);
    assert!(frame.log.iter().any(|line| line.text.contains("overload")));
    for taken in &census {
        assert!(taken.tasks <= 30_000 && taken.calls <= 30_000, "{taken:?}");
    }
    assert!(
        census[5].room <= census[1].room * 11 / 10 + 100,
        "{census:?}"
    );
}

#[test]
fn a_long_time_leaves_nothing_behind() {
    let set = "arrival_rps=200 keys=300 mitigation=front_cache shard_memory=20";
    let mut session = session(set);
    session.advance(secs(100), u64::MAX);
    let early = session.census();
    session.advance(secs(600), u64::MAX);
    let late = session.census();
    assert!(late.room <= early.room * 3 / 2 + 50, "{early:?} {late:?}");
}

fn memory(capacity: usize, eviction: Eviction) -> Memory {
    Memory::new(capacity, eviction, None, Stream::new(1, "evictions"))
}

fn name(key: u32) -> Name {
    Name {
        key: KeyId(key),
        epoch: 0,
        copy: 0,
    }
}

const NOW: SimTime = SimTime::ZERO;

#[test]
fn a_memory_forgets_what_was_used_least_recently() {
    let mut memory = memory(2, Eviction::Lru);
    memory.put(name(1), 1, NOW);
    memory.put(name(2), 1, NOW);
    assert_eq!(memory.get(name(1), NOW), Some(1));
    memory.put(name(3), 1, NOW);
    assert_eq!(memory.get(name(2), NOW), None, "1 was used since");
    assert_eq!(memory.len(), 2);
}

#[test]
fn a_slow_miss_brings_nothing_back_that_was_deleted_meanwhile() {
    let mut memory = memory(2, Eviction::Lru);
    assert_eq!(memory.get(name(1), NOW), None);
    assert_eq!(memory.get(name(1), NOW), None, "two fetch it at once");
    memory.delete(name(1), 5);
    memory.fill(name(1), 5, NOW);
    assert_eq!(
        memory.get(name(1), NOW),
        Some(5),
        "it was read after the write"
    );
    memory.delete(name(1), 6);
    memory.fill(name(1), 5, NOW);
    assert_eq!(
        memory.get(name(1), NOW),
        None,
        "the slow one was read before"
    );
    memory.fill(name(1), 6, NOW);
    memory.delete(name(1), 6);
    assert_eq!(
        memory.get(name(1), NOW),
        Some(6),
        "it is as new as that write"
    );
}

#[test]
fn deletes_of_names_that_are_not_cached_take_no_room() {
    let mut memory = memory(10, Eviction::Lru);
    for key in 0..10 {
        memory.put(name(key), 1, NOW);
    }
    for key in 100..10_000 {
        memory.delete(name(key), 1);
    }
    assert!((0..10).all(|key| memory.get(name(key), NOW).is_some()));
}

#[test]
fn sampled_eviction_forgets_the_least_used_of_five_and_so_errs_now_and_then() {
    // A thousand entries in order of use, and a hundred more: true LRU would evict the first hundred. The
    // oldest of five random ones is at the place x with density 5 (1 - x)^4: a sixth from the old end, on average.
    let mut memory = memory(1_000, Eviction::Sampled);
    for key in 0..1_100 {
        memory.put(name(key), 1, NOW);
    }
    assert_eq!(memory.len(), 1_000);
    let evicted: Vec<u32> = (0..1_100)
        .filter(|key| memory.get(name(*key), NOW).is_none())
        .collect();
    assert_eq!(evicted.len(), 100);
    let mean = f64::from(evicted.iter().sum::<u32>()) / 100.0;
    assert!((130.0..230.0).contains(&mean), "{mean}");
    assert!(evicted.iter().any(|key| *key >= 100), "LRU would not");
}

#[test]
fn slabs_evict_among_values_of_one_size_and_have_no_room_for_a_size_that_comes_too_late() {
    let of_size = |size: usize| (0..).map(name).filter(move |name| class(*name) == size);
    let small: Vec<Name> = of_size(0).take(161).collect();
    let large = of_size(1).next().unwrap();
    let kept = |eviction| {
        let mut memory = memory(160, eviction);
        for name in small.iter().take(160).chain([&large, &small[160]]) {
            memory.put(*name, 1, NOW);
        }
        let mut kept = |name| memory.get(name, NOW).is_some();
        [
            kept(small[0]),
            kept(small[1]),
            kept(large),
            kept(small[160]),
        ]
    };
    assert_eq!(kept(Eviction::Lru), [false, false, true, true]);
    assert_eq!(
        kept(Eviction::Slab),
        [false, true, false, true],
        "all pages are of the other size"
    );
}

#[test]
fn a_shard_four_times_as_large_is_used_when_the_map_knows_its_weight() {
    let world = "first_size=4 strategy=rendezvous skew=0 shard_memory=20000";
    let balance = |weights| {
        let set = format!("{world} {weights}");
        get(
            &run(plan(1, 20, &set)),
            "shard_load_max_over_mean",
            Statistic::Mean,
        )
    };
    // By its size it gets half of what it could take, and each of the others 1.18 times the mean.
    let (by_weight, alike) = (balance("weights=on"), balance("weights=off"));
    assert!(by_weight < 1.1, "{by_weight}");
    assert!((1.15..1.3).contains(&alike), "{alike}");
}

#[test]
fn an_entry_expires() {
    let luck = Stream::new(1, "evictions");
    let ttl = Some(std::time::Duration::from_secs(10));
    let mut memory = Memory::new(2, Eviction::Lru, ttl, luck);
    memory.put(name(1), 7, secs(5));
    assert_eq!(memory.get(name(1), secs(14)), Some(7));
    assert!(
        memory.get(name(1), secs(15)).is_none(),
        "ten seconds after it came in"
    );
    assert_eq!(memory.len(), 0);
}

/// Stale reads over a resize there and back.
fn stale(words: &str) -> f64 {
    let world = "shards=10 strategy=ring read_ratio=0.8 arrival_rps=1000 skew=0.6";
    let mut plan = plan(1, 15, &format!("{world} {words}"));
    plan.warmup = SimTime::ZERO;
    value(&run(plan), "stale_reads_total")
}

#[test]
fn a_shard_that_was_cut_off_and_comes_back_with_its_old_memory_serves_stale_values() {
    // It is taken off the ring while it is cut off, and put back when it is reached again.
    let at = "2s:cut=3 3s:remove_shard=3 9s:add_shard 9001ms:heal=3";
    assert!(stale(&format!("rejoin=flushed {at}")) < 0.5);
    let old = stale(&format!("rejoin=as_it_was {at}"));
    assert!(old > 50.0, "{old}");
    let bounded = stale(&format!("rejoin=as_it_was ttl=2s {at}"));
    assert!(bounded < 0.5, "what it had has expired by then: {bounded}");
}

#[test]
fn two_routers_that_hear_of_a_resize_at_different_times_serve_stale_values_and_a_ttl_bounds_them() {
    let resize = "3s:add_shard";
    assert!(stale(&format!("strategy=modulo {resize}")) < 0.5);
    let apart = stale(&format!("strategy=modulo router_lag=3s {resize}"));
    assert!(apart > 20.0, "{apart}");
    let bounded = stale(&format!("strategy=modulo router_lag=3s ttl=500ms {resize}"));
    assert!(bounded < apart * 0.7, "{bounded} of {apart}");
}

#[test]
fn misses_of_one_key_fly_together_when_asked_to() {
    // A dead shard and a celebrity on it: each of its reads is a miss.
    let origin = |single_flight: &str| {
        let set =
            format!("shards=1 celebrity_key=1 read_ratio=1 origin_slots=1000 {single_flight}");
        let report = run(plan(1, 8, &format!("{set} arrival_rps=500 1s:crash=1")));
        get(&report, "origin_rps", Statistic::Mean)
    };
    let (apart, together) = (origin("single_flight=off"), origin("single_flight=on"));
    // 200 a second for the celebrity become one at a time, 50 a second; the rest flies alone.
    assert!(together < apart - 100.0, "{apart} {together}");
}

#[test]
fn a_rate_that_rises_takes_effect_at_once() {
    let mut session = session("arrival_rps=1");
    session.advance(secs(5), u64::MAX);
    let rise = Intervention::parse("arrival_rps=2000", LAB.spec()).unwrap();
    session.intervene(rise).unwrap();
    session.advance(SimTime::from_millis(5_100), u64::MAX);
    let arrived = read(&session.frame(), "requests_total", Statistic::Value);
    assert!(arrived > 100.0, "{arrived} in a tenth of a second");
}

#[test]
fn a_resize_of_several_steps_reports_what_moved_in_all() {
    let mut session = session("shards=10 strategy=jump");
    let rise = Intervention::parse("shards=20", LAB.spec()).unwrap();
    session.intervene(rise).unwrap();
    let frame = frame_at(&mut session, 1);
    let moved = read(&frame, "keys_moved_ratio", Statistic::Last);
    near(moved, 0.5, 0.02);
    let joined = "shards 11 to 20 joined: ";
    assert!(
        frame.log.iter().any(|line| line.text.starts_with(joined)),
        "{:?}",
        frame.log
    );
}

#[test]
fn the_slowest_request_shows_why_it_was_slow() {
    let mut session = session("network=const:1ms");
    let frame = frame_at(&mut session, 10);
    let slowest = &frame.slowest[0];
    let took = slowest.ended.0 - slowest.started.0;
    let origin = slowest.spans.iter().find(|span| span.node == "origin");
    let origin = origin.expect("the slowest go to the origin");
    assert_eq!(origin.outcome, Outcome::Ok);
    let service = origin
        .phases
        .iter()
        .find(|phase| phase.kind == PhaseKind::Service);
    let service = service.expect("it was served");
    assert!((service.ended.0 - service.started.0) as f64 > 0.5 * took as f64);
    assert!(slowest.outcome.contains("of key "), "{}", slowest.outcome);
    for span in frame.slowest.iter().flat_map(|trace| &trace.spans[1..]) {
        assert_eq!(
            span.phases.first().map(|phase| phase.started),
            Some(span.started)
        );
        assert_eq!(span.phases.last().map(|phase| phase.ended), span.ended);
    }
}

#[test]
fn the_picture_has_the_map_the_origin_and_a_shard_for_hot_keys() {
    let set = "mitigation=dedicated celebrity_key=5 network=const:5ms";
    let mut session = session(set);
    let frame = frame_at(&mut session, 4);
    let names: Vec<&str> = frame.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names[..2], ["proxy", "shard 1"]);
    assert_eq!(names[6..], ["hot shard", "origin"]);
    assert_eq!(frame.links.len(), frame.nodes.len() - 1);
    assert!(!frame.flights.is_empty());
    assert!(
        frame
            .flights
            .iter()
            .all(|flight| (flight.from == 0) != (flight.to == 0))
    );
}

#[test]
fn the_figure_of_the_celebrity_gives_up_what_its_shard_cannot_do() {
    // The celebrity's shard is asked for 143 % of what it can do.
    let celebrity = crate::guides("sharded").figure("celebrity").unwrap();
    let frame = frame_at(&mut session(&celebrity.settings().join(" ")), 10);
    assert!(read(&frame, "errors_total", Statistic::Value) > 1_000.0);
}

#[test]
fn the_scenarios_of_the_chapter_are_understood() {
    for (set, at) in [
        (
            "mitigation=front_cache strategy=ring",
            "2s:celebrity=1 3s:add_shard",
        ),
        (
            "strategy=ring read_ratio=0.8",
            "2s:add_shard 3s:remove_shard",
        ),
        ("keys=10000 skew=0.99 strategy=modulo", "2s:add_shard"),
    ] {
        let set = format!("shards=10 {set}");
        run(plan(1, 4, &format!("{set} {at}")));
    }
}
