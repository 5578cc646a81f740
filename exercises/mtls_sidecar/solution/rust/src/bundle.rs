//! The certificates of one version of the mounted folder, as TLS configurations.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig, SignatureScheme,
};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub struct Bundle {
    /// The folder that `..data` led to.
    version: PathBuf,
    pub inbound: Arc<ServerConfig>,
    pub outbound: Arc<ClientConfig>,
}

impl Bundle {
    pub fn is_of_now(&self, folder: &Path) -> bool {
        std::fs::read_link(folder.join("..data")).is_ok_and(|version| version == self.version)
    }

    pub fn read(folder: &Path, peer_id: &str) -> io::Result<Self> {
        let version = std::fs::read_link(folder.join("..data"))?;
        let file = |name: &str| folder.join(&version).join(name);
        let chain = certificates(&file("tls.crt"))?;
        let key = PrivateKeyDer::from_pem_file(file("tls.key")).map_err(io::Error::other)?;
        let mut roots = RootCertStore::empty();
        for root in certificates(&file("ca.crt"))? {
            roots.add(root).map_err(io::Error::other)?;
        }
        let (roots, provider) = (Arc::new(roots), Arc::new(ring::default_provider()));
        let made = || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
            let clients =
                WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone());
            let inbound = ServerConfig::builder_with_provider(provider.clone())
                .with_safe_default_protocol_versions()?
                .with_client_cert_verifier(clients.build()?)
                .with_single_cert(chain.clone(), key.clone_key())?;
            let peer = PeerIs {
                roots: roots.clone(),
                provider: provider.clone(),
                id: peer_id.to_owned(),
            };
            let outbound = ClientConfig::builder_with_provider(provider.clone())
                .with_safe_default_protocol_versions()?
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(peer))
                .with_client_auth_cert(chain.clone(), key.clone_key())?;
            Ok((Arc::new(inbound), Arc::new(outbound)))
        };
        let (inbound, outbound) = made().map_err(io::Error::other)?;
        Ok(Self {
            version,
            inbound,
            outbound,
        })
    }
}

fn certificates(file: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let all = CertificateDer::pem_file_iter(file).map_err(io::Error::other)?;
    all.collect::<Result<_, _>>().map_err(io::Error::other)
}

/// The one URI of a certificate; none if it has another number of them.
pub fn identity(certificate: &CertificateDer) -> Option<String> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let mut uris = certificate.valid_uri_names();
    let first = uris.next()?.to_owned();
    uris.next().is_none().then_some(first)
}

/// Trusts a server by its identity and not by its host name.
#[derive(Debug)]
struct PeerIs {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    id: String,
}

impl ServerCertVerifier for PeerIs {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer,
        chain: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        rustls::client::verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            chain,
            now,
            algorithms,
        )?;
        if identity(certificate).as_ref() == Some(&self.id) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General("the peer is somebody else".to_owned()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
