//! Searches for the first byte after a damage from which on data can be decrypted again.

use strongroom_engine::Engine;
use strongroom_seal::layout::CHUNK;

use super::chunks::Chunks;
use super::object_to_open::ObjectToOpen;

/// Finds a byte after the damage at `at` and before `end` from which on data can be decrypted.
///
/// Within the part it searches in growing steps and then between the last two, because damage is mostly contiguous.
/// In later parts it tries only the first chunks.
pub(super) async fn opens_again(
    engine: &Engine,
    object: &ObjectToOpen,
    chunks: &Chunks,
    at: u64,
    end: u64,
) -> Option<u64> {
    let opens = async |at: u64| object.chunk(engine, chunks.around(at)).await.is_ok();
    let (index, part) = chunks.part(at);
    let first = chunks.around(at).start;
    let beyond = part.end.min(end).saturating_sub(first).div_ceil(CHUNK);
    let start_of = |chunk: u64| first + chunk * CHUNK;
    let (mut damaged, mut step) = (0, 1);
    while damaged + 1 < beyond {
        let tried = (damaged + step).min(beyond - 1);
        if opens(start_of(tried)).await {
            let mut whole = tried;
            while damaged + 1 < whole {
                let middle = damaged.midpoint(whole);
                if opens(start_of(middle)).await {
                    whole = middle;
                } else {
                    damaged = middle;
                }
            }
            return Some(start_of(whole));
        }
        damaged = tried;
        step *= 2;
    }
    for part in chunks.parts.iter().skip(index + 1) {
        if part.start >= end {
            break;
        }
        if !part.is_empty() && opens(part.start).await {
            return Some(part.start);
        }
    }
    None
}
