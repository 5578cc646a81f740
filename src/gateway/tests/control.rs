//! Knobs and actions over HTTP.

use super::*;
use ddlab_labs::workbench::knob::KnobValue;

#[tokio::test]
async fn knobs_are_listed_and_turned_and_whoever_watches_hears_of_it() {
    let served = Served::lab("scatter-gather");
    let put = |name: &str, body: &str| {
        let path = format!("/knobs/{name}");
        served.ask(Method::PUT, &path).body(body.to_owned())
    };
    let turned = ok(put("policy", "hedge")).await;
    assert_eq!(
        (&turned["value"], &turned["restarted"]),
        (&"hedge".into(), &false.into())
    );
    assert_eq!(
        served.news(|news| matches!(news, News::Turned { .. })),
        News::Turned {
            knob: "policy",
            value: KnobValue::Word("hedge".into())
        }
    );
    served
        .until(|served| served.run().frame().interventions.len() == 1)
        .await;
    let listed = served.get("/knobs").await;
    let policy = listed["knobs"].as_array().unwrap().iter();
    let policy = policy
        .clone()
        .find(|knob| knob["name"] == "policy")
        .unwrap();
    assert_eq!(policy["value"], "hedge");
    let afresh = ok(put("fan_out", "5")).await;
    assert_eq!(afresh["restarted"], true);
    assert_eq!(served.get("/search?q=oak").await["leaves_asked"], 5);
    let (_, text) = refused(put("hedge_budgt", "0.1"), 404).await;
    assert!(text.contains("did you mean `hedge_budget`?"), "{text}");
    let (_, text) = refused(put("policy", "hope"), 400).await;
    assert!(text.contains("wait_all"), "{text}");
    let (_, text) = refused(put("policy", ""), 400).await;
    assert!(text.contains("empty"), "{text}");
}

#[tokio::test]
async fn actions_are_done_or_refused_with_the_lab_s_own_reason() {
    let served = Served::lab("scatter-gather");
    let post = |name: &str, argument: Value| {
        let path = format!("/actions/{name}");
        let body = serde_json::json!({"argument": argument});
        served.ask(Method::POST, &path).json(&body)
    };
    assert_eq!(ok(post("slow", 3.into())).await["done"], "slow=3");
    assert_eq!(ok(post("burst", Value::Null)).await["done"], "burst=500");
    assert_eq!(
        ok(served.ask(Method::POST, "/actions/burst")).await["done"],
        "burst=500"
    );
    let (_, text) = refused(post("slow", 99.into()), 400).await;
    assert!(text.contains("the last leaf is 20"), "{text}");
    let (_, text) = refused(post("slow", Value::Null), 400).await;
    assert!(text.contains("which node"), "{text}");
    let (_, text) = refused(post("slwo", 3.into()), 404).await;
    assert!(text.contains("did you mean `slow`?"), "{text}");
}
