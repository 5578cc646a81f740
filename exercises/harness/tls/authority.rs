//! Certificate authorities, and the certificates that they issue.

use crate::harness::verdict::CheckOutcome;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Who issues certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pub pem: String,
    root: CertificateDer<'static>,
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Credentials {
    /// PEM.
    pub certificate: String,
    /// PEM.
    pub key: String,
    pub der: CertificateDer<'static>,
}

/// What a certificate says.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    pub uris: Vec<String>,
    pub dns_names: Vec<String>,
    pub common_name: String,
    /// It ran out years ago.
    pub is_expired: bool,
}

impl Subject {
    /// With these URIs; it should be one.
    pub fn of(uris: &[&str]) -> Self {
        Self {
            uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
            ..Self::default()
        }
    }

    fn params(&self) -> Result<CertificateParams, rcgen::Error> {
        let mut params = CertificateParams::default();
        for uri in &self.uris {
            let name = SanType::URI(Ia5String::try_from(uri.as_str())?);
            params.subject_alt_names.push(name);
        }
        for name in &self.dns_names {
            let name = SanType::DnsName(Ia5String::try_from(name.as_str())?);
            params.subject_alt_names.push(name);
        }
        let name = Some(self.common_name.as_str()).filter(|name| !name.is_empty());
        let names = &mut params.distinguished_name;
        names.push(DnType::CommonName, name.unwrap_or("workload"));
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        if self.is_expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        Ok(params)
    }
}

impl Authority {
    pub fn new(name: &str) -> Result<Self, CheckOutcome> {
        let made = || {
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            let own = params.self_signed(&key)?;
            Ok((own, Issuer::new(params, key)))
        };
        let (own, issuer) = made().map_err(grader_error)?;
        Ok(Self {
            issuer,
            pem: own.pem(),
            root: own.der().clone(),
        })
    }

    pub fn issue(&self, subject: &Subject) -> Result<Credentials, CheckOutcome> {
        let made = || {
            let key = KeyPair::generate()?;
            let certificate = subject.params()?.signed_by(&key, &self.issuer)?;
            Ok((certificate, key))
        };
        let (certificate, key) = made().map_err(grader_error)?;
        Ok(Credentials {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().clone(),
        })
    }
}

impl Credentials {
    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key of ours is well-formed")
    }
}

/// A store of these authorities.
pub fn roots(authorities: &[&Authority]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        let root = authority.root.clone();
        roots
            .add(root)
            .expect("an authority of ours is well-formed");
    }
    roots
}

fn grader_error(error: rcgen::Error) -> CheckOutcome {
    CheckOutcome::grader_error(
        "could not issue a certificate",
        std::io::Error::other(error),
    )
}
