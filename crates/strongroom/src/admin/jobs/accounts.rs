//! `strongroom account`: creates, lists, suspends and deletes accounts, and the access keys of their root users.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_access::arn::AccountId;
use strongroom_audit::IdentityChange;
use strongroom_identity::access_keys::Owner;
use strongroom_identity::model::access_key::NewAccessKey;
use strongroom_identity::model::account::{Account, AccountStatus};
use zeroize::Zeroizing;

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;

/// Number of accounts read at a time.
pub(super) const PAGE: usize = 1000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccount {
    /// Name for people, unique in the store.
    pub(crate) name: String,
    /// Address for people.
    pub(crate) email: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAccounts {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetAccountStatus {
    /// Id or name of the account.
    pub(crate) account: String,
    pub(crate) status: Status,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteAccount {
    /// Id or name of the account.
    pub(crate) account: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRootKey {
    /// Id or name of the account.
    pub(crate) account: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteRootKey {
    /// Id or name of the account.
    pub(crate) account: String,
    /// Id of the access key.
    pub(crate) access_key: String,
}

/// Status of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Active,
    Suspended,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountRow {
    /// Twelve digits.
    pub(crate) id: String,
    pub(crate) canonical_id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    /// Time of creation, in microseconds since 1970.
    pub(crate) created: u64,
    pub(crate) status: Status,
    pub(crate) users: u32,
    /// Access keys of the root user, except those of the credentials file.
    pub(crate) root_keys: Vec<String>,
}

/// An account and an access key of its root user, whose secret is shown only now. Has no `Debug`.
#[derive(Serialize, Deserialize)]
pub(crate) struct NewRootKey {
    pub(crate) account: AccountRow,
    pub(crate) access_key: String,
    pub(crate) secret: Zeroizing<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccountsDone {}

impl From<Account> for AccountRow {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            canonical_id: account.canonical_id.to_string(),
            name: account.name,
            email: account.email,
            created: account.created,
            status: match account.status {
                AccountStatus::Active => Status::Active,
                AccountStatus::Suspended => Status::Suspended,
            },
            users: account.usage.users,
            root_keys: account.root_keys,
        }
    }
}

impl Job for CreateAccount {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/accounts/create";
    const STREAMS: bool = false;
    const OUTCOME_IS_SECRET: bool = true;
    type Row = NoRows;
    type Outcome = NewRootKey;

    fn command(&self) -> &'static str {
        "account create"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<NewRootKey, JobError> {
        let identities = host.core.identities().await?;
        host.core.audit.ready()?;
        let account = identities
            .create_account(&self.name, self.email.as_deref())
            .await?;
        record(host, account.id, &account.arn().to_string())?;
        let key = identities.create_access_key(account.id, Owner::Root).await?;
        record(host, account.id, &key.key.id)?;
        with_key(host, account.id, key).await
    }
}

impl Job for ListAccounts {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/accounts";
    const STREAMS: bool = true;
    type Row = AccountRow;
    type Outcome = AccountsDone;

    fn command(&self) -> &'static str {
        "account list"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<AccountsDone, JobError> {
        let identities = host.core.identities().await?;
        let mut after = String::new();
        loop {
            let page = identities.accounts(&after, PAGE).await?;
            for account in page.entries {
                events.row(account.into());
            }
            match page.next {
                Some(next) => after = next,
                None => return Ok(AccountsDone {}),
            }
        }
    }
}

impl Job for SetAccountStatus {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/accounts/status";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = AccountsDone;

    fn command(&self) -> &'static str {
        match self.status {
            Status::Active => "account activate",
            Status::Suspended => "account suspend",
        }
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<AccountsDone, JobError> {
        let account = find(host, &self.account).await?;
        let status = match self.status {
            Status::Active => AccountStatus::Active,
            Status::Suspended => AccountStatus::Suspended,
        };
        host.core.audit.ready()?;
        let identities = host.core.identities().await?;
        identities.set_account_status(account, status).await?;
        record(host, account, account.as_str())?;
        Ok(AccountsDone {})
    }
}

impl Job for DeleteAccount {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/accounts/delete";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = AccountsDone;

    fn command(&self) -> &'static str {
        "account delete"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<AccountsDone, JobError> {
        let account = find(host, &self.account).await?;
        if account == AccountId::ROOT {
            return Err(JobError::FirstAccount);
        }
        host.core.audit.ready()?;
        // Suspended first, so that nobody creates a bucket in between.
        let identities = host.core.identities().await?;
        let before = identities.account(account).await?.status;
        identities
            .set_account_status(account, AccountStatus::Suspended)
            .await?;
        let deleted = match host.core.engine.list_buckets(account, "", "", 1).await?.pop() {
            Some(bucket) => Err(JobError::AccountHasBuckets {
                account: account.to_string(),
                bucket: bucket.name,
            }),
            None => identities.delete_account(account).await.map_err(JobError::from),
        };
        if deleted.is_err() {
            identities.set_account_status(account, before).await?;
        }
        deleted?;
        record(host, account, account.as_str())?;
        Ok(AccountsDone {})
    }
}

impl Job for CreateRootKey {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/accounts/keys/create";
    const STREAMS: bool = false;
    const OUTCOME_IS_SECRET: bool = true;
    type Row = NoRows;
    type Outcome = NewRootKey;

    fn command(&self) -> &'static str {
        "account key create"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<NewRootKey, JobError> {
        let account = find(host, &self.account).await?;
        if account == AccountId::ROOT {
            return Err(JobError::FirstAccount);
        }
        host.core.audit.ready()?;
        let identities = host.core.identities().await?;
        let key = identities.create_access_key(account, Owner::Root).await?;
        record(host, account, &key.key.id)?;
        with_key(host, account, key).await
    }
}

impl Job for DeleteRootKey {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/accounts/keys/delete";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = AccountsDone;

    fn command(&self) -> &'static str {
        "account key delete"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<AccountsDone, JobError> {
        let account = find(host, &self.account).await?;
        host.core.audit.ready()?;
        let identities = host.core.identities().await?;
        identities
            .delete_access_key(account, Owner::Root, &self.access_key)
            .await?;
        record(host, account, &self.access_key)?;
        Ok(AccountsDone {})
    }
}

/// Records a change that was made.
pub(super) fn record(host: &Host, account: AccountId, entity: &str) -> Result<(), JobError> {
    host.core.audit.record_change(&IdentityChange {
        actor: host.core.engine.actor().cloned(),
        account: account.as_str(),
        principal: "",
        entity,
        result: "ok",
    })?;
    Ok(())
}

async fn with_key(host: &Host, account: AccountId, key: NewAccessKey) -> Result<NewRootKey, JobError> {
    let account = host.core.identities().await?.account(account).await?;
    Ok(NewRootKey {
        account: account.into(),
        access_key: key.key.id,
        secret: Zeroizing::new(key.secret.expose().to_owned()),
    })
}

/// Finds an account by its id or its name.
pub(super) async fn find(host: &Host, account: &str) -> Result<AccountId, JobError> {
    let identities = host.core.identities().await?;
    if let Ok(id) = AccountId::parse(account) {
        return Ok(identities.account(id).await?.id);
    }
    let found = identities.account_by_name(account).await?;
    found
        .map(|account| account.id)
        .ok_or_else(|| JobError::NoAccount(account.to_owned()))
}
