use std::sync::Arc;

use super::*;
use crate::log::fixture::{NOON, texts, wrapped};

fn text() -> Text {
    Text::of_use(NOON, &wrapped("k")).unwrap()
}

#[test]
fn it_takes_so_many_lines_and_then_says_so() {
    let queue = Queue::default();
    for line in texts(MAX_LINES) {
        queue.has_room().unwrap();
        queue.add(line).unwrap();
    }
    assert_eq!(queue.has_room(), Err(AuditUnavailable));
    assert_eq!(queue.add(text()), Err(AuditUnavailable));

    let lines = queue.take(None);
    assert_eq!(lines.len(), MAX_LINES);
    assert_eq!(
        queue.add(text()),
        Err(AuditUnavailable),
        "taken out is not written"
    );
    queue.release(1, 400);
    queue.add(text()).unwrap();
    assert_eq!(queue.add(text()), Err(AuditUnavailable));
}

#[test]
fn long_lines_fill_it_sooner() {
    let queue = Queue::default();
    let long = "\0".repeat(100_000);
    let mut count = 0;
    while queue.add(Text::of_use(NOON, &wrapped(&long)).unwrap()).is_ok() {
        count += 1;
        assert!(count < 1000, "a line takes more than half a megabyte");
    }
    let lines = queue.take(None);
    let bytes = lines.iter().map(Text::size).sum();
    assert!(bytes >= MAX_BYTES);
    queue.release(lines.len(), bytes);
    queue.has_room().unwrap();
}

#[test]
fn who_waits_is_woken_by_a_line_and_by_the_end() {
    let queue = Arc::new(Queue::default());
    let waiting = std::thread::spawn({
        let queue = Arc::clone(&queue);
        move || {
            let first = queue.take(None).len();
            queue.pause(Instant::now() + Duration::from_mins(1));
            (first, queue.take(None).len(), queue.take(None).len())
        }
    });
    queue.add(text()).unwrap();
    while !queue.state().lines.is_empty() {
        std::thread::yield_now();
    }
    queue.add(text()).unwrap();
    assert!(!queue.is_closed());
    queue.close();
    assert_eq!(
        waiting.join().unwrap(),
        (1, 1, 0),
        "lines that came before the end are not lost"
    );
    assert_eq!(queue.add(text()), Err(AuditUnavailable));
    assert_eq!(queue.has_room(), Err(AuditUnavailable));
}

#[test]
fn nobody_waits_longer_than_was_said() {
    let queue = Queue::default();
    let started = Instant::now();
    assert!(queue.take(Some(started + Duration::from_millis(20))).is_empty());
    queue.pause(Instant::now() + Duration::from_millis(20));
    assert!(started.elapsed() >= Duration::from_millis(40));
}
