//! The changes made by `strongroom keys`. Each change is applied to the current file under a lock, and is durable and
//! in use when the call returns.

use crate::created::Created;
use crate::keyring::Keyring;
use crate::keyring::content::{Content, KeyVersion, Master, NamedKey};
use crate::keyring::create::lock;
use crate::keyring::error::{ChangeError, KeyringError};
use crate::keyring::file::read_text;
use crate::keyring::snapshot::Snapshot;
use crate::keyring::state::{MasterState, NamedState};
use std::sync::Arc;
use strongroom_seal::Random;
use time::OffsetDateTime;

/// Identifies the key that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A master key.
    Master {
        /// Id of the key.
        id: String,
    },
    /// A named key.
    Named {
        /// Id of the key.
        id: String,
        /// Label of the key.
        label: String,
        /// Number of its newest version.
        version: u32,
    },
}

impl Changed {
    /// Returns the id of the key.
    pub fn id(&self) -> &str {
        match self {
            Self::Master { id } | Self::Named { id, .. } => id,
        }
    }
}

impl Keyring {
    /// Generates a master key and makes it the current one; the previous one stays active. Returns its id.
    ///
    /// # Errors
    /// Here and below: as [`Keyring::read_with`]; [`KeyringError::ReadOnly`], [`KeyringError::Change`].
    pub fn roll(&self, now: OffsetDateTime, random: &dyn Random) -> Result<String, KeyringError> {
        self.change(random, |content| {
            for master in &mut content.masters {
                if master.state == MasterState::Current {
                    master.state = MasterState::Active;
                }
            }
            let created = Master::generate(Created::at(now), random)?;
            let id = created.id.clone();
            content.masters.push(created);
            Ok(id)
        })
    }

    /// Generates a named key with the label `label`.
    ///
    /// # Errors
    /// [`ChangeError::Label`], [`ChangeError::LabelInUse`].
    pub fn add_named(
        &self,
        label: &str,
        now: OffsetDateTime,
        random: &dyn Random,
    ) -> Result<Changed, KeyringError> {
        self.change(random, |content| {
            content.must_be_free(label, None)?;
            let created = NamedKey::generate(label, Created::at(now), random)?;
            let changed = Changed::named(&created);
            content.named.push(created);
            Ok(changed)
        })
    }

    /// Generates a new version of a named key. From now on it wraps; the previous ones still unwrap.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchKey`], [`ChangeError::NoVersions`], [`ChangeError::TooManyVersions`].
    pub fn roll_named(
        &self,
        key: &str,
        now: OffsetDateTime,
        random: &dyn Random,
    ) -> Result<Changed, KeyringError> {
        self.change(random, |content| {
            if content.master(key).is_some() {
                return Err(ChangeError::NoVersions(key.to_owned()).into());
            }
            let named = named_mut(content, key)?;
            let number = named.newest().map_or(0, |version| version.number);
            let number = number.checked_add(1);
            let number = number.ok_or_else(|| ChangeError::TooManyVersions(named.id.clone()))?;
            named
                .versions
                .push(KeyVersion::generate(number, Created::at(now), random)?);
            Ok(Changed::named(named))
        })
    }

    /// Changes the label of a named key. Objects do not store labels.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchKey`], [`ChangeError::NoLabel`], [`ChangeError::Label`], [`ChangeError::LabelInUse`].
    pub fn rename(&self, key: &str, label: &str, random: &dyn Random) -> Result<Changed, KeyringError> {
        self.change(random, |content| {
            if content.master(key).is_some() {
                return Err(ChangeError::NoLabel(key.to_owned()).into());
            }
            let id = named_mut(content, key)?.id.clone();
            content.must_be_free(label, Some(&id))?;
            let named = named_mut(content, &id)?;
            label.clone_into(&mut named.label);
            Ok(Changed::named(named))
        })
    }

    /// Retires a master key, which still opens but never wraps again, or disables a named key, which then does neither.
    ///
    /// # Errors
    /// [`ChangeError::NoSuchKey`], [`ChangeError::IsCurrent`], [`ChangeError::Already`].
    pub fn retire(&self, key: &str, random: &dyn Random) -> Result<Changed, KeyringError> {
        self.change(random, |content| match master_mut(content, key) {
            Some(master) if master.state == MasterState::Current => {
                Err(ChangeError::IsCurrent(master.id.clone()).into())
            }
            Some(master) => master.set_state(MasterState::Retired),
            None => named_mut(content, key)?.set_state(NamedState::Disabled),
        })
    }

    /// Reverts [`Self::retire`].
    ///
    /// # Errors
    /// [`ChangeError::NoSuchKey`], [`ChangeError::Already`].
    pub fn revive(&self, key: &str, random: &dyn Random) -> Result<Changed, KeyringError> {
        self.change(random, |content| match master_mut(content, key) {
            Some(master) if master.state == MasterState::Current => Err(ChangeError::Already {
                id: master.id.clone(),
                state: master.state.word(),
            }
            .into()),
            Some(master) => master.set_state(MasterState::Active),
            None => named_mut(content, key)?.set_state(NamedState::Enabled),
        })
    }

    /// Notes the store that this keyring belongs to from now on. The ids of earlier stores stay in the file. Durable on
    /// return.
    ///
    /// # Errors
    /// As [`Self::reload`].
    pub fn note_store(&self, id: [u8; 16], random: &dyn Random) -> Result<(), KeyringError> {
        if self.store() == Some(id) {
            return Ok(());
        }
        self.change(random, |content| {
            content.stores.retain(|earlier| *earlier != id);
            content.stores.push(id);
            Ok(())
        })
    }

    /// Refuses a key that [`Self::delete_master`] would not delete.
    ///
    /// # Errors
    /// [`ChangeError::NotRetired`], [`ChangeError::NoSuchKey`].
    pub fn must_be_retired(&self, id: &str) -> Result<(), KeyringError> {
        Ok(self.snapshot().content.must_be_retired(id)?)
    }

    /// Deletes a retired master key. Everything it wraps is lost for good, so the caller must have checked, after
    /// [`Self::must_be_retired`], that there is nothing: a retired key never becomes current again.
    ///
    /// # Errors
    /// As [`Self::must_be_retired`].
    pub fn delete_master(&self, id: &str, random: &dyn Random) -> Result<(), KeyringError> {
        self.change(random, |content| {
            content.must_be_retired(id)?;
            content.masters.retain(|master| master.id != id);
            Ok(())
        })
    }

    fn change<T>(
        &self,
        random: &dyn Random,
        change: impl FnOnce(&mut Content) -> Result<T, KeyringError>,
    ) -> Result<T, KeyringError> {
        let snapshot = self.snapshot();
        let root = snapshot.root.as_ref().ok_or(KeyringError::ReadOnly)?;
        let _lock = lock(&self.path)?;
        let mut read = Snapshot::read_by(&self.path, read_text(&self.path)?, root)?;
        // A change based on an older file would bring that file into use in a server that runs with a newer one.
        snapshot.check_successor(&read, &self.path)?;
        let result = change(&mut read.content)?;
        self.write(&read.content, Arc::clone(root), random)?;
        Ok(result)
    }
}

impl Changed {
    fn named(key: &NamedKey) -> Self {
        Self::Named {
            id: key.id.clone(),
            label: key.label.clone(),
            version: key.newest().map_or(0, |version| version.number),
        }
    }
}

impl Content {
    fn must_be_retired(&self, id: &str) -> Result<(), ChangeError> {
        match self.master(id) {
            Some(master) if master.state == MasterState::Retired => Ok(()),
            Some(_) => Err(ChangeError::NotRetired(id.to_owned())),
            None if self.named(id).is_some() => Err(ChangeError::NotRetired(id.to_owned())),
            None => Err(ChangeError::NoSuchKey(id.to_owned())),
        }
    }
}

impl Master {
    fn set_state(&mut self, state: MasterState) -> Result<Changed, KeyringError> {
        if self.state == state {
            return Err(ChangeError::Already {
                id: self.id.clone(),
                state: state.word(),
            }
            .into());
        }
        self.state = state;
        Ok(Changed::Master { id: self.id.clone() })
    }
}

impl NamedKey {
    fn set_state(&mut self, state: NamedState) -> Result<Changed, KeyringError> {
        if self.state == state {
            return Err(ChangeError::Already {
                id: self.id.clone(),
                state: state.word(),
            }
            .into());
        }
        self.state = state;
        Ok(Changed::named(self))
    }
}

fn master_mut<'a>(content: &'a mut Content, id: &str) -> Option<&'a mut Master> {
    content.masters.iter_mut().find(|master| master.id == id)
}

fn named_mut<'a>(content: &'a mut Content, key: &str) -> Result<&'a mut NamedKey, ChangeError> {
    content
        .named_mut(key)
        .ok_or_else(|| ChangeError::NoSuchKey(key.to_owned()))
}
