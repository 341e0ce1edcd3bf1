//! The `STRONGROOM_*` environment variables as a source of settings.

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::VariableError;
use super::general::Layer;
use super::layered::{Layered as _, names};

/// Environment variables, passed in so that tests need not change those of the process.
pub(crate) type Environment = Vec<(OsString, OsString)>;

const PREFIX: &str = "STRONGROOM_";
/// Variable that names the settings file. There is no such setting, because a file cannot name itself.
const CONFIG: &str = "STRONGROOM_CONFIG";
/// Variable that names the directory of a service's credentials (systemd.exec(5), "Credentials"): a path, not a secret.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Settings given by variables.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    pub(crate) config: Option<PathBuf>,
    pub(crate) layer: Layer,
    pub(crate) credentials_directory: Option<PathBuf>,
}

/// Returns the environment variables of this process. Nothing else reads them.
pub(crate) fn process_environment() -> Environment {
    std::env::vars_os().collect()
}

/// Reads every variable that starts with `STRONGROOM_`; a name that is not a setting is an error.
pub(crate) fn read(environment: Environment) -> Result<Variables, VariableError> {
    let mut variables = Variables::default();
    for (name, value) in environment {
        if name == CREDENTIALS && !value.is_empty() {
            variables.credentials_directory = Some(PathBuf::from(value));
            continue;
        }
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        let name = name.to_owned();
        if is_service_link(&name) {
            continue;
        }
        let text = value
            .into_string()
            .map_err(|_| VariableError::NotText { name: name.clone() })?;
        if name == CONFIG {
            if text.is_empty() {
                return Err(VariableError::Empty { name });
            }
            variables.config = Some(PathBuf::from(text));
            continue;
        }
        read_setting(&mut variables.layer, name, text)?;
    }
    Ok(variables)
}

/// Reads the setting of the variable `name` into `layer`.
fn read_setting(layer: &mut Layer, name: String, text: String) -> Result<(), VariableError> {
    let mut read = None;
    layer.each("", &mut |setting, slot| {
        if variable(setting) == name {
            let is_missing = text.is_empty() && !slot.may_be_empty();
            read = Some((!is_missing).then(|| slot.read(&text)));
        }
    });
    match read {
        None => Err(VariableError::Unknown {
            nearest: nearest(&name),
            name,
        }),
        Some(None) => Err(VariableError::Empty { name }),
        Some(Some(read)) => read.map_err(|expected| VariableError::Value { name, text, expected }),
    }
}

/// Returns the name of the variable of a setting: `STRONGROOM_HTTPS_LISTEN` for `https.listen`.
pub(super) fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.replace('.', "_").to_ascii_uppercase())
}

/// Returns whether `name` is a Kubernetes service link. Kubernetes adds such variables to every container beside a
/// service called "strongroom" (`STRONGROOM_SERVICE_HOST`, `STRONGROOM_PORT_9443_TCP_ADDR`, ...). They are not meant
/// for this program, and rejecting them would keep a pod from starting. No setting has such a name.
fn is_service_link(name: &str) -> bool {
    name.contains("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || name
            .split("_PORT_")
            .nth(1)
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn nearest(name: &str) -> Option<String> {
    let settings = names::<Layer>();
    settings
        .iter()
        .map(|setting| variable(setting))
        .chain([CONFIG.to_owned()])
        .map(|known| (strsim::damerau_levenshtein(&known, name), known))
        .min()
        // A distance of more than 4 edits is a different word.
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, known)| known)
}
