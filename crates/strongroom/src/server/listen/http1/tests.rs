use super::*;

#[test]
fn the_time_for_a_head_runs_only_while_a_head_is_awaited() {
    let now = Instant::now();
    let idle = now + IDLE_LIMIT;
    let mut progress = Progress::new();
    progress.started = now.checked_sub(2 * HEAD_LIMIT).unwrap();
    assert!(progress.head_deadline(idle) < now, "the first head is late");
    // A request whose body takes long. hyper begins to wait for the next head before its connection object is replaced.
    progress.note_read();
    progress.used.store(true, Ordering::Relaxed);
    assert_eq!(progress.head_deadline(idle), idle);
    progress.is_first.store(false, Ordering::Relaxed);
    assert_eq!(progress.head_deadline(idle), idle);
    // The next head.
    progress.begin();
    assert_eq!(progress.head_deadline(idle), idle);
    progress.note_read();
    let end = progress.head_deadline(idle);
    assert!(now < end && end <= Instant::now() + HEAD_LIMIT);
}
