//! Principals without credentials, for simulations and explanations. (IAM API Reference, "`SimulatePrincipalPolicy`".)

use crate::error::Result;
use crate::identities::Identities;
use crate::model::entity::Holder;
use crate::model::role::Role;
use crate::model::user::User;
use crate::principal::{Principal, Session};
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, Name};
use strongroom_access::evaluation::NamedPolicy;

impl Identities {
    /// Returns the principal that a request of a root user would have.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`].
    pub async fn principal_of_root(&self, account: AccountId) -> Result<Principal> {
        Ok(Self::root_principal(&self.account(account).await?, "", None))
    }

    /// Returns the principal that a request of a user would have.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`].
    pub async fn principal_of_user(&self, account: AccountId, name: &Name) -> Result<Principal> {
        let _unchanged = self.states.of(account).read().await;
        let account = self.account(account).await?;
        let user = self.get::<User>(account.id, name).await?;
        self.user_principal(&account, &user, "", None).await
    }

    /// Returns the principal that a request of a new session of a role would have, without session policies.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`].
    pub async fn principal_of_role(
        &self,
        account: AccountId,
        name: &Name,
        session: &Name,
    ) -> Result<Principal> {
        let _unchanged = self.states.of(account).read().await;
        let account = self.account(account).await?;
        let role = self.get::<Role>(account.id, name).await?;
        let issued = self.now();
        let session = Session {
            name: session.to_string(),
            issued,
            expires: issued.saturating_add(u64::from(role.max_session) * 1_000_000),
            tags: Tags::default(),
            transitive: Vec::new(),
            source_identity: None,
            provider: None,
            claims: Vec::new(),
            mfa: false,
            policies: Vec::new(),
            document_bytes: 0,
        };
        self.role_principal(&account, &role, "", session).await
    }

    /// Returns the inline and attached policies of a user, group or role: without those of a user's groups, and without
    /// the boundary.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`].
    pub async fn policies_of<H: Holder>(&self, account: AccountId, name: &Name) -> Result<Vec<NamedPolicy>> {
        let _unchanged = self.states.of(account).read().await;
        let holder = self.get::<H>(account, name).await?;
        self.own_policies(account, &holder).await
    }
}
