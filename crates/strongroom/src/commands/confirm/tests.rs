use super::*;

fn asked_for(action: &Action<'_>, typed: &str) -> (Result<(), NotConfirmed>, String) {
    let mut output = Vec::new();
    let outcome = confirm(action, None, true, typed.as_bytes(), &mut output);
    (outcome, String::from_utf8(output).unwrap())
}

fn asked(typed: &str) -> (Result<(), NotConfirmed>, String) {
    asked_for(&Action::shred("vault"), typed)
}

#[test]
fn only_the_id_of_the_master_key_will_do() {
    let (outcome, question) = asked_for(&Action::delete_master("m-1"), "m-1\n");
    outcome.unwrap();
    assert!(question.contains("the master key m-1"), "{question}");
    assert!(asked_for(&Action::delete_master("m-1"), "m-2\n").0.is_err());
    let error = confirm(
        &Action::delete_master("m-1"),
        None,
        false,
        io::empty(),
        io::sink(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("--yes-delete m-1"), "{error}");
}

#[test]
fn only_the_name_of_the_bucket_will_do() {
    let (outcome, question) = asked("vault\n");
    outcome.unwrap();
    assert!(
        question.contains("the key of the bucket vault") && question.ends_with(": "),
        "{question}"
    );
    for typed in ["", "\n", "yes\n", "Vault\n", "vault2\n"] {
        assert!(
            matches!(asked(typed).0, Err(NotConfirmed::OtherAnswer(_))),
            "{typed:?}"
        );
    }
}

#[test]
fn a_name_on_the_command_line_is_an_answer() {
    let given = |name| {
        confirm(
            &Action::shred("vault"),
            Some(name),
            false,
            io::empty(),
            io::sink(),
        )
    };
    given("vault").unwrap();
    let error = given("attic").unwrap_err();
    assert!(error.to_string().contains("attic") && error.to_string().contains("nothing was changed"));
}

/// Names come from the command line and may be chosen by others, for example in a script's list.
#[test]
fn names_that_would_steer_a_terminal_are_quoted() {
    let name = "a\u{1b}[31mb\nc";
    let mut output = Vec::new();
    let other = confirm(
        &Action::shred(name),
        Some("d\u{7}"),
        false,
        io::empty(),
        io::sink(),
    )
    .unwrap_err();
    let nobody = confirm(&Action::shred(name), None, false, io::empty(), io::sink()).unwrap_err();
    confirm(&Action::shred(name), None, true, "no\n".as_bytes(), &mut output).unwrap_err();
    let question = String::from_utf8(output)
        .unwrap()
        .replace("undone.\nType", "undone. Type");
    for text in [other.to_string(), nobody.to_string(), question] {
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(text.contains(r"\u{1b}[31mb\nc"), "{text:?}");
    }
}

#[test]
fn a_script_is_not_asked() {
    let error = confirm(
        &Action::shred("vault"),
        None,
        false,
        "vault\n".as_bytes(),
        io::sink(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("--yes-shred vault"), "{error}");
}
