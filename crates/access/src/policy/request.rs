//! Requests to be judged.

use crate::policy::context::Conditions;
use crate::policy::principal::Principal;

/// A request to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// What for, such as `s3:GetObject`.
    pub action: &'a str,
    /// On what: [`arn`](crate::policy::arn()).
    pub resource: &'a str,
    /// Everything else that policies may look at.
    pub conditions: &'a Conditions<'a>,
}
