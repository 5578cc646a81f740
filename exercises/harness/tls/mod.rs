//! TLS before and behind a learner's program: certificates of every kind, made on the spot
//! ([`authority`]), and TLS put in front of the plain HTTP of [`super::upstream`] and
//! [`super::probe`] ([`wire`]).

pub mod authority;
pub mod wire;
