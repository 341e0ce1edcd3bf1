use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::path::PathBuf;

/// The inputs in `fuzz/corpus/policy`.
fn corpus() -> Vec<Vec<u8>> {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/policy");
    let files = std::fs::read_dir(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn the_corpus_passes() {
    for input in corpus() {
        policy(&input);
        for length in 0..input.len() {
            policy(&input[..length]);
        }
    }
}

#[test]
fn the_corpus_has_a_valid_policy_of_each_kind() {
    for kind in [PolicyKind::Managed, PolicyKind::Trust, BUCKET] {
        let texts = corpus()
            .into_iter()
            .map(|input| String::from_utf8(input).unwrap());
        assert!(
            texts
                .into_iter()
                .any(|text| Policy::parse_as(&text, kind).is_ok()),
            "{kind:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_texts_pass(text in ".{0,300}") {
        policy(text.as_bytes());
    }

    #[test]
    fn changed_inputs_of_the_corpus_pass(
        pick in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        let inputs = corpus();
        let mut input = inputs[pick.index(inputs.len())].clone();
        for (at, byte, kind) in &edits {
            let at = at.index(input.len());
            match kind {
                0 => input[at] = *byte,
                1 => input.insert(at, *byte),
                2 if input.len() > 1 => drop(input.remove(at)),
                _ => input.extend_from_within(at..),
            }
        }
        input.truncate(4096);
        policy(&input);
    }
}
