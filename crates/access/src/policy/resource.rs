//! Resources: the bucket and its objects, or those of all services.

use crate::policy::action::Kinds;
use crate::policy::arn::ARN_PREFIX;
use crate::policy::context::Conditions;
use crate::policy::effect::Effect;
use crate::policy::error::Fault;
use crate::policy::glob::{Case, matches, matches_beginning};
use crate::policy::pattern::{ARN_PARTS, Pattern, Syntax, split_arn};

#[cfg(test)]
mod tests;

/// Partitions of AWS. There are no resources here in any but the first, but programs name them.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// The element `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(super) struct Resources {
    /// Beginning of the ARNs that the patterns omit.
    prefix: &'static str,
    /// Patterns for the text after the prefix.
    patterns: Vec<Pattern>,
    /// `NotResource`: all except these.
    except: bool,
    kinds: Kinds,
}

impl Resources {
    /// Parses the element of a bucket's policy. Each text must match the bucket or some key in it. It may match other buckets too,
    /// since a policy is only evaluated for its own.
    pub(super) fn of_bucket(
        texts: &[&str],
        except: bool,
        bucket: &str,
        variables: bool,
    ) -> Result<Self, Fault> {
        let mut parsed = Self {
            prefix: ARN_PREFIX,
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

    /// Parses the element of a policy of IAM: `*`, or ARNs of any service.
    ///
    /// A `*` at the end of a part may stand for the following parts too (IAM User Guide, "Resource", "Wildcard
    /// characters in resource ARNs").
    pub(super) fn of_identity(texts: &[&str], except: bool, variables: bool) -> Result<Self, Fault> {
        let syntax = Syntax {
            wildcards: true,
            variables,
        };
        let patterns = texts.iter().map(|text| {
            check_arn(text, variables)?;
            Pattern::compile(text, syntax)
        });
        Ok(Self {
            prefix: "",
            patterns: patterns.collect::<Result<_, _>>()?,
            except,
            kinds: Kinds::default(),
        })
    }

    /// Returns the element that covers everything, for trust policies, which have none.
    pub(super) fn all() -> Self {
        Self {
            prefix: "",
            patterns: Vec::new(),
            except: true,
            kinds: Kinds::default(),
        }
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
        let Some(id) = arn.strip_prefix(self.prefix) else {
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

/// Checks whether a text is `*` or an ARN whose partition and service are fixed.
fn check_arn(text: &str, variables: bool) -> Result<(), Fault> {
    if text == "*" {
        return Ok(());
    }
    let invalid = || Fault::ResourceFormat(text.to_owned());
    let parts = split_arn(text, variables);
    let [prefix, partition, service, ..] = parts[..] else {
        return Err(invalid());
    };
    if prefix != "arn" {
        return Err(invalid());
    }
    if !PARTITIONS.contains(&partition) {
        return Err(Fault::Partition(partition.to_owned(), text.to_owned()));
    }
    let is_service = !service.is_empty() && service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_complete = parts.len() == ARN_PARTS || parts.len() > 3 && text.ends_with('*');
    if !is_service || !is_complete {
        return Err(invalid());
    }
    Ok(())
}
