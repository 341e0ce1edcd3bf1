//! Loads the settings of a command: its flags over variables over the settings file.

use std::error::Error;
use std::path::PathBuf;

use super::audit::LogLocation;
use super::location::LocationFlags;
use super::serve::SettingsFlags;
use crate::settings::{self, Layer, Loaded, SettingsError, Sources};

pub(crate) fn load_all(mut flags: SettingsFlags) -> Result<Loaded, Box<dyn Error>> {
    let config = flags.config.take();
    load(flags.layer, config)
}

pub(crate) fn load_location(mut flags: LocationFlags) -> Result<Loaded, Box<dyn Error>> {
    let config = flags.config.take();
    load(flags.into_layer(), config)
}

pub(crate) fn audit_directory(location: LogLocation) -> Result<PathBuf, Box<dyn Error>> {
    match location.directory {
        Some(directory) => Ok(directory),
        None => Ok(load_location(location.store)?.settings.audit.directory),
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
