use super::quoted;

#[test]
fn plain_words_stay_and_others_are_quoted() {
    assert_eq!(quoted("/srv/strongroom/ca.pem"), "/srv/strongroom/ca.pem");
    assert_eq!(quoted("/srv/my data"), "'/srv/my data'");
    assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    assert_eq!(quoted(""), "''");
}
