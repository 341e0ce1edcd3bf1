//! Compares ways to make blobs durable: `cargo run --release -- DIRECTORY [ROUNDS] [MEGABYTES] [NAME/NAME...]`. Every
//! round runs every layout once, in an order that is reversed from round to round; the figures are medians.

mod buffer;
mod layouts;

use layouts::{Birth, Files, Group, Layout, Syncs, Writer};
use rustix::fs::Advice;
use rustix::time::{ClockId, clock_gettime};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [1 << 20, 4 << 20, 64 << 10];
const WRITERS: [u32; 2] = [1, 16];
/// Bytes of header, tags and trailer.
const OVERHEAD: usize = 48 + 24;

fn files(birth: Birth, syncs: Syncs, direct: bool, allocate: bool) -> Layout {
    Layout::Files(Files {
        birth,
        syncs,
        direct,
        allocate,
    })
}

fn layouts() -> Vec<(&'static str, Layout)> {
    use Birth::{InPlace, Linked, Renamed};
    use Syncs::{NameAfter, NameBefore, Shared};
    vec![
        ("today", files(Renamed, NameAfter, false, false)),
        ("fallocate only", files(Renamed, NameAfter, false, true)),
        ("one sync", files(Renamed, NameBefore, false, false)),
        (
            "one sync, in its folder",
            files(InPlace, NameBefore, false, false),
        ),
        ("O_TMPFILE, one sync", files(Linked, NameBefore, false, false)),
        ("shared syncfs", files(Renamed, Shared, false, false)),
        ("direct", files(Renamed, NameAfter, true, true)),
        ("direct, one sync", files(Renamed, NameBefore, true, true)),
        (
            "direct, one sync, no fallocate",
            files(Renamed, NameBefore, true, false),
        ),
        (
            "direct, O_TMPFILE, one sync",
            files(Linked, NameBefore, true, true),
        ),
        ("direct, shared syncfs", files(Renamed, Shared, true, true)),
        ("segments", Layout::Segments { direct: false }),
        ("segments, direct", Layout::Segments { direct: true }),
    ]
}

/// Figures of a layout in a round.
struct Figures {
    cpu: f64,
    latency: f64,
    rate: f64,
    read: f64,
    /// The same after `POSIX_FADV_WILLNEED`.
    announced: f64,
}

fn main() {
    let mut words = std::env::args().skip(1);
    let root = words.next().expect("a directory on the disk to measure");
    let rounds: usize = words
        .next()
        .map_or(5, |word| word.parse().expect("a number of rounds"));
    let megabytes: usize = words
        .next()
        .map_or(64, |word| word.parse().expect("a number of megabytes"));
    let only = words.next();
    let root = Path::new(&root).join("blob-layout");
    for size in SIZES {
        for writers in WRITERS {
            let mut all: Vec<Vec<Figures>> = layouts().iter().map(|_| Vec::new()).collect();
            for round in 0..rounds {
                let mut order: Vec<usize> = (0..all.len()).collect();
                if round % 2 == 1 {
                    order.reverse();
                }
                for which in order {
                    if only
                        .as_ref()
                        .is_some_and(|only| !only.split('/').any(|name| name == layouts()[which].0))
                    {
                        continue;
                    }
                    let figures = measure(layouts()[which].1, &root, size, writers, megabytes);
                    all[which].push(figures);
                }
            }
            println!(
                "\n{} KiB, {writers} at once: CPU, latency, blobs per second, reading it back, the same announced",
                size >> 10
            );
            for ((name, _), figures) in layouts()
                .iter()
                .zip(&all)
                .filter(|(_, figures)| !figures.is_empty())
            {
                let of = |field: fn(&Figures) -> f64| median(figures.iter().map(field).collect());
                println!(
                    "  {name:31} {:7.3} ms {:8.2} ms {:8.0}/s {:7.3} ms {:7.3} ms",
                    of(|f| f.cpu),
                    of(|f| f.latency),
                    of(|f| f.rate),
                    of(|f| f.read),
                    of(|f| f.announced)
                );
            }
        }
    }
    fs::remove_dir_all(&root).expect("the directory is ours");
}

fn measure(layout: Layout, root: &Path, size: usize, writers: u32, megabytes: usize) -> Figures {
    let _ = fs::remove_dir_all(root);
    fs::create_dir_all(root.join("tmp")).expect("a writable directory");
    for shard in 0..256 {
        fs::create_dir(root.join(format!("{shard:02x}"))).expect("a writable directory");
    }
    rustix::fs::syncfs(File::open(root).expect("just created")).expect("a disk that syncs");
    let body: Vec<u8> = (0..size + OVERHEAD + size / (64 << 10) * 16)
        .map(|n| (n * 31 >> 3) as u8)
        .collect();
    let count = u32::try_from((megabytes << 20) / size / writers as usize)
        .expect("small")
        .max(8);
    let group = Group::default();
    let (before, start) = (cpu(), Instant::now());
    let mut written = Vec::new();
    let mut latencies = Vec::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                let (body, group) = (&body, &group);
                scope.spawn(move || {
                    let mut writer = Writer::new(layout, root, group, format!("w{writer}"));
                    let mut done = Vec::new();
                    for number in 0..count {
                        let begun = Instant::now();
                        let place = writer.put(number, body).expect("a disk with room");
                        done.push((place, begun.elapsed()));
                    }
                    done
                })
            })
            .collect();
        for thread in threads {
            for (place, time) in thread.join().expect("no panic") {
                written.push(place);
                latencies.push(time.as_secs_f64() * 1e3);
            }
        }
    });
    let (time, spent) = (start.elapsed(), cpu() - before);
    let blobs = f64::from(count * writers);
    let mut reads = [const { Vec::new() }; 2];
    let mut buffer = vec![0; body.len()];
    for (number, (path, at)) in written.iter().rev().take(64).enumerate() {
        let advice = (number % 2 == 1).then_some(Advice::WillNeed);
        let begun = Instant::now();
        let file = File::open(path).expect("just written");
        if let Some(advice) = advice {
            rustix::fs::fadvise(&file, *at, std::num::NonZeroU64::new(body.len() as u64), advice)
                .expect("a file");
        }
        file.read_exact_at(&mut buffer, *at).expect("just written");
        reads[number % 2].push(begun.elapsed().as_secs_f64() * 1e3);
        assert!(buffer == body, "other bytes came back");
    }
    Figures {
        cpu: spent.as_secs_f64() * 1e3 / blobs,
        latency: median(latencies),
        rate: blobs / time.as_secs_f64(),
        read: median(reads[0].clone()),
        announced: median(reads[1].clone()),
    }
}

/// Returns the processor time of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).expect("less than a second"),
    )
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}
