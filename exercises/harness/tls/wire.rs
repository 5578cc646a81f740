//! TLS before and behind the program, put in front of plain HTTP: what is said and heard in plain text
//! is the harness's, and here is only who shook hands with whom.

use super::authority::Credentials;
use crate::harness::probe::{self, NoReply, Reply};
use crate::harness::shared::Shared;
use crate::harness::upstream::Upstream;
use crate::harness::verdict::CheckOutcome;
use axum::http::Method;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The certificate that the other side showed, if it showed one.
pub type Shown = Option<CertificateDer<'static>>;

/// A TLS server that passes on to an upstream server what it is told.
#[derive(Debug)]
pub struct TlsServer {
    pub port: u16,
    state: Shared<ServerState>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct ServerState {
    config: Arc<ServerConfig>,
    is_silent: bool,
    /// Of each handshake that succeeded.
    shown: Vec<Shown>,
}

impl TlsServer {
    /// Asks for a certificate, and takes clients without one, too: that is the checks' to judge.
    pub async fn open(
        own: &Credentials,
        roots: RootCertStore,
        to: &Upstream,
    ) -> Result<Self, CheckOutcome> {
        let state = Shared::new(ServerState {
            config: server_config(own, roots)?,
            is_silent: false,
            shown: Vec::new(),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(|e| CheckOutcome::grader_error("could not listen", e))?;
        let port = listener.local_addr().map_or(0, |address| address.port());
        let to = to.url().trim_start_matches("http://").to_owned();
        let serving = tokio::spawn(serve(listener, state.clone(), to));
        Ok(Self {
            port,
            state,
            serving,
        })
    }

    /// Shows this certificate from now on, and trusts these authorities.
    pub fn change(&self, own: &Credentials, roots: RootCertStore) -> Result<(), CheckOutcome> {
        self.state.lock().config = server_config(own, roots)?;
        Ok(())
    }

    /// From now on it takes connections, and says nothing; or it speaks again.
    pub fn be_silent(&self, is_silent: bool) {
        self.state.lock().is_silent = is_silent;
    }

    /// What the client of the latest handshake showed; none before the first one.
    pub fn last_shown(&self) -> Option<Shown> {
        self.state.lock().shown.last().cloned()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, state: Shared<ServerState>, to: String) {
    // Dropped with this task, and each connection with it.
    let mut connections = JoinSet::new();
    while let Ok((plain, _)) = listener.accept().await {
        let (state, to) = (state.clone(), to.clone());
        connections.spawn(async move {
            if state.lock().is_silent {
                std::future::pending::<()>().await;
            }
            let acceptor = TlsAcceptor::from(Arc::clone(&state.lock().config));
            let mut tls = acceptor.accept(plain).await?;
            let shown = first(tls.get_ref().1.peer_certificates());
            state.lock().shown.push(shown);
            copy_bidirectional(&mut tls, &mut TcpStream::connect(to).await?).await
        });
        while connections.try_join_next().is_some() {}
    }
}

/// A request over TLS, and how it went.
#[derive(Debug)]
pub struct Asked {
    pub reply: Result<Reply, NoReply>,
    /// The certificate of the server, when it came that far.
    pub shown: Shown,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub method: &'a Method,
    pub target: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a str,
}

impl<'a> Question<'a> {
    pub fn get(target: &'a str) -> Self {
        Self {
            method: &Method::GET,
            target,
            headers: &[],
            body: "",
        }
    }
}

/// Asks the TLS server at this port of 127.0.0.1, as the owner of these credentials. A handshake that
/// fails looks like a connection that was closed.
pub async fn ask(
    who: Option<&Credentials>,
    port: u16,
    question: Question<'_>,
    limit: Duration,
) -> Result<Asked, CheckOutcome> {
    let broken = |e| CheckOutcome::grader_error("could not open a connection", e);
    let connector = TlsConnector::from(client_config(who)?);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(broken)?;
    let here = listener.local_addr().map_err(broken)?;
    let shown = Shared::new(None);
    let noted = shown.clone();
    let relay = async move {
        let (mut plain, _) = listener.accept().await?;
        let name = ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into());
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut tls = connector.connect(name, stream).await?;
        *noted.lock() = first(tls.get_ref().1.peer_certificates());
        copy_bidirectional(&mut plain, &mut tls).await
    };
    let url = format!("http://{here}{}", question.target);
    let asking = probe::send(
        question.method.clone(),
        &url,
        question.headers,
        question.body,
        limit,
    );
    let mut connections = JoinSet::new();
    connections.spawn(relay);
    let reply = asking.await;
    let shown = shown.lock().take();
    Ok(Asked { reply, shown })
}

fn first(chain: Option<&[CertificateDer<'static>]>) -> Shown {
    chain.and_then(<[_]>::first).cloned()
}

fn server_config(
    own: &Credentials,
    roots: RootCertStore,
) -> Result<Arc<ServerConfig>, CheckOutcome> {
    let provider = Arc::new(ring::default_provider());
    let made = || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients.allow_unauthenticated().build()?)
            .with_single_cert(vec![own.der.clone()], own.private_key())?;
        Ok(Arc::new(config))
    };
    made().map_err(|e| CheckOutcome::grader_error("could not set up TLS", io::Error::other(e)))
}

fn client_config(who: Option<&Credentials>) -> Result<Arc<ClientConfig>, CheckOutcome> {
    let provider = Arc::new(ring::default_provider());
    let made = || -> Result<_, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer(Arc::clone(&provider))));
        Ok(Arc::new(match who {
            Some(who) => builder.with_client_auth_cert(vec![who.der.clone()], who.private_key())?,
            None => builder.with_no_client_auth(),
        }))
    };
    made().map_err(|e| CheckOutcome::grader_error("could not set up TLS", io::Error::other(e)))
}

/// Takes every server: what it shows is compared afterwards.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
