use super::*;

fn fan_out() -> KnobSpec {
    KnobSpec::count("fan_out", 20, 1, 2000)
}

fn slots() -> KnobSpec {
    KnobSpec::count("slots", 8, 1, 10).or_words(&["inf"])
}

fn hedge_after() -> KnobSpec {
    KnobSpec::duration("hedge_after", 20_000_000, 100_000, 10_000_000_000)
        .or_words(&["p50", "p90", "p95", "p99"])
        .starting_at("p95")
}

fn policy() -> KnobSpec {
    KnobSpec::choice("policy", &["wait_all", "deadline", "hedge"])
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
        KnobSpec::share("budget", 0.05, 0.01).parse("7%"),
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
        KnobSpec::switch("fencing", false).parse("on"),
        Ok(KnobValue::Switch(true))
    );
    assert!(
        KnobSpec::distribution("service", "const:1ms")
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
    assert!(refusal(&fan_out(), "2.5").contains("whole number"));
    assert!(refusal(&fan_out(), "NaN").contains("out of range"));
    assert!(refusal(&fan_out(), "many").contains("it is not a number"));
    assert!(refusal(&policy(), "hedged").contains("did you mean `hedge`?"));
    assert!(refusal(&hedge_after(), "p9").contains("did you mean `p9"));
    assert!(refusal(&hedge_after(), "20").contains("100ms"));
    assert!(
        refusal(&KnobSpec::distribution("service", "const:1ms"), "bell:3").contains("exp:10ms")
    );
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
    assert_eq!(settings.count("fan_out"), 3);
}

#[test]
fn turning_walks_over_numbers_and_words_and_stops_at_the_ends() {
    let slots = slots();
    assert_eq!(slots.turned(&number(9.0), 1), number(10.0));
    assert_eq!(slots.turned(&number(10.0), 1), word("inf"));
    assert_eq!(slots.turned(&word("inf"), 1), word("inf"));
    assert_eq!(slots.turned(&word("inf"), -1), number(10.0));
    assert_eq!(slots.turned(&number(1.0), -1), number(1.0));

    let straggler = KnobSpec::count("straggler", 1, 1, 20).or_words(&["none"]);
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
    let every = KnobSpec::distribution("pause_every", "const:40s").starting_at("off");
    let first = KnobValue::Distribution("const:40s".to_owned());
    assert_eq!(every.turned(&word("off"), 1), first);
    assert_eq!(every.turned(&word("off"), -1), first);
    assert_eq!(every.turned(&first, 1), word("off"));
    let oftener = KnobValue::Distribution("const:32s".to_owned());
    assert_eq!(every.turned(&first, -1), oftener);
    assert_eq!(every.turned(&oftener, 1), first);
    let takes = KnobSpec::distribution("job_takes", "const:40s");
    assert_eq!(
        takes.turned(&first, 1),
        KnobValue::Distribution("const:50s".to_owned())
    );
}

#[test]
fn turned_numbers_are_such_as_a_person_would_write() {
    let budget = KnobSpec::share("budget", 0.05, 0.01);
    assert_eq!(budget.turned(&number(0.05), 1), number(0.06));
    assert_eq!(budget.turned(&number(0.3), -1), number(0.29));
    let rps = KnobSpec::quantity("arrival_rps", "rps", 50.0, 0.1, 5000.0);
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
        KnobSpec::share("budget", 0.05, 0.01).human(&number(0.05)),
        "5 %"
    );
    assert_eq!(fan_out().human(&number(20.0)), "20");
}
