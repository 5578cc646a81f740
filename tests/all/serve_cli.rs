//! `ddlab lab serve`, black box: the real binary, asked over a real connection and ended by a signal.
#![cfg(unix)]

use crate::support::program::ddlab;
use crate::support::server::Server;
use crate::support::{Holds, starts};
use nix::sys::signal::Signal;

#[test]
fn it_tells_its_address_answers_and_ends_cleanly_on_a_signal() {
    for (lab, request, wanted) in [
        ("scatter-gather", "GET /search?q=oak", "\"complete\":true"),
        ("election", "GET /metrics", "# TYPE ddlab_believers gauge"),
    ] {
        let server = Server::start(&format!("{lab} --seed 7"));
        starts(&server.address, "127.0.0.1:");
        server.said.holds(["virtual time at 1x"]);
        let answer = server.ask(request);
        starts(&answer, "HTTP/1.1 200");
        answer.holds([wanted]);
        let ended = server.ended_by(Signal::SIGTERM);
        assert_eq!(ended, (Some(0), "1 request answered.\n".to_owned()));
    }
}

#[test]
fn a_port_in_use_is_a_clear_error_and_knobs_and_moments_are_taken() {
    let server = Server::start("scatter-gather --set fan_out=5 --at 1h:slow=3");
    server
        .ask("GET /search?q=oak")
        .holds(["\"leaves_asked\":5"]);
    let port = server.address.rsplit(':').next().unwrap_or_default();
    let in_use = format!("port {port} of 127.0.0.1 is in use");
    ddlab(&format!("lab serve sharded --port {port}")).refused([in_use.as_str(), "--port 0"]);
    assert_eq!(server.ended_by(Signal::SIGINT).0, Some(0));
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_served() {
    for (line, wanted) in [
        ("scatter-gathr", "did you mean `scatter-gather`?"),
        ("scatter-gather --set fan_ou=3", "fan_out"),
        ("scatter-gather --at 3s:slw=3", "did you mean `slow`?"),
    ] {
        ddlab(&format!("lab serve {line}")).refused([wanted]);
    }
}
