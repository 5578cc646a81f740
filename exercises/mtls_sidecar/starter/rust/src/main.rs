//! A sidecar for its service: so far it passes plain HTTP on, in both directions.
//!
//! TODO: speak TLS at TLS_PORT and to PEER, with the certificates in CERT_DIR. `rustls` does TLS, and
//! `webpki::EndEntityCert::valid_uri_names` reads the identity of a certificate.
#![allow(dead_code)]

mod http;
mod variable;

use http::{Call, Response};
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let (app, peer) = (variable::text("APP"), format!("http://{}", variable::text("PEER")));
    std::thread::spawn(move || pass_on(variable::number("TLS_PORT"), app));
    pass_on(variable::number("PORT"), peer)
}

fn pass_on(port: u16, to: String) -> std::io::Result<()> {
    http::serve(port, move |request| {
        if request.path == "/healthz" {
            return Response::new(200, "{}");
        }
        let url = format!("{to}{}", request.path);
        let mut call = Call::new(&request.method, &url);
        call.body = &request.body;
        let until = Instant::now() + Duration::from_secs(5);
        http::send(&call, until).unwrap_or_else(|_| Response::new(502, "{}"))
    })
}
