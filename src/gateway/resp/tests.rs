//! The sharded lab by RESP, asked over raw sockets; and by Redis's own programs where they are found.

use crate::gateway::{Gateway, Limits};
use ddlab_labs::workbench::run::{RunHandle, RunOptions};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

/// Only a test that would hang comes to this.
const PATIENCE: Duration = Duration::from_mins(1);

struct Served {
    gateway: Gateway,
    _run: RunHandle,
}

impl Served {
    fn with(limits: Limits) -> Self {
        let lab = ddlab_labs::find("sharded").expect("a lab of the registry");
        let mut options = RunOptions::new(lab, 7).at_speed(10.0);
        // So that nobody else writes a key.
        for setting in ["arrival_rps=1", "read_ratio=1"] {
            options.plan.knobs.set_text(setting).unwrap();
        }
        let run = RunHandle::start(options, Box::new(|| ())).unwrap();
        let client = run.client();
        let gateway =
            Gateway::start_with_resp(client, 0, Some(0), limits, Box::new(|_| ())).unwrap();
        Self { gateway, _run: run }
    }

    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn port(&self) -> u16 {
        self.gateway.resp_address().unwrap().port()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What the server sends to this until it has sent as much as is expected, or ends the connection.
    #[track_caller]
    fn answers(&self, sent: &str, expected: &str) {
        let mut stream = self.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut got = vec![0; expected.len()];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(String::from_utf8(got).unwrap(), expected);
    }

    /// All that comes until the server ends the connection.
    fn ends_with(&self, sent: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(sent).unwrap();
        let mut got = Vec::new();
        // The server may be gone before it has read everything.
        let _ = stream.read_to_end(&mut got);
        String::from_utf8(got).unwrap()
    }
}

#[test]
fn what_is_set_is_got_deleted_and_gone() {
    let served = Served::new();
    served.answers(
        "*3\r\n$3\r\nSET\r\n$5\r\nkey:7\r\n$5\r\nhello\r\n",
        "+OK\r\n",
    );
    served.answers("*2\r\n$3\r\nGET\r\n$5\r\nkey:7\r\n", "$5\r\nhello\r\n");
    served.answers(
        "MGET key:7 key:8 key:7\r\n",
        "*3\r\n$5\r\nhello\r\n$-1\r\n$5\r\nhello\r\n",
    );
    served.answers("DEL key:7 key:8\r\n", ":2\r\n");
    served.answers("get key:7\r\n", "$-1\r\n");
}

#[test]
fn a_pipeline_is_answered_in_its_order() {
    let served = Served::new();
    let sent =
        "SET a1 x\r\nGET a1\r\nPING\r\n*2\r\n$4\r\nPING\r\n$2\r\nhi\r\nSET a1 y\r\nGET a1\r\n";
    let expected = "+OK\r\n$1\r\nx\r\n+PONG\r\n$2\r\nhi\r\n+OK\r\n$1\r\ny\r\n";
    served.answers(sent, expected);
}

#[test]
fn clients_that_ask_for_the_server_and_its_cluster_hear_of_one_node() {
    let served = Served::new();
    let port = served.port();
    let slots = format!("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:{port}\r\n$40\r\n");
    served.answers("CLUSTER SLOTS\r\n", &slots);
    served.answers("COMMAND COUNT\r\n", ":11\r\n");
    served.answers("COMMAND DOCS\r\n", "*0\r\n");
    served.answers(
        "COMMAND\r\n",
        "*11\r\n*6\r\n$3\r\nget\r\n:2\r\n*0\r\n:1\r\n:1\r\n:1\r\n",
    );
    let info = served.ends_with(b"INFO\r\nQUIT\r\n");
    for part in [
        "redis_mode:standalone\r\n",
        "lab:sharded\r\n",
        "requests_total:",
    ] {
        assert!(info.contains(part), "{info}");
    }
    assert!(info.ends_with("+OK\r\n"), "{info}");
}

#[test]
fn what_is_wrong_is_said_and_the_connection_goes_on() {
    let served = Served::new();
    let said = served.ends_with(
        b"HSET a b c\r\nGET\r\nSELECT 3\r\nCLUSTER NODES\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n\xff\r\nPING\r\nQUIT\r\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with("-ERR unknown command 'HSET'"),
        "{said}"
    );
    assert_eq!(lines[1], "-ERR wrong number of arguments for 'get' command");
    assert!(lines[2].starts_with("-ERR there is one database"), "{said}");
    assert!(lines[3].starts_with("-ERR unknown subcommand"), "{said}");
    assert!(lines[4].contains("UTF-8"), "{said}");
    assert_eq!(lines[5..], ["+PONG", "+OK"]);
    let long = "x".repeat(257);
    let said = served.ends_with(format!("SET a {long}\r\nQUIT\r\n").as_bytes());
    assert!(said.starts_with("-ERR the value has 257 bytes"), "{said}");
}

#[test]
fn what_is_not_understood_ends_the_connection() {
    let served = Served::new();
    let ends = |sent: &[u8], said: &str| assert_eq!(served.ends_with(sent), said);
    let length = "-ERR Protocol error: invalid bulk length\r\n";
    ends(b"*1\r\n$99999999\r\n", length);
    ends(
        b"*1000\r\n",
        "-ERR Protocol error: invalid multibulk length\r\n",
    );
    ends(
        b"*1\r\n!3\r\n",
        "-ERR Protocol error: expected '$', got '!'\r\n",
    );
    // A web page that posts a form.
    ends(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET a b\r\n", "");
}

#[test]
fn a_client_beyond_the_limit_is_turned_away() {
    let served = Served::with(Limits {
        connections: 1,
        ..Limits::default()
    });
    let mut first = served.connect();
    first.write_all(b"PING\r\n").unwrap();
    first.read_exact(&mut [0; 7]).unwrap();
    let turned_away = served.ends_with(b"");
    assert_eq!(turned_away, "-ERR max number of clients reached\r\n");
}

/// What the program prints; none where it is not installed.
fn prints(program: &str, port: u16, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(["-p", &port.to_string()]).args(arguments);
    match command.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{text}{errors}");
            Some(text)
        }
        Err(error) => {
            println!("skipped: {program}: {error}; `apt-get install redis-tools` brings it");
            None
        }
    }
}

#[test]
fn redis_cli_travels_through_the_lab() {
    let served = Served::new();
    let cli = |arguments: &[&str]| prints("redis-cli", served.port(), arguments);
    let Some(set) = cli(&["SET", "key:1", "two words"]) else {
        return;
    };
    assert_eq!(set, "OK\n");
    assert_eq!(cli(&["GET", "key:1"]).unwrap(), "two words\n");
    assert_eq!(cli(&["MGET", "key:1", "key:2"]).unwrap(), "two words\n\n");
    assert!(cli(&["CLUSTER", "SLOTS"]).unwrap().contains("16383"));
}

#[test]
fn redis_benchmark_travels_through_the_lab() {
    let served = Served::with(Limits {
        rate: 1e6,
        burst: 1e6,
        ..Limits::default()
    });
    let arguments = [
        "-t",
        "ping,set,get",
        "-n",
        "200",
        "-c",
        "4",
        "-r",
        "1000",
        "-P",
        "4",
        "--csv",
    ];
    let Some(report) = prints("redis-benchmark", served.port(), &arguments) else {
        return;
    };
    for test in ["PING_INLINE", "SET", "GET"] {
        assert!(report.contains(&format!("\"{test}\"")), "{report}");
    }
}
