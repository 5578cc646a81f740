use super::plan;
use crate::trial::{is_the_same_again, near, run, value};

is_the_same_again!(
    super::plan,
    30,
    "worker_crash_ratio=0.05 poison_ratio=0.01 scale_poll=1s prefetch=3 \
     2s:burst=300 3s:crash=2 4s:pause=3 5s:poison=3 6s:visibility_timeout=300ms 7s:restart=2 \
     8s:autoscale=depth 9s:redrive 25s:stop_source"
);

#[test]
fn runs_that_differ_in_one_knob_meet_the_same_items() {
    let one = run(plan(5, 60, "workers=8"));
    let other = run(plan(5, 60, "workers=8 idempotency=key max_receives=9"));
    for (spec, value) in &one.metrics {
        assert_eq!(Some(value), other.metric(spec.name), "{}", spec.name);
    }
    let more = run(plan(5, 60, "workers=9"));
    near(
        value(&one, "submitted_total"),
        value(&more, "submitted_total"),
        0.5,
    );
}
