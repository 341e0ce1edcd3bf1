//! Merges the sources: flags over variables over the file over the defaults.

use std::io;
use std::path::{Path, PathBuf};

use super::error::SettingsError;
use super::general::{Layer, Settings};
use super::layered::Layered;
use super::paths::absolute;
use super::variables::{self, Environment};
use crate::files::short_file;

/// Settings file that is read when none is named.
const DEFAULT_FILE: &str = "strongroom.toml";

/// Sources of settings.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) flags: Layer,
    /// File named by `--config`.
    pub(crate) config: Option<PathBuf>,
    pub(crate) environment: Environment,
    /// Directory at which relative paths start: the current directory.
    pub(crate) directory: PathBuf,
}

/// Source of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File,
    Variable,
    Flag,
}

/// Settings in force and their origins.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// The settings file that was read, if any.
    pub(crate) file: Option<PathBuf>,
    /// One origin for each of the settings, in the same order.
    pub(crate) origins: Vec<Origin>,
}

/// Reads all sources, merges them and checks the result.
pub(crate) fn load(sources: Sources) -> Result<Loaded, SettingsError> {
    let Sources {
        mut flags,
        config,
        environment,
        directory,
    } = sources;
    let mut variables = variables::read(environment)?;
    let (file, mut file_layer) = match config.or(variables.config) {
        Some(path) => read_named(&absolute(&directory, &path))?,
        None => read_default(&directory.join(DEFAULT_FILE))?,
    };
    let sources = [
        (Origin::File, given(&mut file_layer)),
        (Origin::Variable, given(&mut variables.layer)),
        (Origin::Flag, given(&mut flags)),
    ];
    let mut origins = vec![Origin::Default; given(&mut Layer::default()).len()];
    for (source, given) in sources {
        let of_source = origins.iter_mut().zip(given).filter(|(_, is_given)| *is_given);
        of_source.for_each(|(origin, _)| *origin = source);
    }
    let layer = flags.over(variables.layer).over(file_layer);
    let settings = layer.complete(variables.credentials_directory, &directory)?;
    Ok(Loaded {
        settings,
        file,
        origins,
    })
}

/// Returns for each setting whether the layer gives it.
fn given(layer: &mut Layer) -> Vec<bool> {
    let mut given = Vec::new();
    layer.each("", &mut |_, slot| given.push(slot.is_given()));
    given
}

fn read_named(path: &Path) -> Result<(Option<PathBuf>, Layer), SettingsError> {
    let text = short_file::read_text(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        source,
    })?;
    let layer = toml::from_str(&text).map_err(|reason| SettingsError::File {
        path: path.to_owned(),
        reason,
    })?;
    Ok((Some(path.to_owned()), layer))
}

fn read_default(path: &Path) -> Result<(Option<PathBuf>, Layer), SettingsError> {
    match read_named(path) {
        Err(SettingsError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok((None, Layer::default()))
        }
        other => other,
    }
}
