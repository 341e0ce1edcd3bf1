use super::*;
use strongroom_audit::{IdentityChange, KeyEvent};

/// Audit that records writes: operation, key, status, result.
#[derive(Default)]
struct Heard {
    lines: Mutex<Vec<String>>,
    is_full: bool,
}

impl Audit for Heard {
    fn ready(&self) -> Result<(), AuditUnavailable> {
        if self.is_full {
            Err(AuditUnavailable)
        } else {
            Ok(())
        }
    }

    fn record(&self, _: &KeyEvent<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn record_change(&self, _: &IdentityChange<'_>) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn records(&self, category: Category) -> bool {
        category == Category::Writes
    }

    fn record_request(&self, event: &RequestEvent<'_>) -> Result<(), AuditUnavailable> {
        let line = format!("{} {:?} {}", event.object, event.status, event.result);
        self.lines.lock().unwrap().push(line);
        Ok(())
    }
}

fn operation(key: &str, category: Category) -> Recorded {
    Recorded {
        actor: Actor {
            who: "SRTEST".into(),
            operation: "console:DeleteObject".into(),
            request: "0123456789ABCDEF".into(),
            address: None,
        },
        category,
        account: "000000000000".to_owned(),
        principal: "arn:aws:iam::000000000000:root".to_owned(),
        bucket: "bucket".to_owned(),
        key: key.to_owned(),
        version: None,
        failure: None,
    }
}

#[test]
fn each_operation_has_its_own_result_or_that_of_the_request() {
    let heard = Arc::<Heard>::default();
    let record = Record::new(&(Arc::clone(&heard) as Arc<dyn Audit>));
    for key in ["one", "two"] {
        record.add(operation(key, Category::Writes)).unwrap();
    }
    record.add(operation("read", Category::Reads)).unwrap();
    record.fail("two", None, "AccessDenied");
    record.complete(200, None);
    drop(record);
    assert_eq!(
        *heard.lines.lock().unwrap(),
        ["one Some(200) ok", "two Some(200) AccessDenied"]
    );
}

#[test]
fn a_request_that_is_cut_off_says_so_and_a_full_log_refuses_operations() {
    let heard = Arc::<Heard>::default();
    let record = Record::new(&(Arc::clone(&heard) as Arc<dyn Audit>));
    record.add(operation("one", Category::Writes)).unwrap();
    drop(record);
    assert_eq!(*heard.lines.lock().unwrap(), ["one None cut off"]);
    let full = Arc::new(Heard {
        is_full: true,
        ..Heard::default()
    });
    let record = Record::new(&(Arc::clone(&full) as Arc<dyn Audit>));
    assert!(record.add(operation("one", Category::Writes)).is_err());
    record.add(operation("read", Category::Reads)).unwrap();
    drop(record);
    assert!(full.lines.lock().unwrap().is_empty());
}
