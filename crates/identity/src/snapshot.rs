//! Principals, built from rows. Call these while no change of the account is in progress.

use crate::document;
use crate::error::Result;
use crate::identities::Identities;
use crate::inline;
use crate::key;
use crate::model::account::Account;
use crate::model::entity::{Bounded, Entity, Holder};
use crate::model::group::Group;
use crate::model::policy::{Document, ManagedPolicy};
use crate::model::role::Role;
use crate::model::user::User;
use crate::principal::{Named, PolicySource, Principal, PrincipalKind, Session};
use crate::reference::PolicyRef;
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, Name};
use strongroom_access::evaluation::NamedPolicy;
use strongroom_access::policy::PolicyKind;

/// Identity policies with their sources.
#[derive(Default)]
struct Collected {
    identity: Vec<NamedPolicy>,
    sources: Vec<PolicySource>,
    /// Bytes of the documents.
    bytes: usize,
}

impl Collected {
    fn add(&mut self, (policy, bytes): (NamedPolicy, usize), source: PolicySource) {
        self.identity.push(policy);
        self.sources.push(source);
        self.bytes += bytes;
    }

    fn into_principal(self, base: Principal, boundary: Option<NamedPolicy>) -> Principal {
        Principal {
            identity: self.identity,
            sources: self.sources,
            boundary,
            document_bytes: base.document_bytes + self.bytes,
            ..base
        }
    }
}

impl Identities {
    /// Builds the principal of a root user.
    pub(crate) fn root_principal(
        account: &Account,
        access_key_id: &str,
        session: Option<Session>,
    ) -> Principal {
        Principal {
            account: account.id,
            canonical_id: account.canonical_id,
            account_name: account.name.clone(),
            access_key_id: access_key_id.to_owned(),
            kind: PrincipalKind::Root,
            identity: Vec::new(),
            sources: Vec::new(),
            boundary: None,
            document_bytes: session.as_ref().map_or(0, |session| session.document_bytes),
            session,
        }
    }

    /// Builds the principal of a user, with the policies of its groups.
    pub(crate) async fn user_principal(
        &self,
        account: &Account,
        user: &User,
        access_key_id: &str,
        session: Option<Session>,
    ) -> Result<Principal> {
        let mut collected = Collected::default();
        self.collect(account.id, user, None, &mut collected).await?;
        for id in &user.groups {
            // A group with members cannot be deleted. Without it, something could be allowed that it denies.
            let found = self.find_by_id::<Group>(*id).await?;
            let (_, group) = found.ok_or_else(|| {
                strongroom_rows::Error::Damaged(format!("the group {id} of user {} is missing", user.name))
            })?;
            let group = group.record;
            self.collect(account.id, &group, Some(&group.name), &mut collected)
                .await?;
        }
        let boundary = self.boundary(account.id, user, &mut collected).await?;
        let base = Self::root_principal(account, access_key_id, session);
        Ok(Principal {
            kind: PrincipalKind::User(named(user, &user.tags)),
            ..collected.into_principal(base, boundary)
        })
    }

    /// Builds the principal of a session of a role.
    pub(crate) async fn role_principal(
        &self,
        account: &Account,
        role: &Role,
        access_key_id: &str,
        session: Session,
    ) -> Result<Principal> {
        let mut collected = Collected::default();
        self.collect(account.id, role, None, &mut collected).await?;
        let boundary = self.boundary(account.id, role, &mut collected).await?;
        let base = Self::root_principal(account, access_key_id, Some(session));
        Ok(Principal {
            kind: PrincipalKind::Role(named(role, &role.tags)),
            ..collected.into_principal(base, boundary)
        })
    }

    /// Returns the inline and attached policies of a user, group or role: without those of groups, and without the
    /// boundary.
    pub(crate) async fn own_policies<H: Holder>(
        &self,
        account: AccountId,
        holder: &H,
    ) -> Result<Vec<NamedPolicy>> {
        let mut collected = Collected::default();
        self.collect(account, holder, None, &mut collected).await?;
        Ok(collected.identity)
    }

    /// Collects the inline and attached policies of a user, group or role.
    async fn collect<H: Holder>(
        &self,
        account: AccountId,
        holder: &H,
        group: Option<&Name>,
        collected: &mut Collected,
    ) -> Result<()> {
        for policy in &holder.policies().inline {
            let row = key::inline(holder.id(), &policy.name);
            let name = format!("{}/{}/{}", H::WORD, holder.name(), policy.name);
            let text = self.document(&row, &name).await?;
            let policy = document::parse_stored(&text, inline::kind::<H>(), &name)?;
            let policy = NamedPolicy {
                name: name.into(),
                policy,
            };
            let source = PolicySource {
                group: group.cloned(),
                arn: None,
            };
            collected.add((policy, text.len()), source);
        }
        for arn in &holder.policies().attached {
            let policy = self.managed(account, arn).await?;
            let source = PolicySource {
                group: group.cloned(),
                arn: Some(arn.clone()),
            };
            collected.add(policy, source);
        }
        Ok(())
    }

    async fn boundary<B: Bounded>(
        &self,
        account: AccountId,
        holder: &B,
        collected: &mut Collected,
    ) -> Result<Option<NamedPolicy>> {
        let Some(arn) = holder.boundary() else {
            return Ok(None);
        };
        let (policy, bytes) = self.managed(account, arn).await?;
        collected.bytes += bytes;
        Ok(Some(policy))
    }

    /// Returns the default version of a managed policy that is in use, and the bytes of its document.
    pub(crate) async fn managed(&self, account: AccountId, arn: &str) -> Result<(NamedPolicy, usize)> {
        let text = match PolicyRef::parse(account, arn)? {
            PolicyRef::Aws(policy) => policy.document.to_owned(),
            PolicyRef::Own { name, .. } => {
                let policy = self.get::<ManagedPolicy>(account, &name).await?;
                self.document(&key::version(policy.id, policy.default), arn)
                    .await?
            }
        };
        let policy = NamedPolicy {
            name: arn.into(),
            policy: document::parse_stored(&text, PolicyKind::Managed, arn)?,
        };
        Ok((policy, text.len()))
    }

    /// Returns the text of a document that must exist: without it, something could be allowed that it denies.
    async fn document(&self, row: &[u8], name: &str) -> Result<String> {
        let found = self.row::<Document>(row).await?;
        let found = found.ok_or_else(|| {
            strongroom_rows::Error::Damaged(format!("the document of the policy {name} is missing"))
        })?;
        Ok(found.record.text)
    }
}

fn named<E: Entity>(entity: &E, tags: &Tags) -> Named {
    let path = entity.path().as_str();
    Named {
        path_and_name: [path.strip_prefix('/').unwrap_or(path), entity.name().as_str()].concat(),
        name: entity.name().clone(),
        id: entity.id(),
        tags: tags.clone(),
    }
}
