use futures::StreamExt as _;

use super::*;
use crate::admin::fixture::Fixture;

/// Reports progress twice in a row, then a row, and then ends as its field says.
#[derive(Serialize, Deserialize)]
struct Short {
    succeeds: bool,
}

impl Job for Short {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/short";
    const STREAMS: bool = true;
    type Row = String;
    type Outcome = u32;

    fn command(&self) -> &'static str {
        "short"
    }

    async fn run(&self, _: &Host, events: &mut Events<Self>) -> Result<u32, JobError> {
        events.progress(|| "one".to_owned());
        events.progress(|| "two, too early".to_owned());
        tokio::task::yield_now().await;
        events.row("a\nrow".to_owned());
        if self.succeeds {
            Ok(1)
        } else {
            Err(JobError::NoBucket("vault".to_owned()))
        }
    }
}

#[tokio::test]
async fn events_come_in_order_and_the_end_is_the_last_one() {
    let host = Fixture::new().await.host;
    for (succeeds, end) in [
        (true, r#"{"result":1}"#),
        (
            false,
            r#"{"error":{"code":"no-such-bucket","message":"there is no bucket vault"}}"#,
        ),
    ] {
        let events: Vec<_> = start(Short { succeeds }, host.clone()).collect().await;
        let lines: Vec<_> = events
            .iter()
            .map(|event| serde_json::to_string(event).unwrap())
            .collect();
        assert_eq!(
            lines,
            [r#"{"progress":{"text":"one"}}"#, r#"{"row":"a\nrow"}"#, end]
        );
        for (line, event) in lines.iter().zip(&events) {
            assert_eq!(&serde_json::from_str::<EventOf<Short>>(line).unwrap(), event);
        }
    }
}
