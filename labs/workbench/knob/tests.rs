use super::form::{choice, count, distribution, duration, quantity, share, switch};
use super::*;

crate::choices! {
    enum Policy {
        WaitAll,
        Deadline,
        Hedge,
    }
}

crate::choices! {
    enum Quantile {
        P50,
        P90,
        P95,
        P99,
    }
}

fn fan_out() -> KnobSpec {
    count(20, 1, 2000).named("fan_out")
}

fn slots() -> KnobSpec {
    count(8, 1, 10).or("inf").named("slots")
}

fn hedge_after() -> KnobSpec {
    duration("20ms", "100us", "10s")
        .or_one_of(Quantile::P95)
        .named("hedge_after")
}

fn policy() -> KnobSpec {
    choice::<Policy>().named("policy")
}

fn number(value: f64) -> KnobValue {
    KnobValue::Number(value)
}

fn word(text: &str) -> KnobValue {
    KnobValue::Word(text.to_owned())
}

fn refusal(knob: &KnobSpec, text: &str) -> String {
    knob.parse(text)
        .expect_err("it should be refused")
        .to_string()
}

#[test]
fn each_kind_reads_its_own_form() {
    assert_eq!(fan_out().parse("100"), Ok(number(100.0)));
    assert_eq!(
        share(0.05, 0.01).named("budget").parse("7%"),
        Ok(number(0.07))
    );
    assert_eq!(slots().parse("inf"), Ok(word("inf")));
    assert_eq!(hedge_after().parse("p95"), Ok(word("p95")));
    assert_eq!(
        hedge_after().parse("20ms"),
        Ok(KnobValue::Duration(20_000_000))
    );
    assert_eq!(policy().parse("HEDGE"), Ok(word("hedge")));
    assert_eq!(
        switch(false).named("fencing").parse("on"),
        Ok(KnobValue::Switch(true))
    );
    assert!(
        distribution("const:1ms")
            .named("service")
            .parse("exp:10ms")
            .is_ok()
    );
}

#[test]
fn a_refusal_says_what_was_wrong_and_what_would_do() {
    assert_eq!(
        refusal(&fan_out(), "3000"),
        "`fan_out` can't be `3000`: it is out of range; it takes 1 to 2000"
    );
    assert!(
        refusal(&fan_out(), "1e308").starts_with("`fan_out` can't be `1e308`: it is out of range")
    );
    let digits = refusal(&fan_out(), &"9".repeat(400));
    assert!(digits.len() < 200, "{digits}");
    let number = fan_out().check(&number(1e308)).unwrap_err().to_string();
    assert!(number.len() < 200, "{number}");
    assert!(refusal(&fan_out(), "2.5").contains("whole number"));
    assert!(refusal(&fan_out(), "NaN").contains("out of range"));
    assert!(refusal(&fan_out(), "many").contains("it is not a number"));
    assert!(refusal(&policy(), "hedged").contains("did you mean `hedge`?"));
    assert!(refusal(&hedge_after(), "p9").contains("did you mean `p9"));
    assert!(refusal(&hedge_after(), "20").contains("100ms"));
    assert!(refusal(&distribution("const:1ms").named("service"), "bell:3").contains("exp:10ms"));
}

#[test]
fn an_unknown_knob_names_the_nearest() {
    let specs: &'static [KnobSpec] = vec![fan_out(), policy()].leak();
    let mut settings = KnobSettings::defaults(specs);
    let error = settings.set_text("fanout=3").unwrap_err().to_string();
    assert_eq!(error, "there is no knob `fanout`; did you mean `fan_out`?");
    let error = settings.set_text("fan_out").unwrap_err().to_string();
    assert!(error.contains("fan_out=20"), "{error}");
    settings.set_text("fan_out=3").unwrap();
    assert_eq!(settings.value("fan_out"), &number(3.0));
}

#[test]
fn turning_goes_through_numbers_and_words_and_stops_at_the_ends() {
    let slots = slots();
    assert_eq!(slots.turned(&number(9.0), 1), number(10.0));
    assert_eq!(slots.turned(&number(10.0), 1), word("inf"));
    assert_eq!(slots.turned(&word("inf"), 1), word("inf"));
    assert_eq!(slots.turned(&word("inf"), -1), number(10.0));
    assert_eq!(slots.turned(&number(1.0), -1), number(1.0));

    let straggler = count(1, 1, 20).or("none").named("straggler");
    assert_eq!(straggler.turned(&number(1.0), -1), word("none"));
    assert_eq!(straggler.turned(&word("none"), 1), number(1.0));

    let hedge_after = hedge_after();
    assert_eq!(hedge_after.turned(&word("p95"), 1), word("p99"));
    assert_eq!(
        hedge_after.turned(&word("p99"), 1),
        KnobValue::Duration(20_000_000),
        "the value that the table names"
    );
    assert_eq!(
        hedge_after.turned(&KnobValue::Duration(100_000), -1),
        word("p99")
    );
    assert_eq!(hedge_after.turned(&word("p50"), -1), word("p50"));

    assert_eq!(policy().turned(&word("hedge"), 1), word("wait_all"));
    assert_eq!(policy().turned(&word("wait_all"), -1), word("hedge"));
}

#[test]
fn any_turn_leaves_off_for_the_distribution_of_the_table_and_beyond_it_lies_off() {
    let every = distribution("const:40s")
        .starting_at("off")
        .named("pause_every");
    let first = KnobValue::Distribution("const:40s".to_owned());
    assert_eq!(every.turned(&word("off"), 1), first);
    assert_eq!(every.turned(&word("off"), -1), first);
    assert_eq!(every.turned(&first, 1), word("off"));
    let oftener = KnobValue::Distribution("const:32s".to_owned());
    assert_eq!(every.turned(&first, -1), oftener);
    assert_eq!(every.turned(&oftener, 1), first);
    let takes = distribution("const:40s").named("job_takes");
    assert_eq!(
        takes.turned(&first, 1),
        KnobValue::Distribution("const:50s".to_owned())
    );
}

#[test]
fn turned_numbers_are_such_as_a_person_would_write() {
    let budget = share(0.05, 0.01).named("budget");
    assert_eq!(budget.turned(&number(0.05), 1), number(0.06));
    assert_eq!(budget.turned(&number(0.3), -1), number(0.29));
    let rps = quantity("rps", 50.0, 0.1, 5000.0).named("arrival_rps");
    assert_eq!(rps.turned(&number(50.0), 1), number(63.0));
    // A whole number moves by one at least, however flat the scale is there.
    assert_eq!(fan_out().turned(&number(1.0), 1), number(2.0));
    assert_eq!(fan_out().turned(&number(2.0), -1), number(1.0));
}

#[test]
fn values_are_shown_with_their_units() {
    assert_eq!(
        hedge_after().human(&KnobValue::Duration(100_000_000)),
        "100 ms"
    );
    assert_eq!(
        share(0.05, 0.01).named("budget").human(&number(0.05)),
        "5 %"
    );
    assert_eq!(fan_out().human(&number(20.0)), "20");
}

crate::knobs! {
    struct Knobs;
    enum Turned { Slots, Hedging }

    "cluster" {
        /// leaves that each
        /// request asks
        fan_out: usize = count(20, 1, 2_000).essential();
        /// searches at a time
        slots: Option<usize> = count(8, 1, 1_000).or("inf") => Slots;
    }
    "policy" {
        /// what is done about slow leaves
        policy: Policy = choice();
        /// when a second copy goes out
        hedge_after: Or<std::time::Duration, Quantile> =
            duration("20ms", "100us", "10s").or_one_of(Quantile::P95) => Hedging;
        /// how long a leaf works
        service: crate::engine::Distribution = distribution("const:1ms");
    }
}

fn settings() -> std::rc::Rc<Settings> {
    Settings::new(KnobSettings::defaults(Knobs::specs().leak()))
}

#[test]
fn a_declaration_gives_the_table_and_what_the_lab_reads() {
    let specs = Knobs::specs();
    let names: Vec<_> = specs.iter().map(|spec| spec.name).collect();
    assert_eq!(
        names,
        ["fan_out", "slots", "policy", "hedge_after", "service"]
    );
    assert_eq!(specs[0].help, "leaves that each request asks");
    assert_eq!((specs[1].group, specs[2].group), ("cluster", "policy"));
    assert!(specs[0].essential && !specs[1].essential);
    let knobs = Knobs::of(&settings());
    assert_eq!((knobs.fan_out.get(), knobs.slots.get()), (20, Some(8)));
    assert_eq!(knobs.policy.get(), Policy::WaitAll);
    assert_eq!(knobs.hedge_after.get(), Or::Word(Quantile::P95));
}

#[test]
fn who_reads_a_knob_has_its_new_value_as_soon_as_it_is_turned() {
    let settings = settings();
    let knobs = Knobs::of(&settings);
    let turned = settings.turn("slots", &word("inf")).unwrap();
    assert_eq!(
        (Turned::of(turned), knobs.slots.get()),
        (Some(Turned::Slots), None)
    );
    let turned = settings.turn("hedge_after", &KnobValue::Duration(5_000_000));
    assert_eq!(Turned::of(turned.unwrap()), Some(Turned::Hedging));
    let five = std::time::Duration::from_millis(5);
    assert_eq!(knobs.hedge_after.get(), Or::Value(five));
    let exp = KnobValue::Distribution("exp:2ms".to_owned());
    let turned = settings.turn("service", &exp).unwrap();
    assert_eq!(Turned::of(turned), None, "it is read where it matters");
    assert_eq!(knobs.service.borrow().to_string(), "exp:2ms");
    assert!(settings.turn("fan_out", &number(0.0)).is_err());
    assert_eq!(knobs.fan_out.get(), 20);
}

#[test]
fn what_a_lab_turns_the_settings_of_its_run_say_too() {
    let settings = settings();
    let knobs = Knobs::of(&settings);
    knobs.fan_out.turn(&3).unwrap();
    knobs.slots.turn(&None).unwrap();
    knobs.policy.turn(&Policy::Hedge).unwrap();
    assert_eq!(knobs.fan_out.get(), 3);
    let values = settings.values();
    assert_eq!(values.value("fan_out"), &number(3.0));
    assert_eq!(values.value("slots"), &word("inf"));
    assert_eq!(values.value("policy"), &word("hedge"));
}
