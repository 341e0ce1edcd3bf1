//! The actions: each reads its parameters, changes or reads identities, and writes its result.

pub(crate) mod table;

mod absent;
mod access_keys;
mod account;
mod assume_role;
mod attachments;
mod details;
mod groups;
mod inline;
mod logins;
mod policies;
mod providers;
mod roles;
mod sessions;
mod simulated;
mod simulation;
mod tags;
mod users;
mod web_identity;
