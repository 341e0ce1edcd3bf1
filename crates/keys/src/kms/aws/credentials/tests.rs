use super::*;

const FILE: &str = "\
# Written by a person.
aws_access_key_id = NOBODY

[default]
aws_access_key_id = AKIDEFAULT
aws_secret_access_key = secret/default+=
region = eu-central-1

[ other ]
aws_access_key_id=AKIOTHER
aws_secret_access_key=secretother
; a session
aws_session_token = token=
[empty]
[half]
aws_access_key_id = AKIHALF
aws_secret_access_key =
[broken]
secret
";

#[test]
fn the_credentials_of_a_profile_are_found() {
    let default = find(FILE, "default").unwrap();
    assert_eq!(default.access_key_id(), "AKIDEFAULT");
    assert_eq!(default.secret_access_key(), "secret/default+=");
    assert_eq!(default.session_token(), None);
    let other = find(FILE, "other").unwrap();
    assert_eq!(other.access_key_id(), "AKIOTHER");
    assert_eq!(other.secret_access_key(), "secretother");
    assert_eq!(other.session_token(), Some("token="));
}

#[test]
fn missing_parts_are_reported() {
    for (profile, why) in [
        ("nobody", "there is no such profile"),
        ("empty", "aws_access_key_id is missing"),
        ("half", "aws_secret_access_key is missing"),
        ("broken", "a line is not NAME = VALUE"),
    ] {
        assert_eq!(find(FILE, profile).unwrap_err(), why, "{profile}");
    }
}
