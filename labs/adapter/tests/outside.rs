//! Requests of somebody with a real client.

use crate::adapter::exposition::parse;
use crate::adapter::{LAB, service};
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, looking_changes_nothing, pass, replays, session};

#[test]
fn a_scrape_is_answered_with_the_page_of_that_service() {
    let mut run = session(&LAB, "arrivals=constant");
    for target in 1..=6 {
        let answered = ask(&mut run, &format!("GET /scrape?target={target}")).unwrap();
        let samples = parse(answered.body.as_str().unwrap()).unwrap();
        let requests = samples.iter().find(|s| s.name == service::REQUESTS);
        // 30 requests a second for five seconds and a bit.
        let value = requests.unwrap().value;
        assert!((145.0..165.0).contains(&value), "{target}: {value}");
    }
    assert!(replays(&run));
}

#[test]
fn a_scrape_of_nobody_or_without_an_adapter_says_why() {
    let mut run = session(&LAB, "");
    let refused = ask(&mut run, "GET /scrape?target=11").unwrap_err();
    assert_eq!(refused.why, Why::NotFound);
    act(&mut run, "crash_adapter");
    let refused = ask(&mut run, "GET /scrape?target=1").unwrap_err();
    assert_eq!(refused.why, Why::Failed);
    pass(&mut run, 5_000);
    assert!(ask(&mut run, "GET /scrape?target=1").is_ok());
}

#[test]
fn to_look_shows_the_board_beside_the_truth_and_changes_nothing() {
    looking_changes_nothing(&LAB, "", ("crash=4", 60_000), |run| {
        let seen = ask(run, "GET /services").unwrap().body;
        let fourth = &seen["services"][3];
        assert_eq!(fourth["dialect"], "jmx");
        assert_eq!(
            (&fourth["up"], &fourth["shown"]["up"]),
            (&false.into(), &false.into())
        );
        assert!(fourth["shown"]["queue"].is_null());
        assert_eq!(seen["services"][0]["shown"]["up"], true);
    });
}
