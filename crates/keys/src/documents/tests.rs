use super::*;
use crate::kms::canned::Canned;

fn client(allowed: &'static [&'static str]) -> DocumentClient {
    let allowed: Vec<IpAddr> = allowed.iter().map(|text| text.parse().unwrap()).collect();
    DocumentClient::new(None, move |address| allowed.contains(&address)).unwrap()
}

#[test]
fn only_public_addresses_are_public() {
    for address in [
        "8.8.8.8",
        "1.1.1.1",
        "172.32.0.1",
        "2606:4700::1111",
        "64:ff9b::8.8.8.8",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::169.254.169.254",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
}

#[tokio::test]
async fn a_document_is_fetched_from_an_address_that_is_allowed() {
    let server = Canned::start(|_| (200, "{}".to_owned())).await;
    let fetched = client(&["127.0.0.1"])
        .fetch(&format!("{}/a", server.address))
        .await;
    assert_eq!(fetched.unwrap().body, b"{}");
    assert_eq!(server.requests(), ["GET /a"]);
}

#[tokio::test]
async fn private_addresses_are_not_connected_to() {
    let server = Canned::start(|_| (200, "{}".to_owned())).await;
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "127.1",
        "2130706433",
    ] {
        let refused = client(&[]).fetch(&format!("http://{host}:{port}/a")).await;
        assert!(refused.is_err(), "{host}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn other_answers_than_a_short_document_are_refused() {
    for (status, length, why) in [
        (302, 2, "status 302"),
        (404, 2, "status 404"),
        (200, MAX_DOCUMENT + 1, "longer than 256 KiB"),
        (200, 2 << 20, "length limit"),
    ] {
        let server = Canned::start(move |_| (status, "x".repeat(length))).await;
        let error = client(&["127.0.0.1"]).fetch(&server.address).await.unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[tokio::test]
async fn texts_that_are_no_address_are_refused() {
    for url in ["", "/a", "a b", "https://", "ftp://127.0.0.1/a"] {
        assert!(client(&["127.0.0.1"]).fetch(url).await.is_err(), "{url}");
    }
}
