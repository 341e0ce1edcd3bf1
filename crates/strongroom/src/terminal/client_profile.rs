//! Commands that set up a profile of the AWS CLI and SDKs.

use std::fmt::Write as _;
use std::path::Path;

use strongroom_access::Credentials;
use zeroize::Zeroizing;

use super::shell::quoted;

/// Client profile that the examples write and use.
pub(crate) const PROFILE: &str = "strongroom";

/// Connection of a client to the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection<'a> {
    /// Name of the client profile.
    pub(crate) profile: &'a str,
    pub(crate) region: &'a str,
    /// URL of the server. `None`: unknown.
    pub(crate) endpoint: Option<&'a str>,
    /// CA file that the client must trust. `None`: those of its system suffice.
    pub(crate) ca_file: Option<&'a Path>,
}

/// Returns the commands that write a client profile, each on an indented line; without `credentials`, only those of the
/// connection.
///
/// Endpoint and CA file are in the profile, because a variable such as `AWS_CA_BUNDLE` would change other profiles and
/// other programs too.
pub(crate) fn profile_lines(
    credentials: Option<&Credentials>,
    connection: Connection<'_>,
) -> Zeroizing<String> {
    let mut lines = Zeroizing::new(String::with_capacity(2048));
    if let Some(credentials) = credentials {
        line(
            &mut lines,
            connection.profile,
            "aws_access_key_id",
            &credentials.access_key_id,
        );
        line(
            &mut lines,
            connection.profile,
            "aws_secret_access_key",
            credentials.secret.expose(),
        );
    }
    line(&mut lines, connection.profile, "region", connection.region);
    if let Some(endpoint) = connection.endpoint {
        line(&mut lines, connection.profile, "endpoint_url", endpoint);
    }
    if let Some(ca_file) = connection.ca_file {
        line(
            &mut lines,
            connection.profile,
            "ca_bundle",
            &ca_file.display().to_string(),
        );
    }
    // Without it, version 1 of the CLI and boto3 create presigned URLs with signature version 2.
    line(&mut lines, connection.profile, "s3.signature_version", "s3v4");
    lines
}

fn line(lines: &mut String, profile: &str, name: &str, value: &str) {
    let value = Zeroizing::new(quoted(value));
    // Writing into a String cannot fail.
    let _ = writeln!(
        lines,
        "  aws configure set {name} {} --profile {}",
        value.as_str(),
        quoted(profile)
    );
}
