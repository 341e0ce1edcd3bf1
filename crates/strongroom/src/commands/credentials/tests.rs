use strongroom_access::SecretAccessKey;

use super::*;
use crate::settings::{self, Layer, Sources};

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "SRROOT0123456789ABCD".to_owned(),
        secret: SecretAccessKey::new("secret-of-the-root/user".to_owned()),
    }
}

fn settings(flags: Layer) -> Settings {
    let loaded = settings::load(Sources {
        flags,
        directory: "/srv".into(),
        ..Sources::default()
    });
    loaded.unwrap().settings
}

#[test]
fn the_page_has_endpoint_ca_file_and_lines_to_copy() {
    let hosts = Some(vec!["s3.example.com".parse().unwrap()]);
    let page = page(
        &credentials(),
        &endpoint(&settings(Layer {
            hosts,
            ..Layer::default()
        }))
        .unwrap(),
        PROFILE,
    );
    for expected in [
        "Access key ID      SRROOT0123456789ABCD\n",
        "Secret access key  secret-of-the-root/user\n",
        "Endpoint           https://localhost:9443\n                   https://s3.example.com:9443\n",
        "CA file            /srv/strongroom-data/tls/ca.pem\n",
        "aws configure set aws_access_key_id SRROOT0123456789ABCD --profile strongroom\n",
        "aws configure set aws_secret_access_key secret-of-the-root/user --profile strongroom\n",
        "aws configure set region us-east-1 --profile strongroom\n",
        "aws configure set endpoint_url https://localhost:9443 --profile strongroom\n",
        "aws configure set ca_bundle /srv/strongroom-data/tls/ca.pem --profile strongroom\n",
    ] {
        assert!(
            page.contains(expected),
            "{expected} missing in\n{}",
            page.as_str()
        );
    }
}

#[test]
fn a_port_that_is_chosen_at_the_start_is_not_invented() {
    let mut flags = Layer::default();
    flags.https.listen = Some("127.0.0.1:0".parse().unwrap());
    let page = page(&credentials(), &endpoint(&settings(flags)).unwrap(), PROFILE);
    assert!(page.contains("Endpoint           as printed by strongroom serve\n"));
    assert!(!page.contains("endpoint_url"));
}

#[test]
fn plain_http_needs_no_ca_file() {
    let mut flags = Layer::default();
    flags.https.listen = Some(Listen::Off);
    let page = page(&credentials(), &endpoint(&settings(flags)).unwrap(), PROFILE);
    assert!(page.contains("endpoint_url http://127.0.0.1:9000 ") && !page.contains("ca.pem"));
}

#[test]
fn a_mistyped_directory_is_not_filled() {
    let place = tempfile::tempdir().unwrap();
    let error = must_exist(&place.path().join("mistyped"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("--data-dir"), "{error}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}
