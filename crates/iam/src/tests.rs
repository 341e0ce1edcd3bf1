//! Tests of whole requests, on a store in memory.

mod account;
mod authorization;
mod flows;
mod house;
pub(crate) mod issuer;
mod refusals;
mod roles;
mod simulations;
mod walk;
mod web_identity;
