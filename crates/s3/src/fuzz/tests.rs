use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::path::PathBuf;

/// The inputs in `fuzz/corpus` for a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let files = std::fs::read_dir(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn the_corpus_passes() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            target(&input);
            for length in 0..input.len().min(300) {
                target(&input[..length]);
            }
        }
    }
}

#[test]
fn the_corpus_reaches_what_is_asserted_of_signatures() {
    let pass = |target, request: fn(&[u8]) -> Option<Request<Body>>| {
        let inputs = corpus(target).into_iter();
        inputs.filter_map(|input| request(&input)).any(is_strict)
    };
    assert!(pass("authorization", with_authorization));
    assert!(pass("presigned", with_query));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_bytes_pass(data in vec(any::<u8>(), 0..300)) {
        for (_, target) in TARGETS {
            target(&data);
        }
    }

    #[test]
    fn changed_inputs_of_the_corpus_pass(
        pick in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        for (name, target) in TARGETS {
            let inputs = corpus(name);
            let mut input = inputs[pick.index(inputs.len())].clone();
            for (at, byte, kind) in &edits {
                if input.is_empty() {
                    break;
                }
                let at = at.index(input.len());
                match kind {
                    0 => input[at] = *byte,
                    1 => input.insert(at, *byte),
                    2 => drop(input.remove(at)),
                    _ => input.extend_from_within(at..),
                }
            }
            input.truncate(4096);
            target(&input);
        }
    }
}
