//! Parser of AWS's shared credentials files.

use aws_credential_types::Credentials;

#[cfg(test)]
mod tests;

/// Finds the credentials of a profile.
///
/// # Errors
/// The name of what is missing, without any text of the file.
pub(super) fn find(file: &str, profile: &str) -> Result<Credentials, &'static str> {
    let mut section = None;
    let mut seen = false;
    let (mut id, mut secret, mut session) = (None, None, None);
    for line in file.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = Some(name.trim());
            seen |= section == Some(profile);
            continue;
        }
        if section != Some(profile) {
            continue;
        }
        let (name, value) = line.split_once('=').ok_or("a line is not NAME = VALUE")?;
        let place = match name.trim() {
            "aws_access_key_id" => &mut id,
            "aws_secret_access_key" => &mut secret,
            "aws_session_token" => &mut session,
            _ => continue,
        };
        *place = Some(value.trim()).filter(|value| !value.is_empty());
    }
    if !seen {
        return Err("there is no such profile");
    }
    let id = id.ok_or("aws_access_key_id is missing")?;
    let secret = secret.ok_or("aws_secret_access_key is missing")?;
    Ok(Credentials::new(
        id,
        secret,
        session.map(str::to_owned),
        None,
        "file",
    ))
}
