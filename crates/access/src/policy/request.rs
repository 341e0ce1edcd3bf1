//! Requests to be evaluated.

use crate::policy::context::Conditions;
use crate::policy::principal::Principal;

/// A request to be evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Principal that makes the request.
    pub principal: Principal<'a>,
    /// Requested action, such as `s3:GetObject`.
    pub action: &'a str,
    /// ARN of the resource: see [`arn`](crate::policy::arn()).
    pub resource: &'a str,
    /// All other values that policies may test.
    pub conditions: &'a Conditions<'a>,
}
