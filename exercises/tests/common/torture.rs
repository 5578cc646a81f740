//! A server with a bad habit, named by its argument. Compiled by the tests, not part of the crate.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, exit};
use std::thread::sleep;
use std::time::Duration;

fn main() {
    let habit = std::env::args().nth(1).unwrap_or_default();
    let port = std::env::var("PORT").expect("PORT is set");
    match habit.as_str() {
        "listens-late" => sleep(Duration::from_millis(1500)),
        "elsewhere" => {
            let _listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
            sleep(Duration::from_secs(600));
        }
        // Leaves the group and loses its parent, as daemons do.
        "daemon" => {
            Command::new("setsid")
                .args(["sleep", "613"])
                .spawn()
                .expect("setsid runs");
        }
        "memory" => {
            let hoard = vec![1_u8; 400 << 20];
            sleep(Duration::from_secs(600));
            println!("{}", hoard.len());
        }
        "processes" => {
            let children: Vec<_> = (0..30)
                .map(|_| Command::new("sleep").arg("617").spawn())
                .collect();
            sleep(Duration::from_secs(600));
            println!("{}", children.len());
        }
        _ => {}
    }
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("PORT is free");
    for stream in listener.incoming().flatten() {
        answer(stream, &habit);
    }
}

fn answer(mut stream: TcpStream, habit: &str) {
    let mut request = [0; 2048];
    let read = stream.read(&mut request).unwrap_or(0);
    let health = request[..read].starts_with(b"GET /healthz");
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    let said = match habit {
        "ill" => "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        _ if health => ok,
        "dies-at-first-request" => {
            eprintln!("panicked at 'index out of bounds'");
            exit(42);
        }
        "closes-mid-body" => "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nhalf",
        "not-http" => "220 mail.example ESMTP ready\r\n\r\n",
        "slow-drip" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                sleep(Duration::from_millis(50));
            }
            return;
        }
        _ => ok,
    };
    let _ = stream.write_all(said.as_bytes());
}
