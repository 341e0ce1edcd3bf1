use serde_json::json;

use super::*;

#[test]
fn a_job_is_said_as_it_is_documented() {
    let job = Job::Rewrap {
        bucket: "vault".to_owned(),
        prefix: String::new(),
        from: Sealing::S3,
        to: Sealing::Kms(Some("payroll".to_owned())),
        bucket_key: false,
        rate: Some(10),
    };
    let said = json!({
        "name": "rewrap", "bucket": "vault", "prefix": "", "from": "sse-s3", "to": "sse-kms:payroll",
        "bucket_key": false, "rate": 10,
    });
    assert_eq!(serde_json::to_value(&job).unwrap(), said);
    assert_eq!(serde_json::from_value::<Job>(said).unwrap(), job);
    for (name, job) in [
        ("purge-cache", Job::PurgeCache {}),
        ("rewrap-keys", Job::RewrapKeys {}),
        ("report-keys", Job::ReportKeys {}),
        ("ready", Job::Ready {}),
        ("endpoint", Job::Endpoint {}),
    ] {
        assert_eq!(serde_json::to_value(&job).unwrap(), json!({ "name": name }));
        assert_eq!(
            serde_json::from_value::<Job>(json!({ "name": name })).unwrap(),
            job
        );
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for said in [
        json!({ "name": "unknown" }),
        json!({ "name": "purge-cache", "more": 1 }),
        json!({ "name": "shred", "bucket": "vault" }),
        json!({ "name": "delete-master" }),
        json!({ "name": "record", "event": null }),
        json!({ "name": "record", "event": { "key-lost": { "id": "m-1" } } }),
        json!({ "name": "shred", "bucket": "vault", "with_locked": false, "quietly": true }),
        json!("purge-cache"),
    ] {
        assert!(serde_json::from_value::<Job>(said.clone()).is_err(), "{said}");
    }
}

#[tokio::test]
async fn lines_have_an_end_and_are_not_endless() {
    let mut said: &[u8] = b"first\n\nlast\n";
    for line in ["first", "", "last"] {
        assert_eq!(next_line(&mut said).await.unwrap().as_deref(), Some(line));
    }
    assert_eq!(next_line(&mut said).await.unwrap(), None);
    assert!(next_line(&mut &b"torn"[..]).await.is_err());

    let longest = usize::try_from(MAX_LINE).unwrap();
    let line = |length: usize| [&vec![b'x'; length][..], b"\n"].concat();
    let whole = next_line(&mut &line(longest - 1)[..]).await.unwrap();
    assert_eq!(whole.map(|whole| whole.len()), Some(longest - 1));
    assert!(next_line(&mut &line(longest)[..]).await.is_err());
}

#[test]
fn events_are_lines() {
    let events = [
        Event::Progress {
            text: "1 of 2\nkeys".to_owned(),
        },
        Event::Row {
            row: Row::Damaged(AboutVersion {
                bucket: "b".to_owned(),
                key: "k\n".to_owned(),
                version: "null".to_owned(),
                what: "gone".to_owned(),
            }),
        },
        Event::Done {
            outcome: Outcome::Shredded,
        },
        Event::Failed {
            message: "why".to_owned(),
        },
    ];
    for event in events {
        let line = serde_json::to_string(&event).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
