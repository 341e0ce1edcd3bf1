//! Resources: the bucket and its objects.

use crate::policy::action::Kinds;
use crate::policy::arn::ARN_PREFIX;
use crate::policy::context::Conditions;
use crate::policy::effect::Effect;
use crate::policy::error::Fault;
use crate::policy::pattern::{Case, Pattern, Syntax, matches, matches_beginning};

/// The element `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(super) struct Resources {
    /// Patterns for the text after [`ARN_PREFIX`].
    patterns: Vec<Pattern>,
    /// `NotResource`: all except these.
    except: bool,
    kinds: Kinds,
}

impl Resources {
    /// Parses the texts of the element. Each must match the bucket or some key in it. It may match other buckets too,
    /// since a policy is only evaluated for its own.
    pub(super) fn parse(texts: &[&str], except: bool, bucket: &str, variables: bool) -> Result<Self, Fault> {
        let mut parsed = Self {
            patterns: Vec::with_capacity(texts.len()),
            except,
            kinds: Kinds::default(),
        };
        let objects = [bucket, "/"].concat();
        for text in texts {
            let foreign = || Fault::Resource((*text).to_owned(), bucket.to_owned());
            let id = text.strip_prefix(ARN_PREFIX).ok_or_else(foreign)?;
            let syntax = Syntax {
                wildcards: true,
                variables,
            };
            let pattern = Pattern::compile(id, syntax)?;
            let units = pattern.widest();
            let kinds = Kinds {
                bucket: matches(&units, bucket, Case::Sensitive),
                objects: matches_beginning(&units, &objects),
            };
            if kinds == Kinds::default() {
                return Err(foreign());
            }
            parsed.kinds.bucket |= kinds.bucket;
            parsed.kinds.objects |= kinds.objects;
            parsed.patterns.push(pattern);
        }
        Ok(parsed)
    }

    /// Returns the kinds of resources that the element can cover.
    pub(super) fn kinds(&self) -> Kinds {
        if self.except {
            return Kinds {
                bucket: true,
                objects: true,
            };
        }
        self.kinds
    }

    /// Returns whether the element covers a resource. A variable without a value covers nothing; where that would allow
    /// more, the element covers nothing at all ("If AWS cannot resolve a variable, this might cause the entire
    /// statement to be invalid").
    pub(super) fn cover(&self, arn: &str, conditions: &Conditions<'_>, effect: Effect) -> bool {
        let Some(id) = arn.strip_prefix(ARN_PREFIX) else {
            return self.except && effect == Effect::Deny;
        };
        let mut any = false;
        for pattern in &self.patterns {
            match pattern.matches(id, Case::Sensitive, conditions) {
                Some(matched) => any |= matched,
                None if self.except && effect == Effect::Allow => return false,
                None => {}
            }
        }
        any != self.except
    }

    /// Returns the keys of the variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().flat_map(Pattern::variables)
    }
}
