use clap::{CommandFactory, Parser};

use super::*;
use crate::settings::Listen;
use strongroom_s3::HeadWithoutKey;

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn flags_become_a_layer() {
    let cli = Cli::parse_from([
        "strongroom",
        "serve",
        "--host",
        "S3.example.com",
        "--host",
        "192.0.2.10",
        "--http-listen",
        "off",
        "--sse-c-head-without-key",
        "400",
        "--trusted-proxy",
        "10.0.0.0/8",
    ]);
    let Command::Serve(flags) = cli.command else {
        panic!("serve expected")
    };
    let layer = flags.settings.layer;
    let hosts: Vec<String> = layer.hosts.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["s3.example.com", "192.0.2.10"]);
    assert_eq!(layer.http.listen, Some(Listen::Off));
    assert_eq!(layer.sse_c.head_without_key, Some(HeadWithoutKey::BadRequest));
    assert_eq!(layer.trusted_proxies.unwrap().len(), 1);
    assert!(layer.data_dir.is_none());
}

#[test]
fn key_check_takes_a_file() {
    let cli = Cli::parse_from(["strongroom", "key", "check", "customer.key"]);
    let Command::Key(KeyCommand::Check { file }) = cli.command else {
        panic!("key check expected")
    };
    assert_eq!(file, Some("customer.key".into()));
}

#[test]
fn a_wrong_value_says_what_is_expected() {
    let error = Cli::try_parse_from(["strongroom", "serve", "--https-listen", "9443"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("ADDRESS:PORT"), "{error}");
}

#[test]
fn a_passphrase_for_no_backup_is_refused() {
    let given = ["strongroom", "keys", "verify", "--passphrase-file", "words"];
    let error = Cli::try_parse_from(given).unwrap_err().to_string();
    assert!(error.contains("--backup"), "{error}");
    let both = [&given[..], &["--backup", "keyring.backup"]].concat();
    assert!(Cli::try_parse_from(both).is_ok());
}
