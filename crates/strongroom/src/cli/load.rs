//! Loads the settings of a command: its flags over variables over the settings file.

use std::error::Error;
use std::path::PathBuf;

use super::audit::AuditPlace;
use super::place::PlaceFlags;
use super::serve::SettingsFlags;
use crate::settings::{self, Layer, Loaded, SettingsError, Sources};

pub(crate) fn load_all(mut flags: SettingsFlags) -> Result<Loaded, Box<dyn Error>> {
    let config = flags.config.take();
    load(flags.layer, config)
}

pub(crate) fn load_place(mut flags: PlaceFlags) -> Result<Loaded, Box<dyn Error>> {
    let config = flags.config.take();
    load(flags.into_layer(), config)
}

pub(crate) fn audit_directory(place: AuditPlace) -> Result<PathBuf, Box<dyn Error>> {
    match place.directory {
        Some(directory) => Ok(directory),
        None => Ok(load_place(place.place)?.settings.audit.directory),
    }
}

fn load(flags: Layer, config: Option<PathBuf>) -> Result<Loaded, Box<dyn Error>> {
    let directory = std::env::current_dir()?;
    let environment = settings::process_environment();
    let loaded: Result<_, SettingsError> = settings::load(Sources {
        flags,
        config,
        environment,
        directory,
    });
    Ok(loaded?)
}
