//! Effects of statements.

/// Effect of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The statement allows the request, unless another denies it.
    Allow,
    /// The statement denies the request.
    Deny,
}
