use super::*;
use crate::settings::PassphraseFrom;
use strongroom_access::SecretAccessKey;

fn first_start() -> Banner {
    Banner {
        https: Some("https://localhost:9443".to_owned()),
        http: Some("http://127.0.0.1:9000".to_owned()),
        console: None,
        elsewhere: vec!["https://s3.example.com:9443".to_owned()],
        loopback_only: false,
        data_dir: "/srv/my data".into(),
        keyring: "/srv/my data/keyring.toml".into(),
        root: Root::File("/srv/my data/root.key".into()),
        origin: Origin::Created,
        ca_file: Some("/srv/my data/tls/ca.pem".into()),
        region: Region::built_in(),
        new_credentials: Some(Credentials {
            access_key_id: "SRROOT".to_owned(),
            secret: SecretAccessKey::new("topsecret".to_owned()),
        }),
        to_terminal: true,
    }
}

#[test]
fn the_first_start_shows_all_that_is_needed() {
    let text = first_start().text();
    for expected in [
        "HTTPS              https://localhost:9443\n",
        "https://s3.example.com:9443\n",
        "Secret access key  topsecret\n",
        "strongroom credentials reset --data-dir '/srv/my data'\n",
        "  aws configure set aws_secret_access_key topsecret --profile strongroom\n",
        "  aws configure set region us-east-1 --profile strongroom\n",
        "  aws configure set endpoint_url https://localhost:9443 --profile strongroom\n",
        "  aws configure set ca_bundle '/srv/my data/tls/ca.pem' --profile strongroom\n",
        "  aws configure set s3.signature_version s3v4 --profile strongroom\n",
        "  aws s3 ls --profile strongroom\n",
        "On another machine: the same with endpoint_url https://s3.example.com:9443 and a copy of the CA file.\n",
        "  Root key           /srv/my data/root.key\n",
        "  strongroom keys export-backup keyring.backup --data-dir '/srv/my data'\n",
        "The root key is on the same disk",
    ] {
        assert!(
            text.contains(expected),
            "{expected} missing in\n{}",
            text.as_str()
        );
    }
}

#[test]
fn a_later_start_shows_no_secret_and_no_keyring_lesson() {
    let banner = Banner {
        new_credentials: None,
        origin: Origin::Found,
        ..first_start()
    };
    let text = banner.text();
    assert!(!text.contains("topsecret") && !text.contains("aws_access") && !text.contains("export-backup"));
    assert!(text.contains("Root credentials: strongroom credentials show --data-dir '/srv/my data'\n"));
    assert!(text.contains("aws configure set ca_bundle") && text.contains("aws s3 ls"));
}

#[test]
fn a_first_start_without_a_terminal_says_how_to_show_the_secret() {
    let banner = Banner {
        to_terminal: false,
        ..first_start()
    };
    let text = banner.text();
    assert!(
        !text.contains("topsecret") && !text.contains("aws_secret_access_key"),
        "{}",
        text.as_str()
    );
    assert!(text.contains("newly created") && text.contains("not a terminal"));
    assert!(text.contains("strongroom credentials show --data-dir '/srv/my data'\n"));
    assert!(text.contains("aws s3 ls"));
}

#[test]
fn a_keyring_kept_elsewhere_is_named_in_the_commands() {
    let text = Banner {
        keyring: "/media/stick/keyring.toml".into(),
        root: Root::File("/media/stick/root.key".into()),
        ..first_start()
    }
    .text();
    assert!(
        text.contains("credentials show --data-dir '/srv/my data' --keyring /media/stick/keyring.toml\n")
    );
}

#[test]
fn a_root_key_kept_elsewhere_is_named_in_the_commands_and_not_lectured_about() {
    let other_disk = Banner {
        root: Root::File("/media/stick/root.key".into()),
        ..first_start()
    }
    .text();
    assert!(other_disk.contains("--data-dir '/srv/my data' --root-file /media/stick/root.key\n"));
    assert!(!other_disk.contains("same disk"));
    let words = Banner {
        root: Root::Passphrase(PassphraseFrom::Terminal),
        origin: Origin::Upgraded,
        ..first_start()
    }
    .text();
    assert!(words.contains("stored its keys in clear") && words.contains("--root-source passphrase\n"));
    assert!(!words.contains("same disk"));
}

#[test]
fn what_is_off_is_not_offered() {
    let plain = Banner {
        https: None,
        ca_file: None,
        elsewhere: Vec::new(),
        ..first_start()
    }
    .text();
    assert!(
        !plain.contains("https://") && !plain.contains("ca_bundle") && !plain.contains("another machine")
    );
    assert!(plain.contains("aws configure set endpoint_url http://127.0.0.1:9000 --profile strongroom\n"));
    let own_certificate = Banner {
        ca_file: None,
        http: None,
        console: None,
        ..first_start()
    }
    .text();
    assert!(!own_certificate.contains("CA file") && !own_certificate.contains("http://"));
}

#[test]
fn the_way_from_other_machines_is_said() {
    let no_host = Banner {
        elsewhere: Vec::new(),
        ..first_start()
    };
    let text = no_host.text();
    assert!(
        text.contains("from another machine, start it with --host NAME"),
        "{}",
        text.as_str()
    );
    let loopback = Banner {
        loopback_only: true,
        ..no_host
    };
    assert!(
        loopback
            .text()
            .contains("start it with --https-listen 0.0.0.0:9443 --host NAME")
    );
    let own_certificate = Banner {
        ca_file: None,
        ..first_start()
    };
    assert!(
        own_certificate
            .text()
            .contains("endpoint_url https://s3.example.com:9443.\n")
    );
}

#[test]
fn no_line_exports_a_variable() {
    assert!(!first_start().text().contains("export "));
}
