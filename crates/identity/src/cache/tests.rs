use super::*;

/// Value that weighs as much as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value(usize);

impl Weighed for Value {
    fn weight(&self) -> usize {
        self.0
    }
}

#[test]
fn the_cache_is_bounded_and_keeps_what_is_used() {
    let cache = Cache::new(100);
    cache.insert("used", Value(1));
    for number in 1..1000 {
        cache.insert(&number.to_string(), Value(10));
        assert_eq!(cache.get("used"), Some(Value(1)));
    }
    let generations = cache.generations.read().unwrap();
    assert!(generations.young.len() <= 12 && generations.old.len() <= 12);
    drop(generations);
    assert_eq!(cache.get("1"), None);
    assert_eq!(cache.get("999"), Some(Value(10)));
    cache.remove("999");
    assert_eq!(cache.get("999"), None);
}

#[test]
fn a_replaced_value_weighs_nothing() {
    let cache = Cache::new(100);
    cache.insert("other", Value(1));
    for _ in 0..1000 {
        cache.insert("same", Value(50));
    }
    assert_eq!(cache.generations.read().unwrap().weight, 51);
    cache.insert("large", Value(1000));
    cache.insert("next", Value(1));
    assert_eq!(cache.generations.read().unwrap().young.len(), 1);
    assert_eq!(cache.get("large"), Some(Value(1000)));
}
