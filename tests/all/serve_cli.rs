//! `ddlab lab serve`, black box: the real binary, asked over a real connection and ended by a signal.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Only a test that would hang comes to this.
const PATIENCE: Duration = Duration::from_mins(1);

struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
    /// What it printed before it waits.
    told: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
    command.args(["lab", "serve"]).args(args);
    command
}

fn serve(args: &[&str]) -> Server {
    let mut child = command(args)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    let mut out = BufReader::new(child.stdout.take().expect("it is a pipe"));
    let mut told = String::new();
    while !told.contains("ctrl-C ends it") {
        let read = out.read_line(&mut told).expect("it prints text");
        assert!(read > 0, "it ended before it served: {told}");
    }
    let address = told.split("http://").nth(1).expect("it tells its address");
    let address = address.split([',', ' ', '\n']).next().unwrap_or_default();
    Server {
        address: address.to_owned(),
        child,
        out,
        told,
    }
}

impl Server {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        let host = &self.address;
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        text
    }

    /// Ends it by a signal; its exit status and what it said last.
    fn ended_by(mut self, signal: nix::sys::signal::Signal) -> (Option<i32>, String) {
        let id = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        nix::sys::signal::kill(id, signal).expect("it runs");
        let mut last = String::new();
        self.out.read_to_string(&mut last).expect("it prints text");
        (self.child.wait().expect("it is our child").code(), last)
    }
}

#[test]
fn it_tells_its_address_answers_and_ends_cleanly_on_a_signal() {
    for (lab, request, wanted) in [
        ("scatter-gather", "GET /search?q=oak", "\"complete\":true"),
        ("election", "GET /metrics", "# TYPE ddlab_believers gauge"),
    ] {
        let server = serve(&[lab, "--port", "0", "--seed", "7"]);
        assert!(server.address.starts_with("127.0.0.1:"), "{}", server.told);
        assert!(
            server.told.contains("virtual time at 1x"),
            "{}",
            server.told
        );
        let answer = server.ask(request);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains(wanted), "{answer}");
        let (status, last) = server.ended_by(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(status, Some(0));
        assert_eq!(last, "1 request answered.\n");
    }
}

#[test]
fn a_port_in_use_is_a_clear_error_and_knobs_and_moments_are_taken() {
    let server = serve(&[
        "scatter-gather",
        "--port",
        "0",
        "--set",
        "fan_out=5",
        "--at",
        "1h:slow=3",
    ]);
    assert!(
        server
            .ask("GET /search?q=oak")
            .contains("\"leaves_asked\":5")
    );
    let port = server.address.rsplit(':').next().unwrap_or_default();
    let second = command(&["sharded", "--port", port])
        .output()
        .expect("it ran");
    assert_eq!(second.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&second.stderr);
    assert!(
        complaint.contains(&format!("port {port} of 127.0.0.1 is in use")),
        "{complaint}"
    );
    assert!(complaint.contains("--port 0"), "{complaint}");
    let (status, _) = server.ended_by(nix::sys::signal::Signal::SIGINT);
    assert_eq!(status, Some(0));
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_served() {
    for (args, wanted) in [
        (&["scatter-gathr"][..], "did you mean `scatter-gather`?"),
        (&["scatter-gather", "--set", "fan_ou=3"], "fan_out"),
        (
            &["scatter-gather", "--at", "3s:slw=3"],
            "did you mean `slow`?",
        ),
    ] {
        let output = command(args).output().expect("it ran");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains(wanted), "{complaint}");
    }
}
