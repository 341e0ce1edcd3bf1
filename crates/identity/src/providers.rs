//! Identity providers of OIDC.

use crate::error::{IdentityError, Limit, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::limits::{MAX_CLIENT_IDS, MAX_PROVIDERS, MAX_THUMBPRINTS};
use crate::lookup::replace_account;
use crate::model::provider::Provider;
use crate::page::{Page, Part};
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, Arn};
use strongroom_rows::Found;

impl Identities {
    /// Creates an identity provider. `url`: the issuer, `https://` and a host, at most 255 characters. The caller refuses
    /// `http://` unless its settings allow it. `thumbprints`: up to 5 SHA-1 thumbprints of certificates, 40 hex digits
    /// each. (IAM API Reference, "`CreateOpenIDConnectProvider`".)
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::InvalidInput`], [`IdentityError::LimitExceeded`];
    /// [`IdentityError::NoSuchEntity`] for the account.
    pub async fn create_provider(
        &self,
        account: AccountId,
        url: &str,
        client_ids: Vec<String>,
        thumbprints: Vec<String>,
        tags: Tags,
    ) -> Result<Provider> {
        check_client_ids(&client_ids)?;
        let (issuer, plain_http) = issuer_of(url)?;
        let provider = Provider {
            issuer: issuer.to_owned(),
            plain_http,
            client_ids,
            thumbprints: checked_thumbprints(thumbprints)?,
            tags,
            created: self.now(),
        };
        let mut turn = self.turn(account).await;
        loop {
            let row = key::provider(account, &provider.issuer);
            if self.row::<Provider>(&row).await?.is_some() {
                return Err(IdentityError::EntityAlreadyExists(Subject::Provider(
                    url.to_owned(),
                )));
            }
            let found = self.find_account(account).await?;
            let mut counted = found.record.clone();
            if usize::try_from(counted.usage.providers).unwrap_or(usize::MAX) >= MAX_PROVIDERS {
                return Err(Limit::Quota("OpenIdConnectProvidersPerAccount", MAX_PROVIDERS).into());
            }
            counted.usage.providers += 1;
            let mut batch = self.batch();
            replace_account(&mut batch, &found, &counted)?;
            batch.expect::<Provider>(row.clone(), None);
            batch.put(row, &provider)?;
            if turn.commit(batch).await? {
                return Ok(provider);
            }
        }
    }

    /// Returns an identity provider.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn provider(&self, account: AccountId, arn: &str) -> Result<Provider> {
        Ok(self.find_provider(account, arn).await?.record)
    }

    /// Lists the identity providers of an account in the order of their issuers. The path prefix has no effect.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn providers(&self, account: AccountId, part: Part<'_>) -> Result<Page<Provider>> {
        let all = Part {
            path_prefix: "",
            ..part
        };
        let marker = |provider: &Provider| provider.issuer.clone();
        self.page(&key::providers(account), all, |_| true, marker).await
    }

    /// Adds a client id to an identity provider. Has no effect if it is there.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`], [`IdentityError::LimitExceeded`].
    pub async fn add_client_id(&self, account: AccountId, arn: &str, client_id: &str) -> Result<()> {
        self.change_provider(account, arn, |provider| {
            if !provider.client_ids.iter().any(|known| known == client_id) {
                provider.client_ids.push(client_id.to_owned());
            }
            check_client_ids(&provider.client_ids)
        })
        .await
    }

    /// Removes a client id from an identity provider. Has no effect if it is not there.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn remove_client_id(&self, account: AccountId, arn: &str, client_id: &str) -> Result<()> {
        self.change_provider(account, arn, |provider| {
            provider.client_ids.retain(|known| known != client_id);
            Ok(())
        })
        .await
    }

    /// Sets the thumbprints of an identity provider.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`], [`IdentityError::LimitExceeded`].
    pub async fn set_thumbprints(
        &self,
        account: AccountId,
        arn: &str,
        thumbprints: Vec<String>,
    ) -> Result<()> {
        let thumbprints = checked_thumbprints(thumbprints)?;
        self.change_provider(account, arn, |provider| {
            provider.thumbprints.clone_from(&thumbprints);
            Ok(())
        })
        .await
    }

    /// Adds tags to an identity provider, and replaces those of the same keys.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`], [`IdentityError::LimitExceeded`].
    pub async fn tag_provider(&self, account: AccountId, arn: &str, tags: &Tags) -> Result<()> {
        self.change_provider(account, arn, |provider| provider.tags.merge(tags))
            .await
    }

    /// Removes tags of an identity provider; other keys have no effect.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn untag_provider(&self, account: AccountId, arn: &str, keys: &[String]) -> Result<()> {
        self.change_provider(account, arn, |provider| {
            provider.tags.remove(keys);
            Ok(())
        })
        .await
    }

    /// Deletes an identity provider. Trust policies may still name it; nobody is let in by it any more.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn delete_provider(&self, account: AccountId, arn: &str) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find_provider(account, arn).await?;
            let found_account = self.find_account(account).await?;
            let mut counted = found_account.record.clone();
            counted.usage.providers = counted.usage.providers.saturating_sub(1);
            let row = key::provider(account, &found.record.issuer);
            let mut batch = self.batch();
            replace_account(&mut batch, &found_account, &counted)?;
            batch.expect(row.clone(), Some(&found));
            batch.delete(row);
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    async fn change_provider(
        &self,
        account: AccountId,
        arn: &str,
        change: impl Fn(&mut Provider) -> Result<()> + Send + Sync,
    ) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find_provider(account, arn).await?;
            let mut provider = found.record.clone();
            change(&mut provider)?;
            let row = key::provider(account, &provider.issuer);
            let mut batch = self.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &provider)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    async fn find_provider(&self, account: AccountId, arn: &str) -> Result<Found<Provider>> {
        let Ok(Arn::OidcProvider {
            account: owner,
            issuer,
        }) = Arn::parse(arn)
        else {
            return Err(IdentityError::InvalidInput(format!("ARN {arn} is not valid.")));
        };
        let missing = || IdentityError::NoSuchEntity(Subject::Provider(arn.to_owned()));
        if owner != account {
            return Err(missing());
        }
        let found = self.row::<Provider>(&key::provider(account, &issuer)).await?;
        found.ok_or_else(missing)
    }
}

/// Prefixes of condition keys of AWS. Claims of an issuer become condition keys that begin with its host.
const RESERVED: [&str; 5] = ["aws", "iam", "kms", "s3", "sts"];

/// Returns the URL of an issuer without its scheme, and whether the scheme is `http`.
fn issuer_of(url: &str) -> Result<(&str, bool)> {
    let invalid = || {
        IdentityError::InvalidInput(format!(
            "{url:?} is not the URL of an issuer: https:// and a host, perhaps a port and a path, at most 255 characters, \
             no query"
        ))
    };
    let (issuer, plain_http) = match url.strip_prefix("http://") {
        Some(issuer) => (issuer, true),
        None => (url.strip_prefix("https://").ok_or_else(invalid)?, false),
    };
    let host = issuer.split(['/', ':']).next().unwrap_or_default();
    let is_valid = |byte: u8| byte.is_ascii_graphic() && !b"?#@\\\"<>".contains(&byte);
    let is_reserved = RESERVED.iter().any(|word| word.eq_ignore_ascii_case(host));
    if host.is_empty() || is_reserved || url.len() > 255 || !issuer.bytes().all(is_valid) {
        return Err(invalid());
    }
    Ok((issuer, plain_http))
}

fn check_client_ids(client_ids: &[String]) -> Result<()> {
    if client_ids.len() > MAX_CLIENT_IDS {
        return Err(Limit::Quota("ClientIdsPerOpenIdConnectProvider", MAX_CLIENT_IDS).into());
    }
    let is_valid = |id: &String| (1..=255).contains(&id.chars().count()) && !id.chars().any(char::is_control);
    match client_ids.iter().find(|id| !is_valid(id)) {
        Some(id) => Err(IdentityError::InvalidInput(format!(
            "{id:?} is not a client id: 1 to 255 printable characters"
        ))),
        None => Ok(()),
    }
}

/// Returns thumbprints in lower case.
fn checked_thumbprints(thumbprints: Vec<String>) -> Result<Vec<String>> {
    if thumbprints.len() > MAX_THUMBPRINTS {
        return Err(Limit::Quota("ThumbprintsPerOpenIdConnectProvider", MAX_THUMBPRINTS).into());
    }
    let checked = |text: String| {
        if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(text.to_ascii_lowercase())
        } else {
            Err(IdentityError::InvalidInput(format!(
                "{text:?} is not a thumbprint: 40 hex digits"
            )))
        }
    };
    thumbprints.into_iter().map(checked).collect()
}
