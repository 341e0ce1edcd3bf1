//! Encodings of records in existing indexes. A change here changes the format of customers' data.

use super::*;
use crate::model::access_key::{KeyRecord, KeyStatus, OwnerId};
use crate::model::console_session::{ConsoleSession, Proof};
use crate::model::entity::{InlinePolicy, Policies};
use crate::model::last_use::{LastUse, Service};
use crate::model::links::{AccountLink, EntityLink, EpochRecord};
use crate::model::login::{Login, PasswordHash};
use crate::model::policy::{Document, ManagedPolicy, PolicyVersion};
use crate::model::provider::Provider;
use crate::model::role::Role;
use crate::model::session_token::SessionToken;
use minicbor::data::Type;
use minicbor::{Decoder, Encode};
use strongroom_access::arn::{CanonicalId, EntityId, EntityKind};
use strongroom_access::{ROOT_CANONICAL_ID, SecretAccessKey};

/// Returns CBOR in the notation of format.md: maps with numbers, arrays, texts and numbers.
fn shown(record: &impl Encode<()>) -> String {
    let bytes = minicbor::to_vec(record).unwrap();
    let mut decoder = Decoder::new(&bytes);
    let text = value(&mut decoder);
    assert_eq!(decoder.position(), bytes.len());
    text
}

fn value(decoder: &mut Decoder<'_>) -> String {
    match decoder.datatype().unwrap() {
        Type::Map => {
            let count = decoder.map().unwrap().unwrap();
            let entries = (0..count).map(|_| [value(decoder), value(decoder)].join(" "));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Type::Array => {
            let count = decoder.array().unwrap().unwrap();
            let entries: Vec<_> = (0..count).map(|_| value(decoder)).collect();
            format!("[{}]", entries.join(", "))
        }
        Type::String => decoder.str().unwrap().to_owned(),
        Type::Bytes => format!("h'{}", decoder.bytes().unwrap()[0]),
        Type::Bool => decoder.bool().unwrap().to_string(),
        _ => decoder.u64().unwrap().to_string(),
    }
}

fn id(kind: EntityKind) -> EntityId {
    EntityId::from_random(kind, &[0; 17])
}

fn tags() -> Tags {
    Tags::new([("k".to_owned(), "v".to_owned())]).unwrap()
}

fn policies() -> Policies {
    let inline = vec![InlinePolicy {
        name: named("I"),
        size: 7,
    }];
    Policies {
        inline,
        attached: vec!["arn".to_owned()],
    }
}

const USER: &str = "AIDAAAAAAAAAAAAAAAAAA";

#[test]
fn accounts_are_written_as_format_md_says() {
    let canonical_id = CanonicalId::parse(ROOT_CANONICAL_ID).unwrap();
    let mut account = Account::new(AccountId::ROOT, canonical_id, "n".to_owned(), 5);
    let rest = "8 [], 9 {0 0, 1 0, 2 0, 3 0, 4 0}}";
    assert_eq!(
        shown(&account),
        format!("{{0 000000000000, 1 {ROOT_CANONICAL_ID}, 2 n, 4 5, 5 0, 6 2, {rest}")
    );
    (account.email, account.alias) = (Some("e".to_owned()), Some("a".to_owned()));
    account.root_keys.push("K".to_owned());
    account.status = crate::model::account::AccountStatus::Suspended;
    account.usage.users = 1;
    let rest = "7 a, 8 [K], 9 {0 1, 1 0, 2 0, 3 0, 4 0}}";
    assert_eq!(
        shown(&account),
        format!("{{0 000000000000, 1 {ROOT_CANONICAL_ID}, 2 n, 3 e, 4 5, 5 1, 6 2, {rest}")
    );
    let link = AccountLink {
        account: AccountId::ROOT,
    };
    assert_eq!(shown(&link), "{0 000000000000}");
    let mut epoch = EpochRecord {
        number: 7,
        since: 8,
        timeline: None,
    };
    assert_eq!(shown(&epoch), "{0 7, 1 8}");
    epoch.timeline = Some([9; 16]);
    assert_eq!(shown(&epoch), "{0 7, 1 8, 2 h'9}");
}

#[test]
fn users_groups_and_roles_are_written_as_format_md_says() {
    let hash = PasswordHash {
        memory: 1,
        passes: 2,
        salt: [3; 16],
        hash: [4; 32],
    };
    let user = User {
        path: Path::default(),
        name: named("A"),
        id: id(EntityKind::User),
        created: 5,
        tags: tags(),
        boundary: Some("b".to_owned()),
        policies: policies(),
        groups: vec![id(EntityKind::Group)],
        access_keys: vec!["K".to_owned()],
        login: Some(Login {
            created: 6,
            reset_required: true,
            hash,
            epoch: 7,
        }),
    };
    let held = "{0 [{0 I, 1 7}], 1 [arn]}";
    let login = "{0 6, 1 true, 2 {0 1, 1 2, 2 h'3, 3 h'4}, 3 7}";
    assert_eq!(
        shown(&user),
        format!(
            "{{0 /, 1 A, 2 {USER}, 3 5, 4 [[k, v]], 5 b, 6 {held}, 7 [AGPAAAAAAAAAAAAAAAAAA], 8 [K], 9 {login}}}"
        )
    );
    let group = Group {
        path: Path::default(),
        name: named("A"),
        id: id(EntityKind::Group),
        created: 5,
        policies: policies(),
        members: 1,
    };
    assert_eq!(
        shown(&group),
        format!("{{0 /, 1 A, 2 AGPAAAAAAAAAAAAAAAAAA, 3 5, 4 {held}, 5 1}}")
    );
    let role = Role {
        path: Path::default(),
        name: named("A"),
        id: id(EntityKind::Role),
        created: 5,
        description: Some("d".to_owned()),
        max_session: 3600,
        trust: "t".to_owned(),
        tags: tags(),
        boundary: Some("b".to_owned()),
        policies: policies(),
        revoked_before: 9,
    };
    assert_eq!(
        shown(&role),
        format!(
            "{{0 /, 1 A, 2 AROAAAAAAAAAAAAAAAAAA, 3 5, 4 d, 5 3600, 6 t, 7 [[k, v]], 8 b, 9 {held}, 10 9}}"
        )
    );
    let link = EntityLink {
        account: AccountId::ROOT,
        name: named("A"),
        id: id(EntityKind::User),
    };
    assert_eq!(shown(&link), format!("{{0 000000000000, 1 A, 2 {USER}}}"));
}

#[test]
fn policies_and_keys_are_written_as_format_md_says() {
    let policy = ManagedPolicy {
        path: Path::default(),
        name: named("A"),
        id: id(EntityKind::Policy),
        created: 5,
        updated: 6,
        description: Some("d".to_owned()),
        tags: tags(),
        versions: vec![PolicyVersion {
            number: 1,
            created: 5,
        }],
        default: 1,
        next: 2,
        attachments: 3,
        boundaries: 4,
    };
    assert_eq!(
        shown(&policy),
        "{0 /, 1 A, 2 ANPAAAAAAAAAAAAAAAAAA, 3 5, 4 6, 5 d, 6 [[k, v]], 7 [{0 1, 1 5}], 8 1, 9 2, 10 3, 11 4}"
    );
    assert_eq!(shown(&Document { text: "t".to_owned() }), "{0 t}");
    let key = |user| KeyRecord {
        account: AccountId::ROOT,
        user,
        status: KeyStatus::Inactive,
        created: 5,
        epoch: 6,
        secret: SecretAccessKey::new("s".to_owned()),
    };
    assert_eq!(shown(&key(None)), "{0 000000000000, 2 1, 3 5, 4 6, 5 s}");
    assert_eq!(
        shown(&key(Some(OwnerId(id(EntityKind::User))))),
        format!("{{0 000000000000, 1 {USER}, 2 1, 3 5, 4 6, 5 s}}")
    );
    let last = LastUse {
        time: 5,
        service: Service::Sts,
    };
    assert_eq!(shown(&last), "{0 5, 1 2}");
    let mut provider = Provider {
        issuer: "i".to_owned(),
        client_ids: vec!["c".to_owned()],
        thumbprints: vec!["t".to_owned()],
        tags: tags(),
        created: 5,
        plain_http: false,
    };
    assert_eq!(shown(&provider), "{0 i, 1 [c], 2 [t], 3 [[k, v]], 4 5}");
    provider.plain_http = true;
    assert_eq!(shown(&provider), "{0 i, 1 [c], 2 [t], 3 [[k, v]], 4 5, 5 true}");
    let mut token = SessionToken {
        account: AccountId::ROOT,
        owner: Some(OwnerId(id(EntityKind::User))),
        name: "n".to_owned(),
        issued: 1,
        expires: 2,
        epoch: 3,
        secret: SecretAccessKey::new("s".to_owned()),
        policy: Some("p".to_owned()),
        managed: vec!["m".to_owned()],
        tags: tags(),
        transitive: vec!["k".to_owned()],
        source_identity: Some("i".to_owned()),
        provider: Some("o".to_owned()),
        mfa: true,
        claims: Vec::new(),
    };
    assert_eq!(
        shown(&token),
        format!(
            "{{0 000000000000, 1 {USER}, 2 n, 3 1, 4 2, 5 3, 6 s, 7 p, 8 [m], 9 [[k, v]], 10 [k], 11 i, 12 o, 13 true}}"
        )
    );
    token.claims.push(("i:sub".to_owned(), "x".to_owned()));
    assert!(shown(&token).ends_with("13 true, 14 [[i:sub, x]]}"));
}

#[test]
fn console_sessions_are_written_as_format_md_says() {
    let session = |proof| ConsoleSession {
        account: AccountId::ROOT,
        proof,
        began: 1,
        address: "::1".to_owned(),
        agent: "browser".to_owned(),
        epoch: 2,
    };
    let by_key = shown(&session(Proof::AccessKey("SRA".to_owned())));
    assert_eq!(
        by_key,
        "{0 000000000000, 1 [0, [SRA]], 2 1, 3 ::1, 4 browser, 5 2}"
    );
    let user = OwnerId(id(EntityKind::User));
    let by_password = shown(&session(Proof::Password { user, salt: [7; 16] }));
    assert!(
        by_password.contains(&format!("1 [1, [{USER}, h'7]]")),
        "{by_password}"
    );
}
