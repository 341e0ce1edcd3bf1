use http::HeaderValue;

use super::*;

fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn of_request(peer: &str, secure: bool, given: &[(&'static str, &str)]) -> Connection {
    let trusted = ["10.0.0.0/8".parse().unwrap(), "127.0.0.2".parse().unwrap()];
    Connection::direct(peer.parse().unwrap(), secure).of_request(&headers(given), &trusted)
}

fn client(connection: &Connection) -> String {
    connection.client.to_string()
}

#[test]
fn strangers_are_not_believed() {
    let given = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https")];
    let connection = of_request("203.0.113.5:1", false, &given);
    assert_eq!(client(&connection), "203.0.113.5");
    assert!(!connection.secure && !connection.local);
    assert!(of_request("203.0.113.5:1", true, &[("x-forwarded-proto", "http")]).secure);
}

#[test]
fn a_trusted_proxy_tells_client_and_scheme() {
    let given = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https")];
    let connection = of_request("10.0.0.1:1", false, &given);
    assert_eq!(client(&connection), "192.0.2.1");
    assert!(connection.secure && !connection.local);
    assert_eq!(connection.peer.to_string(), "10.0.0.1:1");
    let mapped = of_request("[::ffff:10.0.0.1]:1", false, &given);
    assert!(mapped.secure);
}

#[test]
fn a_trusted_proxy_that_was_asked_in_clear_says_so() {
    assert!(!of_request("10.0.0.1:1", true, &[("x-forwarded-proto", "http")]).secure);
    assert!(!of_request("10.0.0.1:1", true, &[("x-forwarded-proto", "https, http")]).secure);
    assert!(
        !of_request(
            "10.0.0.1:1",
            true,
            &[("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")]
        )
        .secure
    );
    assert!(of_request("10.0.0.1:1", false, &[("x-forwarded-proto", "HTTPS,https")]).secure);
    assert!(of_request("10.0.0.1:1", true, &[]).secure);
    assert!(!of_request("10.0.0.1:1", true, &[("x-forwarded-for", "192.0.2.1")]).secure);
    assert!(!of_request("10.0.0.1:1", false, &[]).secure);
}

#[test]
fn the_client_is_the_last_one_that_is_no_proxy_of_ours() {
    let chain = [
        ("x-forwarded-for", "1.1.1.1, 192.0.2.1"),
        ("x-forwarded-for", "10.0.0.2"),
    ];
    assert_eq!(client(&of_request("10.0.0.1:1", false, &chain)), "192.0.2.1");
    for (entry, expected) in [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("unknown", "10.0.0.1"),
        ("192.0.2.1, unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
    ] {
        assert_eq!(
            client(&of_request("10.0.0.1:1", false, &[("x-forwarded-for", entry)])),
            expected,
            "{entry}"
        );
    }
}

#[test]
fn local_is_only_what_was_made_here() {
    assert!(of_request("127.0.0.1:1", false, &[]).local);
    assert!(of_request("[::1]:1", false, &[]).local);
    assert!(of_request("[::ffff:127.0.0.1]:1", false, &[]).local);
    assert!(!of_request("192.0.2.1:1", false, &[]).local);
    // A proxy on this machine that is not in the list.
    for name in [
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-real-ip",
        "forwarded",
        "via",
    ] {
        assert!(
            !of_request("127.0.0.1:1", false, &[(name, "127.0.0.1")]).local,
            "{name}"
        );
    }
    // A proxy in the list, called from another machine and from this one.
    assert!(!of_request("127.0.0.2:1", false, &[("x-forwarded-for", "192.0.2.1")]).local);
    assert!(of_request("127.0.0.2:1", false, &[("x-forwarded-for", "127.0.0.1")]).local);
    // A client on another machine cannot appear local through a listed proxy on another machine.
    assert!(!of_request("10.0.0.1:1", false, &[("x-forwarded-for", "127.0.0.1")]).local);
}
