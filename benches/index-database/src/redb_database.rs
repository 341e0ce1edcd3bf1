//! redb: a copy-on-write B-tree in one file.

use crate::database::{CACHE_BYTES, Database};
use crate::load::Request;
use redb::{ReadableDatabase, ReadableTable, TableDefinition};
use std::path::Path;

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// Way in which a commit becomes durable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phases {
    One,
    Two,
    /// Two phases, and the allocator's state in each commit so that no repair walks the file.
    QuickRepair,
}

pub struct Redb {
    database: redb::Database,
    phases: Phases,
}

impl Redb {
    pub fn open(path: &Path, phases: Phases) -> Self {
        let mut builder = redb::Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let database = builder.create(path.join("index.redb")).expect("open");
        let transaction = database.begin_write().expect("begin");
        transaction.open_table(ROWS).expect("table");
        transaction.commit().expect("commit");
        Self { database, phases }
    }
}

impl Database for Redb {
    fn commit(&self, batch: &[Request]) {
        let mut transaction = self.database.begin_write().expect("begin");
        transaction.set_two_phase_commit(self.phases == Phases::Two);
        transaction.set_quick_repair(self.phases == Phases::QuickRepair);
        {
            let mut table = transaction.open_table(ROWS).expect("table");
            for request in batch {
                std::hint::black_box(table.get(request.check.as_slice()).expect("get").is_some());
                for (key, value) in &request.rows {
                    table.insert(key.as_slice(), value.as_slice()).expect("insert");
                }
            }
        }
        transaction.commit().expect("commit");
    }

    fn apply(&self, writes: &[(Vec<u8>, Option<Vec<u8>>)]) {
        let mut transaction = self.database.begin_write().expect("begin");
        transaction.set_quick_repair(self.phases == Phases::QuickRepair);
        {
            let mut table = transaction.open_table(ROWS).expect("table");
            for (key, value) in writes {
                match value {
                    Some(value) => drop(table.insert(key.as_slice(), value.as_slice()).expect("insert")),
                    None => drop(table.remove(key.as_slice()).expect("remove")),
                }
            }
        }
        transaction.commit().expect("commit");
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let transaction = self.database.begin_read().expect("begin");
        let table = transaction.open_table(ROWS).expect("table");
        table.get(key).expect("get").map(|value| value.value().to_vec())
    }

    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> usize {
        let transaction = self.database.begin_read().expect("begin");
        let table = transaction.open_table(ROWS).expect("table");
        let mut rows = Vec::with_capacity(limit);
        for row in table.range(from..).expect("range").take(limit) {
            let (key, value) = row.expect("row");
            if !key.value().starts_with(prefix) {
                break;
            }
            rows.push((key.value().to_vec(), value.value().to_vec()));
        }
        rows.len()
    }
}
