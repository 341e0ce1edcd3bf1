use super::*;

#[test]
fn the_cache_is_bounded_and_keeps_what_is_used() {
    let cache = Cache::new(10);
    cache.insert("used", 0);
    for number in 1..1000 {
        cache.insert(&number.to_string(), number);
        assert_eq!(cache.get("used"), Some(0));
    }
    let generations = cache.generations.read().unwrap();
    assert!(generations.young.len() <= 10 && generations.old.len() <= 10);
    drop(generations);
    assert_eq!(cache.get("1"), None);
    assert_eq!(cache.get("999"), Some(999));
    cache.remove("999");
    assert_eq!(cache.get("999"), None);
}
