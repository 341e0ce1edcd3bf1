//! Passwords of users, for the console: hashed by Argon2id (RFC 9106).

use crate::error::{IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::model::login::{Login, PasswordHash};
use crate::model::user::User;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use strongroom_access::arn::{AccountId, Name};
use strongroom_seal::random;
use zeroize::Zeroizing;

/// Minimum number of characters, as on AWS without a password policy of the account.
const MIN: usize = 8;
/// Maximum number of characters.
const MAX: usize = 128;
/// Memory for a hash in KiB, and the number of passes: 19 MiB and 2, the first choice of the OWASP Password Storage Cheat
/// Sheet. Takes about 20 ms.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
/// Maximum of stored parameters, so that a row cannot exhaust the machine.
const MAX_MEMORY: u32 = 1 << 20;
const MAX_PASSES: u32 = 64;

/// Answer to a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordAnswer {
    /// The user does not exist, has no password, or has another one. Callers must not tell which.
    Wrong,
    /// The password is right.
    Right {
        /// True if the user must set another password now.
        reset_required: bool,
    },
}

impl Identities {
    /// Gives a user a password: 8 to 128 characters.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::EntityAlreadyExists`],
    /// [`IdentityError::PasswordPolicyViolation`].
    pub async fn create_login(
        &self,
        account: AccountId,
        name: &Name,
        password: Zeroizing<String>,
        reset_required: bool,
    ) -> Result<()> {
        let hash = self.hash_new(password).await?;
        let (created, epoch) = (self.now(), self.epoch());
        self.change::<User>(account, name, |user| {
            if user.login.is_some() {
                let subject = Subject::LoginProfile(user.name.clone());
                return Err(IdentityError::EntityAlreadyExists(subject));
            }
            user.login = Some(Login {
                created,
                reset_required,
                hash: hash.clone(),
                epoch,
            });
            Ok(())
        })
        .await
    }

    /// Changes the password of a user, or the duty to set another one; `None` keeps what is set.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the user and its password; [`IdentityError::PasswordPolicyViolation`].
    pub async fn update_login(
        &self,
        account: AccountId,
        name: &Name,
        password: Option<Zeroizing<String>>,
        reset_required: Option<bool>,
    ) -> Result<()> {
        let hash = match password {
            Some(password) => Some(self.hash_new(password).await?),
            None => None,
        };
        let epoch = self.epoch();
        self.change::<User>(account, name, |user| {
            let Some(login) = &mut user.login else {
                return Err(missing(name));
            };
            if let Some(hash) = &hash {
                login.hash = hash.clone();
                login.epoch = epoch;
            }
            login.reset_required = reset_required.unwrap_or(login.reset_required);
            Ok(())
        })
        .await
    }

    /// Deletes the password of a user, who cannot sign in from then on.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the user and its password.
    pub async fn delete_login(&self, account: AccountId, name: &Name) -> Result<()> {
        self.change::<User>(account, name, |user| {
            user.login.take().map(drop).ok_or_else(|| missing(name))
        })
        .await
    }

    /// Checks the password of a user. One of an earlier epoch that is not confirmed is wrong. Takes as long if there is no such user. The caller limits the number of attempts.
    ///
    /// # Errors
    /// [`IdentityError::Rows`], [`IdentityError::NoMemory`].
    pub async fn check_password(
        &self,
        account: AccountId,
        name: &Name,
        password: Zeroizing<String>,
    ) -> Result<PasswordAnswer> {
        let login = match self.get::<User>(account, name).await {
            Ok(user) => user.login,
            Err(IdentityError::NoSuchEntity(_)) => None,
            Err(error) => return Err(error),
        };
        let (expected, answer) = match login {
            Some(Login {
                hash,
                reset_required,
                epoch,
                ..
            }) if epoch == self.epoch() => (hash, PasswordAnswer::Right { reset_required }),
            Some(unconfirmed) => (unconfirmed.hash, PasswordAnswer::Wrong),
            None => (self.blank()?, PasswordAnswer::Wrong),
        };
        let known = expected.clone();
        let actual = self.hash(password, known).await?;
        let same = constant_time::verify_slices_are_equal(&actual.hash, &expected.hash).is_ok();
        Ok(if same { answer } else { PasswordAnswer::Wrong })
    }

    async fn hash_new(&self, password: Zeroizing<String>) -> Result<PasswordHash> {
        if !(MIN..=MAX).contains(&password.chars().count()) {
            return Err(IdentityError::PasswordPolicyViolation { min: MIN, max: MAX });
        }
        self.hash(password, self.blank()?).await
    }

    /// Returns the parameters of a new hash, with a random salt.
    fn blank(&self) -> Result<PasswordHash> {
        Ok(PasswordHash {
            memory: MEMORY,
            passes: PASSES,
            salt: random::bytes(&*self.random)?,
            hash: [0; 32],
        })
    }

    /// Hashes a password with these parameters, one at a time: each takes much memory.
    async fn hash(&self, password: Zeroizing<String>, parameters: PasswordHash) -> Result<PasswordHash> {
        let _turn = self.hashing.lock().await;
        let hashing = tokio::task::spawn_blocking(move || hash(&password, parameters));
        hashing.await.map_err(|_| IdentityError::NoMemory)?
    }
}

fn hash(password: &str, mut hash: PasswordHash) -> Result<PasswordHash> {
    let damaged = || {
        let why = "the parameters of a password's hash are out of range";
        IdentityError::from(strongroom_rows::Error::Damaged(why.to_owned()))
    };
    if hash.memory > MAX_MEMORY || hash.passes > MAX_PASSES {
        return Err(damaged());
    }
    let parameters = Params::new(hash.memory, hash.passes, 1, Some(32)).map_err(|_| damaged())?;
    let count = parameters.block_count();
    let mut blocks = Zeroizing::new(Vec::new());
    blocks
        .try_reserve_exact(count)
        .map_err(|_| IdentityError::NoMemory)?;
    blocks.resize(count, Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    argon2
        .hash_password_into_with_memory(password.as_bytes(), &hash.salt, &mut hash.hash, &mut blocks[..])
        .map_err(|_| damaged())?;
    Ok(hash)
}

fn missing(name: &Name) -> IdentityError {
    IdentityError::NoSuchEntity(Subject::LoginProfile(name.clone()))
}
