use super::*;
use crate::engine::rng::{Draw, Stream, keyed};
use proptest::prelude::*;

fn parse(text: &str) -> Distribution {
    text.parse().expect("it is a distribution")
}

#[test]
fn samples_have_the_mean_of_the_formula() {
    for text in [
        "const:10ms",
        "exp:10ms",
        "uniform:5ms..15ms",
        "lognormal:10ms,0.5",
        "pareto:5ms,3",
        "mix:90%*const:10ms,10%*exp:100ms",
        "shift:2ms+exp:8ms",
    ] {
        let distribution = parse(text);
        let mut stream = Stream::new(7, text);
        let count = 400_000_u32;
        let sum: f64 = (0..count)
            .map(|_| distribution.sample(&mut stream).as_secs_f64())
            .sum();
        let (mean, formula) = (
            sum / f64::from(count),
            distribution.mean().expect("it is finite").as_secs_f64(),
        );
        assert!(
            (mean / formula - 1.0).abs() < 0.01,
            "{text}: {mean} is not {formula}"
        );
    }
}

#[test]
fn quantiles_are_where_samples_fall() {
    for text in [
        "exp:10ms",
        "uniform:5ms..15ms",
        "lognormal:10ms,0.5",
        "pareto:5ms,1.5",
        "shift:2ms+exp:8ms",
    ] {
        let distribution = parse(text);
        for p in [0.5, 0.95, 0.99] {
            let limit = distribution.quantile(p).expect("it has a closed form");
            let below = (0..100_000_u64)
                .filter(|n| distribution.sample(&mut keyed(1, "test", &[*n])) <= limit)
                .count();
            let share = below as f64 / 100_000.0;
            assert!(
                (share - p).abs() < 0.005,
                "{text}: {share} below the {p}-quantile"
            );
        }
    }
}

#[test]
fn closed_forms_are_those_of_the_textbook() {
    let nanos = |span: Option<Duration>| span.map(|span| span.as_nanos());
    // -ln(0.01) = 4.605; exp(0.5^2 / 2) = 1.1331; 0.01^(-1/1.5) = 21.544.
    assert_eq!(nanos(parse("exp:10ms").quantile(0.99)), Some(46_051_702));
    assert_eq!(
        nanos(parse("lognormal:10ms,0.5").quantile(0.5)),
        Some(10_000_000)
    );
    assert_eq!(nanos(parse("lognormal:10ms,0.5").mean()), Some(11_331_485));
    assert_eq!(nanos(parse("pareto:5ms,1.5").mean()), Some(15_000_000));
    assert_eq!(
        nanos(parse("pareto:5ms,1.5").quantile(0.99)),
        Some(107_721_735)
    );
    assert_eq!(parse("pareto:5ms,1").mean(), None);
    assert_eq!(
        parse("mix:99%*const:10ms,1%*const:1s").mean(),
        Some(Duration::from_micros(19_900))
    );
}

#[test]
fn a_mix_has_its_shares() {
    let mix = parse("mix:99%*const:10ms,1%*const:1s");
    let slow = (0..200_000_u64)
        .filter(|n| mix.sample(&mut keyed(5, "service", &[*n])) == Duration::from_secs(1))
        .count();
    assert!((1_850..2_150).contains(&slow), "{slow} of 2000 expected");
}

#[test]
fn scaling_stretches_the_same_luck() {
    for text in [
        "exp:10ms",
        "lognormal:10ms,0.5",
        "mix:90%*pareto:5ms,2,10%*uniform:1ms..2ms",
        "shift:1ms+exp:1ms",
    ] {
        let (plain, slow) = (parse(text), parse(text).scaled(20.0));
        for n in 0..1000 {
            let draw =
                |of: &Distribution| of.sample(&mut keyed(3, "service", &[n])).as_nanos() as f64;
            let (plain, slow) = (draw(&plain), draw(&slow));
            assert!(
                (slow - 20.0 * plain).abs() <= 11.0,
                "{text}: {plain} became {slow}"
            );
        }
    }
}

#[test]
fn what_is_no_distribution_is_refused_with_an_example() {
    for (text, message) in [
        ("10ms", "`10ms` is not a distribution"),
        (
            "expo:10ms",
            "such as that of `lognormal:10ms,0.5`; did you mean `exp`?",
        ),
        ("exp:10", "`10` is not a duration: the unit is missing"),
        ("exp:10parsecs", "the units are ns, us, ms, s, m and h"),
        ("exp:-1ms", "is not a duration"),
        (
            "uniform:5ms",
            "has two bounds; for example `uniform:5ms..15ms`",
        ),
        ("uniform:9ms..5ms", "the lower bound is above the upper one"),
        ("lognormal:10ms", "has a median and a sigma"),
        ("lognormal:10ms,x", "sigma is a number from 0 to 10"),
        ("pareto:10ms,0", "alpha is a number from 0.05 to 1000"),
        (
            "mix:50%*const:1ms,40%*const:2ms",
            "the shares add up to 90 %, not to 100 %",
        ),
        ("mix:const:1ms", "has no share before it"),
        ("mix:100%*mix:100%*const:1ms", "a mix holds no other mix"),
        (
            "shift:2ms",
            "a shift is a span, a plus sign and a distribution",
        ),
        ("const:99999999999h", "it is longer than 584 years"),
    ] {
        let error = text.parse::<Distribution>().expect_err(text).to_string();
        assert!(error.contains(message), "`{text}`: {error}");
    }
}

fn simple() -> impl Strategy<Value = Distribution> {
    let span = || {
        prop_oneof![0_u64..1000, 0_u64..10_000_000_000, any::<u64>()].prop_map(Duration::from_nanos)
    };
    prop_oneof![
        span().prop_map(Distribution::constant),
        span().prop_map(Distribution::exponential),
        (span(), span()).prop_map(|(low, high)| Distribution::uniform(low, high)),
        (span(), 0.0..10.0).prop_map(|(median, sigma)| Distribution::lognormal(median, sigma)),
        (span(), 0.05..1000.0).prop_map(|(minimum, alpha)| Distribution::pareto(minimum, alpha)),
    ]
}

fn any_distribution() -> impl Strategy<Value = Distribution> {
    let shifted =
        || (simple(), 0_u64..1_000_000_000).prop_map(|(d, by)| d.shifted(Duration::from_nanos(by)));
    let mixed =
        (proptest::collection::vec(shifted(), 2..5), 1_u32..97).prop_map(|(parts, first)| {
            let rest = f64::from(100 - first) / (parts.len() - 1) as f64;
            let text: Vec<String> = parts
                .iter()
                .enumerate()
                .map(|(index, part)| {
                    let percent = if index == 0 { f64::from(first) } else { rest };
                    format!("{percent}%*{part}")
                })
                .collect();
            parse(&format!("mix:{}", text.join(",")))
        });
    prop_oneof![simple(), shifted(), mixed]
}

proptest! {
    #[test]
    fn what_is_printed_parses_back(distribution in any_distribution()) {
        prop_assert_eq!(parse(&distribution.to_string()), distribution);
    }

    #[test]
    fn a_draw_with_more_luck_is_never_shorter(distribution in prop_oneof![simple(), simple()], a in 0.0..1.0_f64, b in 0.0..1.0_f64) {
        let (low, high) = (a.min(b).max(1e-15), a.max(b).max(1e-15));
        prop_assert!(distribution.at(low) <= distribution.at(high));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(mix|exp|const|shift|lognormal)?:?[0-9.%*+,:a-z]{0,40}|\\PC{0,30}") {
        let _ = text.parse::<Distribution>();
    }

    #[test]
    fn samples_never_panic(distribution in any_distribution(), factor in -1.0..1e6, seed in any::<u64>()) {
        let mut draw: Draw = keyed(seed, "any", &[]);
        distribution.scaled(factor).sample(&mut draw);
    }
}
