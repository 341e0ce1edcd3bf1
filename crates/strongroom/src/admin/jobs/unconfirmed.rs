//! `strongroom account unconfirmed` and `confirm`: access keys and passwords that a restore revived.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_access::arn::AccountId;
use strongroom_identity::page::Part;
use strongroom_identity::unconfirmed::{Credential, Unconfirmed};
use strongroom_identity::{IdentityError, Subject};

use super::accounts::{PAGE, find, record};
use crate::admin::host::Host;
use crate::admin::job::{Events, Job};
use crate::admin::job_error::JobError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListUnconfirmed {}

/// Credentials to confirm: all, those of an account or of one of its users, or one access key.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    #[serde(default)]
    pub(crate) all: bool,
    /// Id or name of the account.
    pub(crate) account: Option<String>,
    /// Name of a user of the account.
    pub(crate) user: Option<String>,
    /// Id of the access key.
    pub(crate) access_key: Option<String>,
}

/// An access key, or the password of a user if `access_key` is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnconfirmedRow {
    /// Twelve digits.
    pub(crate) account: String,
    /// Absent for the root user.
    pub(crate) user: Option<String>,
    pub(crate) access_key: Option<String>,
    /// Time of creation, in microseconds since 1970.
    pub(crate) created: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counted {
    /// Number of access keys and passwords that were listed or confirmed.
    pub(crate) credentials: u64,
}

impl From<&Unconfirmed> for UnconfirmedRow {
    fn from(found: &Unconfirmed) -> Self {
        Self {
            account: found.account.to_string(),
            user: found.user.as_ref().map(ToString::to_string),
            access_key: match &found.credential {
                Credential::AccessKey(id) => Some(id.clone()),
                Credential::Password => None,
            },
            created: found.created,
        }
    }
}

impl Job for ListUnconfirmed {
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/accounts/unconfirmed";
    const STREAMS: bool = true;
    type Row = UnconfirmedRow;
    type Outcome = Counted;

    fn command(&self) -> &'static str {
        "account unconfirmed"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<Counted, JobError> {
        let mut credentials = 0;
        for account in accounts(host).await? {
            let mut after = Some(String::new());
            while let Some(marker) = after {
                let (found, next) = page(host, account, &marker).await?;
                for entry in &found {
                    credentials += 1;
                    events.row(entry.into());
                }
                after = next;
            }
        }
        Ok(Counted { credentials })
    }
}

impl Job for Confirm {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/accounts/confirm";
    const STREAMS: bool = true;
    type Row = UnconfirmedRow;
    type Outcome = Counted;

    fn command(&self) -> &'static str {
        "account confirm"
    }

    async fn run(&self, host: &Host, events: &mut Events<Self>) -> Result<Counted, JobError> {
        host.core.audit.ready()?;
        let identities = host.core.identities().await?;
        let mut credentials = 0;
        for account in self.accounts(host).await? {
            let mut after = Some(String::new());
            while let Some(marker) = after {
                let (found, next) = page(host, account, &marker).await?;
                for entry in found.iter().filter(|entry| self.includes(entry)) {
                    identities.confirm(entry).await?;
                    let row = UnconfirmedRow::from(entry);
                    let entity = row.access_key.as_ref().or(row.user.as_ref());
                    record(host, account, entity.map_or("", String::as_str))?;
                    events.row(row);
                    credentials += 1;
                }
                after = next;
            }
        }
        Ok(Counted { credentials })
    }
}

impl Confirm {
    /// Returns the accounts to search.
    async fn accounts(&self, host: &Host) -> Result<Vec<AccountId>, JobError> {
        match (self.all, &self.account, &self.user, &self.access_key) {
            (true, None, None, None) => accounts(host).await,
            (false, Some(account), _, None) => Ok(vec![find(host, account).await?]),
            (false, None, None, Some(id)) => {
                let owner = host.core.identities().await?.owner_of_key(id).await?;
                let missing = || IdentityError::NoSuchEntity(Subject::AccessKey(id.clone()));
                let (account, _) = owner.ok_or_else(missing)?;
                Ok(vec![account])
            }
            _ => Err(JobError::ConfirmWhich),
        }
    }

    fn includes(&self, found: &Unconfirmed) -> bool {
        let row = UnconfirmedRow::from(found);
        (self.user.is_none() || row.user == self.user)
            && (self.access_key.is_none() || row.access_key == self.access_key)
    }
}

async fn accounts(host: &Host) -> Result<Vec<AccountId>, JobError> {
    let identities = host.core.identities().await?;
    let (mut all, mut after) = (Vec::new(), Some(String::new()));
    while let Some(marker) = after {
        let page = identities.accounts(&marker, PAGE).await?;
        all.extend(page.entries.iter().map(|account| account.id));
        after = page.next;
    }
    Ok(all)
}

/// Returns what is unconfirmed in a page of users, and the marker of the next page.
async fn page(
    host: &Host,
    account: AccountId,
    after: &str,
) -> Result<(Vec<Unconfirmed>, Option<String>), JobError> {
    let part = Part {
        path_prefix: "",
        after,
        limit: PAGE,
    };
    let page = host.core.identities().await?.unconfirmed(account, part).await?;
    Ok((page.entries, page.next))
}
