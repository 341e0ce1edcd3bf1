//! The line of a request.

use std::net::IpAddr;

use serde::Serialize;

use super::line::{SERVER, Text, mode_name, written};
use crate::request::RequestEvent;

/// Value of the field `event`.
const EVENT: &str = "request";

/// Request, as written.
#[derive(Serialize)]
struct Request<'a> {
    time: String,
    event: &'static str,
    category: &'static str,
    who: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    account: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    principal: &'a str,
    operation: &'a str,
    #[serde(rename = "request", skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "str::is_empty")]
    bucket: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    result: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    micros: Option<u64>,
}

impl Text {
    /// Creates the event of a request. Errors: as for [`Self::of_use`].
    pub(super) fn of_request(time: u64, event: &RequestEvent<'_>) -> Result<Self, serde_json::Error> {
        let actor = event.actor;
        Self::of(&Request {
            time: written(time),
            event: EVENT,
            category: event.category.name(),
            who: actor.map_or(SERVER, |actor| &actor.who),
            account: event.account,
            principal: event.principal,
            operation: actor.map_or(event.operation, |actor| &actor.operation),
            id: actor.map_or("", |actor| &actor.request),
            address: actor.and_then(|actor| actor.address),
            bucket: event.bucket,
            key: event.object,
            version: event.version,
            mode: event.mode.map(mode_name),
            key_id: event.key_id,
            status: event.status,
            result: event.result,
            received: event.transfer.map(|transfer| transfer.received),
            sent: event.transfer.map(|transfer| transfer.sent),
            micros: event.transfer.map(|transfer| transfer.micros),
        })
    }
}
