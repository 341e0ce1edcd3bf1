//! Records of changes, for the audit log.

use std::net::IpAddr;

/// Change that was requested, whether it was made or not. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminEvent<'a> {
    /// Id of the request, as in its response.
    pub request: &'a str,
    /// Id of the caller's account.
    pub account: &'a str,
    /// ARN of the caller.
    pub actor: &'a str,
    /// Id of the access key that signed the request.
    pub access_key_id: &'a str,
    /// Address of the client.
    pub address: IpAddr,
    /// Action with its service, such as `iam:CreateUser`.
    pub action: &'a str,
    /// ARN of the entity that the request is about, or `*`.
    pub entity: &'a str,
    /// `ok`, or the code of the error.
    pub outcome: &'a str,
}

/// Receiver of records. Called before the response is sent.
pub trait Record: Send + Sync {
    /// Records a change.
    fn record(&self, event: &AdminEvent<'_>);
}
