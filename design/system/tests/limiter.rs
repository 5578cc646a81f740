//! A rate limiter lets through what it says, over all of its replicas or at each, and refuses the others at once.

use super::{lab_of, run, seconds, value};

fn limited(per: &str) -> String {
    format!(
        "design: limited
clients: {{people: {{rps: 500, users: 100, calls: [{{to: limit}}]}}}}
components:
  limit: {{kind: rate_limiter, replicas: 4, rate_limit: 50 rps, burst: 5, per: {per}, to: api}}
  api: {{kind: service, slots: 50, work: \"const:5ms\"}}
"
    )
}

#[test]
fn a_limiter_passes_on_its_rate_of_each_bucket_and_refuses_the_rest() {
    for (per, passed) in [("all", 50.0), ("replica", 200.0), ("user", 500.0)] {
        let lab = lab_of(&limited(per));
        let report = run(seconds(lab, 1, 60));
        let at_api = value(&report, "api_requests_total") / 60.0;
        assert!(
            (at_api / passed - 1.0).abs() < 0.05,
            "{per}: {at_api} and not {passed}"
        );
        let refused = value(&report, "limit_shed_total") / 60.0;
        assert!((refused + at_api - 500.0).abs() < 20.0, "{per}: {refused}");
        let theory = crate::theory::predict(lab.design());
        assert!((theory[1].rps / passed - 1.0).abs() < 1e-9, "{per}");
    }
}

#[test]
fn a_limit_that_is_turned_holds_at_once() {
    let lab = lab_of(&limited("all"));
    let mut plan = seconds(lab, 1, 60);
    plan.script_text("30s:limit_rate_limit=200").unwrap();
    let at_api = value(&run(plan), "api_requests_total");
    assert!((at_api / 7_500.0 - 1.0).abs() < 0.05, "{at_api}");
}
