use std::path::Path;

use super::weakness::{Weakness, weaknesses};
use strongroom_keys::customer_key::{Form, read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::randomness;

const GUIDE_KEY: &[u8] = b"23832BAC16516152E560F933F261BF03";

fn key(text: &[u8]) -> CustomerKey {
    read(text).unwrap().key
}

/// Returns 0, 5, 10, ...: for tests where the strength of the key does not matter.
fn counting() -> [u8; LENGTH] {
    let mut next = 0;
    [(); LENGTH].map(|()| {
        next += 5;
        next - 5
    })
}

fn fill_counting(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    if bytes.len() != LENGTH {
        return Err(NoRandomness);
    }
    bytes.copy_from_slice(&counting());
    Ok(())
}

#[test]
fn the_guides_key_has_the_guides_md5() {
    assert_eq!(key(GUIDE_KEY).md5(), "rjGuMdjLpPV1eRuotNaPMQ==");
    assert_eq!(
        key(GUIDE_KEY).base64().as_str(),
        "MjM4MzJCQUMxNjUxNjE1MkU1NjBGOTMzRjI2MUJGMDM="
    );
}

#[test]
fn one_key_is_read_in_every_form() {
    let made = random(randomness::system).unwrap();
    let raw = made.bytes().to_vec();
    let with_line_end = |text: &str| [text.as_bytes(), b"\r\n"].concat();
    for (given, form, line_end) in [
        (raw, Form::RawBytes, false),
        (made.base64().as_bytes().to_vec(), Form::Base64, false),
        (made.hex().to_ascii_uppercase().into_bytes(), Form::Hex, false),
        (with_line_end(&made.base64()), Form::Base64, true),
        (with_line_end(&made.hex()), Form::Hex, true),
    ] {
        let read = read(&given).unwrap();
        assert_eq!((read.form, read.line_end), (form, line_end));
        assert_eq!(read.key.bytes(), made.bytes());
    }
    let read = read(&[GUIDE_KEY, b"\n"].concat()).unwrap();
    assert_eq!((read.form, read.line_end), (Form::Characters, true));
}

#[test]
fn a_raw_key_may_end_like_a_line() {
    let mut bytes = [7; LENGTH];
    bytes[LENGTH - 1] = b'\n';
    assert_eq!(key(&bytes).bytes(), &bytes);
}

#[test]
fn what_is_no_key_is_refused_with_a_hint() {
    for (given, hint) in [
        (&b""[..], "the input is empty"),
        (b"0123456789abcdef", "only AES-256"),
        (
            b"sixty-four characters that are not hex digits, as can be seen ..",
            "not all hex digits",
        ),
        (b"forty-four characters that are not base64 ..", "not the base64"),
        (b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "42 bytes"),
    ] {
        let refusal = read(given).err().unwrap().to_string();
        assert!(refusal.contains(hint), "{refusal}");
        assert!(given.is_empty() || !refusal.contains(std::str::from_utf8(given).unwrap()));
    }
}

#[test]
fn weak_keys_are_found_out() {
    let found = |given: &[u8]| weaknesses(&key(given));
    assert_eq!(found(GUIDE_KEY), [Weakness::GuideKey, Weakness::HexText]);
    assert_eq!(found(b"5f4dcc3b5aa765d61d8327deb882cf99"), [Weakness::HexText]);
    assert_eq!(found(&[0; 32]), [Weakness::Repeated { period: 1 }]);
    assert!(found(&b"s3cr3t!0".repeat(4)).contains(&Weakness::Repeated { period: 8 }));
    // A period that does not divide the length is found too.
    assert!(found(&b"s3cr3t!".repeat(5)[..32]).contains(&Weakness::Repeated { period: 7 }));
    assert!(found(b"12345678901234567890123456789012").contains(&Weakness::DigitsOnly));
    assert_eq!(found(b"31415926535897932384626433832795"), [Weakness::DigitsOnly]);
    assert_eq!(found(&counting()), [Weakness::Steps]);
    assert_eq!(found(b"correct-horse-battery-staple-you"), [Weakness::Words]);
    assert_eq!(found(b"My very secret Password of 2026!"), [Weakness::Words]);
    assert_eq!(
        found(b"aB9#aaB9##B9aB9#9BaaB9#BBaB9##9a"),
        [Weakness::FewDistinct { distinct: 4 }]
    );
}

#[test]
fn keys_of_our_own_making_are_not_called_weak() {
    for _ in 0..500 {
        assert_eq!(weaknesses(&random(randomness::system).unwrap()), []);
        let text = random_text(randomness::system).unwrap();
        assert!(
            text.as_text()
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric())
        );
        assert_eq!(weaknesses(&text), []);
    }
}

#[test]
fn characters_beyond_the_alphabet_are_drawn_again() {
    let mut draws = [62, 63, 0, 126, 61].into_iter().cycle();
    let made = random_text(|bytes| {
        bytes[0] = draws.next().unwrap();
        Ok(())
    });
    assert_eq!(made.unwrap().as_text().unwrap(), "A9".repeat(16));
}

#[test]
fn a_failing_generator_makes_no_key() {
    let mut output = Vec::new();
    let error = new::run(false, None, |_| Err(NoRandomness), &mut output).unwrap_err();
    assert!(error.to_string().contains("no random bytes"));
    assert!(output.is_empty());
}

#[test]
fn a_new_key_is_shown_as_each_client_wants_it() {
    let mut output = Vec::new();
    new::run(false, None, fill_counting, &mut output).unwrap();
    let page = String::from_utf8(output).unwrap();
    let made = key(&counting());
    for expected in [
        format!("base64      {}\n", made.base64().as_str()),
        format!("hex         {}\n", made.hex().as_str()),
        format!("MD5         {}\n", made.md5()),
        format!("base64.b64decode(\"{}\")", made.base64().as_str()),
        format!("sse_customer_key_base64 = {}\n", made.base64().as_str()),
        format!("-customer-key: {}'", made.base64().as_str()),
        "It is stored nowhere: this text is the only copy".to_owned(),
        "cannot go on a command line".to_owned(),
        "--sse-customer-key fileb://customer.key".to_owned(),
    ] {
        assert!(page.contains(&expected), "{expected} missing in\n{page}");
    }
}

#[test]
fn a_key_file_holds_the_raw_bytes_and_is_not_overwritten() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("my key");
    let mut output = Vec::new();
    new::run(false, Some(&path), fill_counting, &mut output).unwrap();
    assert_eq!(std::fs::read(&path).unwrap().len(), LENGTH);
    let page = String::from_utf8(output).unwrap();
    assert!(
        page.contains(&format!("--sse-customer-key 'fileb://{}'", path.display())),
        "{page}"
    );
    assert!(page.contains(&format!(
        "It is stored in {}, readable only by you",
        path.display()
    )));
    let error = new::run(false, Some(&path), fill_counting, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("never overwritten"));
}

#[test]
fn a_text_key_is_pasted_as_it_is() {
    let mut output = Vec::new();
    new::run(true, None, randomness::system, &mut output).unwrap();
    let page = String::from_utf8(output).unwrap();
    let text = page
        .lines()
        .find_map(|line| line.strip_prefix("characters  "))
        .unwrap();
    assert!(page.contains("190 bits"));
    assert!(page.contains(&format!("--sse-customer-key {text}\n")));
    assert!(page.contains(&format!("key = \"{text}\"")));
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("key");
    let mut output = Vec::new();
    new::run(true, Some(&path), randomness::system, &mut output).unwrap();
    let page = String::from_utf8(output).unwrap();
    assert!(
        page.contains("--sse-customer-key fileb://"),
        "a key in a file need not stand on a command line"
    );
    assert!(page.contains(&std::fs::read_to_string(&path).unwrap()));
}

#[test]
fn a_check_answers_without_repeating_the_key() {
    let mut output = Vec::new();
    check::run(None, GUIDE_KEY, &mut output).unwrap();
    let answer = String::from_utf8(output).unwrap();
    assert!(answer.contains("MD5      rjGuMdjLpPV1eRuotNaPMQ=="));
    assert!(answer.contains("WARNING: this is the sample key") && answer.contains("at most 128 bits"));
    assert!(!answer.contains("23832BAC"));
}

#[test]
fn a_check_reads_files_and_minds_line_ends() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("key");
    let made = random(randomness::system).unwrap();
    std::fs::write(&path, format!("{}\n", made.base64().as_str())).unwrap();
    let mut output = Vec::new();
    check::run(Some(&path), std::io::empty(), &mut output).unwrap();
    let answer = String::from_utf8(output).unwrap();
    assert!(answer.contains(&made.md5()) && !answer.contains("NOTE") && !answer.contains("WARNING"));
    std::fs::write(&path, [GUIDE_KEY, b"\n"].concat()).unwrap();
    let mut output = Vec::new();
    check::run(Some(&path), std::io::empty(), &mut output).unwrap();
    assert!(
        String::from_utf8(output)
            .unwrap()
            .contains("NOTE: a line end follows the key")
    );
    let error = check::run(
        Some(&place.path().join("none")),
        std::io::empty(),
        &mut Vec::new(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("cannot read the key from"));
}

#[test]
fn a_key_in_place_of_a_file_is_not_repeated() {
    for key in [
        GUIDE_KEY,
        "ab".repeat(LENGTH).as_bytes(),
        STANDARD.encode([7; LENGTH]).as_bytes(),
    ] {
        let key = std::str::from_utf8(key).unwrap();
        let error = check::run(Some(Path::new(key)), std::io::empty(), &mut Vec::new()).unwrap_err();
        let error = crate::terminal::error_chain::chain(&error);
        assert!(
            error.contains("never from the command line") && !error.contains(key),
            "{error}"
        );
    }
}
