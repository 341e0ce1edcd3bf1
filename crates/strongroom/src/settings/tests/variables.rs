//! Settings from variables of the environment.

use super::*;

#[test]
fn every_setting_has_a_variable() {
    let directory = Directory::empty();
    let variables = [
        ("STRONGROOM_DATA_DIR", "/d"),
        ("STRONGROOM_KEYRING", "/k"),
        ("STRONGROOM_ROOT_SOURCE", "file"),
        ("STRONGROOM_ROOT_FILE", "/r"),
        ("STRONGROOM_REGION", "r"),
        ("STRONGROOM_HOSTS", "a.example, b.example"),
        ("STRONGROOM_HTTPS_LISTEN", "127.0.0.1:1"),
        ("STRONGROOM_HTTPS_CERTIFICATE", "/c.pem"),
        ("STRONGROOM_HTTPS_KEY", "/key.pem"),
        ("STRONGROOM_HTTP_LISTEN", "off"),
        ("STRONGROOM_SSE_C_HEAD_WITHOUT_KEY", "400"),
        ("STRONGROOM_SSE_C_CLEARTEXT", "always"),
        ("STRONGROOM_CONNECTIONS_MAX", "100"),
        ("STRONGROOM_CONNECTIONS_PER_ADDRESS", "20"),
        ("STRONGROOM_REQUESTS_MIN_RATE", "0"),
        ("STRONGROOM_REQUESTS_RATE_WINDOW", "5"),
        ("STRONGROOM_REQUESTS_LONGEST_READ", "60"),
        ("STRONGROOM_MEMORY_BUFFERS", "64"),
        ("STRONGROOM_STORE_RESERVE_MIB", "0"),
        ("STRONGROOM_STORE_LOST_DAYS", "7"),
        ("STRONGROOM_STORE_HISTORY_DAYS", "14"),
        ("STRONGROOM_STORE_HISTORY_MIB", "512"),
        ("STRONGROOM_STORE_WRITE_BUFFER_MIB", "8"),
        ("STRONGROOM_MEMORY_CORE_DUMPS", "true"),
        ("STRONGROOM_MEMORY_LOCK", "off"),
        ("STRONGROOM_AUDIT_ENABLED", "false"),
        ("STRONGROOM_AUDIT_DIRECTORY", "/a"),
        ("STRONGROOM_AUDIT_ROTATE_MIB", "1048576"),
        ("STRONGROOM_AUDIT_KEEP", "all"),
        ("STRONGROOM_AUDIT_REQUESTS", "reads,writes"),
        ("STRONGROOM_CONSOLE_LISTEN", "127.0.0.1:2"),
        ("STRONGROOM_CONSOLE_SESSION_IDLE", "5"),
        ("STRONGROOM_CONSOLE_SESSION_MAX", "60"),
        ("STRONGROOM_OIDC_CA_FILE", "/ca.pem"),
        ("STRONGROOM_OIDC_PRIVATE_NETWORKS", "192.0.2.0/24"),
        ("STRONGROOM_OIDC_PLAIN_HTTP", "true"),
        ("STRONGROOM_REQUESTS_PER_SECOND", "5"),
        ("STRONGROOM_REQUESTS_AT_ONCE", "6"),
        ("STRONGROOM_REQUESTS_ACCOUNT_PER_SECOND", "7"),
        ("STRONGROOM_REQUESTS_ACCOUNT_AT_ONCE", "8"),
        ("STRONGROOM_STORE_USAGE_DAYS", "9"),
        ("STRONGROOM_TRUSTED_PROXIES", "192.0.2.1"),
        ("STRONGROOM_LOG", "error"),
        ("STRONGROOM_LOG_FORMAT", "json"),
        ("STRONGROOM_SHUTDOWN_GRACE", "7"),
        ("STRONGROOM_LIFECYCLE_DAY", "60"),
    ];
    // Settings of other root key sources conflict with this one, as do those of different services: see kms/tests.rs.
    let settings = names::<Layer>();
    let others: Vec<&String> = settings
        .iter()
        .filter(|name| name.starts_with("kms.") || name.starts_with("root."))
        .filter(|name| !matches!(name.as_str(), "root.source" | "root.file"))
        .collect();
    let loaded = directory.load(&variables, Layer::default()).unwrap();
    assert!(
        loaded
            .origins
            .iter()
            .zip(&settings)
            .filter(|(_, name)| !others.contains(name))
            .all(|(origin, _)| *origin == load::Origin::Variable)
    );
    assert_eq!(loaded.origins.len(), variables.len() + others.len());
    assert_eq!(loaded.settings.hosts.len(), 2);
    assert_eq!(loaded.settings.lifecycle_day, Duration::from_mins(1));
    assert_eq!(loaded.settings.audit.requests.0.to_string(), "reads,writes");
    assert_eq!(loaded.settings.sse_c.cleartext, Cleartext::Always);
    assert_eq!(loaded.settings.connections.per_address, Some(20));
    assert_eq!(loaded.settings.requests.min_rate, 0);
    assert_eq!(loaded.settings.memory.buffers, Some(64 << 20));
    assert_eq!(loaded.settings.store.reserve_bytes, Some(0));
    assert_eq!(loaded.settings.store.keep_lost, Duration::from_hours(24 * 7));
    let history = HistoryLimits {
        age: Duration::from_hours(24 * 14),
        bytes: Some(512 << 20),
    };
    assert_eq!(loaded.settings.store.history, Some(history));
    assert_eq!(loaded.settings.store.write_buffer_bytes, 8 << 20);
    assert!(loaded.settings.memory.core_dumps);
    assert_eq!(loaded.settings.memory.lock, MemoryLock::Off);
}

#[test]
fn variables_of_others_are_left_alone() {
    Directory::empty().settings(&[
        ("PATH", "/bin"),
        ("STRONGROOM_SERVICE_HOST", "10.0.0.1"),
        ("STRONGROOM_SERVICE_PORT_HTTPS", "9443"),
        ("STRONGROOM_PORT", "tcp://10.0.0.1:9443"),
        ("STRONGROOM_PORT_9443_TCP_ADDR", "10.0.0.1"),
    ]);
}

#[test]
fn a_wrong_value_names_the_variable_and_what_to_write() {
    let directory = Directory::empty();
    for (name, value, expected) in [
        ("STRONGROOM_HTTPS_LISTEN", "9443", "ADDRESS:PORT"),
        ("STRONGROOM_LOG", "loud", "error, warn, info, debug, trace"),
        ("STRONGROOM_SSE_C_HEAD_WITHOUT_KEY", "403", "404, 400"),
        ("STRONGROOM_HOSTS", "https://s3.example.com", "without scheme"),
        ("STRONGROOM_HOSTS", "*.example.com", "no * is needed"),
        ("STRONGROOM_HOSTS", "192.0.2.300", "IP address"),
        ("STRONGROOM_TRUSTED_PROXIES", "proxy.example.com", "192.0.2.0/24"),
        ("STRONGROOM_SHUTDOWN_GRACE", "30s", "whole number"),
        ("STRONGROOM_SHUTDOWN_GRACE", "99999", "0 to 3600"),
        ("STRONGROOM_AUDIT_ENABLED", "yes", "true"),
        ("STRONGROOM_AUDIT_ROTATE_MIB", "0", "MiB from 1"),
        ("STRONGROOM_AUDIT_ROTATE_MIB", "1048577", "1048576"),
        ("STRONGROOM_AUDIT_KEEP", "0", "1 or more, or all"),
        ("STRONGROOM_REGION", "", "is empty"),
    ] {
        let refusal = directory.refusal(&[(name, value)]);
        assert!(refusal.contains(name) && refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn a_variable_that_is_not_text_is_refused() {
    let environment = vec![("STRONGROOM_REGION".into(), OsString::from_vec(vec![0xff]))];
    let error = load(Sources {
        environment,
        ..Sources::default()
    })
    .unwrap_err();
    assert!(error.to_string().contains("UTF-8"));
}
