//! Commands that set up root credentials in a client.

use std::fmt::Write as _;

use strongroom_access::Credentials;
use zeroize::Zeroizing;

use super::shell::quoted;

/// Client profile that the examples write and use.
pub(crate) const PROFILE: &str = "strongroom";

/// Returns the commands that write a client profile.
pub(crate) fn profile_lines(credentials: &Credentials, region: &str) -> Zeroizing<String> {
    let mut lines = Zeroizing::new(String::with_capacity(1024));
    for (name, value) in [
        ("aws_access_key_id", credentials.access_key_id.as_str()),
        ("aws_secret_access_key", credentials.secret.expose()),
        ("region", region),
    ] {
        let value = Zeroizing::new(quoted(value));
        let _ = writeln!(
            lines,
            "  aws configure set {name} {} --profile {PROFILE}",
            value.as_str()
        );
    }
    lines
}
