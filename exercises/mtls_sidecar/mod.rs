//! `mtls-sidecar`: mutual TLS for a service that knows none.
//!
//! - [`pod`]: the program between its service and the sidecars of others.
//! - [`checks`]: the promises below, one function each.

mod checks;
mod pod;

use checks::{inbound, outbound, rotation};

crate::exercise! {
    "mtls_sidecar",
    inbound::passes_in("The pattern", "Who is allowed reaches the service unchanged, and under its true name"),
    inbound::strangers("How it works", "Without a certificate that is trusted there is no handshake"),
    inbound::wrong_identity("How it works", "Who is not allowed gets 403, whatever else its certificate says"),
    inbound::silent_clients("What goes wrong", "A client that says nothing delays nobody"),
    outbound::passes_out("The pattern", "The service reaches its peer, by the certificate of the sidecar"),
    outbound::wrong_peer("How it works", "A peer that is somebody else hears nothing"),
    outbound::away("What goes wrong", "Where there is no answer the client is told so, and in time"),
    rotation::rotates("How it works", "A new certificate is shown 2 s later, and no request is lost"),
    rotation::trust_moves("How it works", "Trust moves from one authority to the next"),
    rotation::bad_files("What goes wrong", "Files that cannot be used change nothing"),
}
