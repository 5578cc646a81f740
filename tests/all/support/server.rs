//! `ddlab lab serve`: the real binary, asked over real connections.

use super::program::Program;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout};
use std::time::Duration;

/// Only a test that would hang comes to this.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    pub address: String,
    /// What it printed before it waits.
    pub said: String,
    _program: Program,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Serves a lab on any port that is free.
    pub fn start(line: &str) -> Self {
        let program = Program::new();
        let mut command = program.command(&format!("lab serve {line} --port 0"));
        let mut child = command.spawn().expect("the program was built");
        let mut out = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let mut said = String::new();
        while !said.contains("ctrl-C ends it") {
            let read = out.read_line(&mut said).expect("it prints text");
            assert!(read > 0, "it ended before it served: {said}");
        }
        let address = said.split("http://").nth(1).expect("it says its address");
        let address = address.split([',', ' ', '\n']).next().unwrap_or_default();
        Self {
            address: address.to_owned(),
            child,
            out,
            said,
            _program: program,
        }
    }

    /// The whole answer to a request: `GET /search?q=oak`.
    pub fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let host = &self.address;
        let head = format!("{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    /// Ends it by a signal; its exit status and what it said last.
    #[cfg(unix)]
    pub fn ended_by(mut self, signal: nix::sys::signal::Signal) -> (Option<i32>, String) {
        let id = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        nix::sys::signal::kill(id, signal).expect("it runs");
        let mut last = String::new();
        self.out.read_to_string(&mut last).expect("it prints text");
        (self.child.wait().expect("it is our child").code(), last)
    }
}
