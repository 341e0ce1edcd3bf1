use super::*;
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../../../docs/iam-api.md");

/// Returns the actions of a service on the page, and whether they are offered.
fn documented(heading: &str) -> BTreeMap<&'static str, bool> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading));
    let mut actions = BTreeMap::new();
    for line in section.unwrap().lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, names, offered @ ("offered" | "not offered"), ..] = cells[..] else {
            continue;
        };
        for name in names.split(", ") {
            assert!(actions.insert(name, offered == "offered").is_none(), "{name}");
        }
    }
    actions
}

#[test]
fn the_documentation_agrees_with_the_table() {
    for (heading, service) in [("IAM\n", Service::Iam), ("STS\n", Service::Sts)] {
        let documented = documented(heading);
        for name in Action::names(service) {
            assert_eq!(documented.get(name), Some(&true), "{name}");
        }
        for (name, offered) in documented {
            assert_eq!(Action::find(service, name).is_some(), offered, "{name}");
        }
    }
}

#[test]
fn every_row_is_there_once_and_records_changes() {
    for (at, action) in ACTIONS.iter().enumerate() {
        let is_same = |other: &&Action| other.name == action.name;
        assert_eq!(ACTIONS.iter().position(|other| is_same(&other)), Some(at));
        let is_reading = ["Get", "List", "Simulate"]
            .iter()
            .any(|verb| action.name.starts_with(verb));
        let gives_credentials = action.name == "GetSessionToken";
        assert_eq!(
            action.is_recorded,
            !is_reading || gives_credentials,
            "{}",
            action.name
        );
        for (at, parameter) in action.parameters.iter().enumerate() {
            assert!(
                !action.parameters[..at].contains(parameter),
                "{} {parameter}",
                action.name
            );
        }
    }
}

#[test]
fn parameters_that_name_the_target_are_offered() {
    for action in ACTIONS {
        let names: &[&str] = match action.target {
            Target::Nothing | Target::ByAction | Target::Account => &[],
            Target::UserOrCaller if action.name == "ChangePassword" => &[],
            Target::User | Target::UserOrCaller => &["UserName"],
            Target::Group => &["GroupName"],
            Target::Role => &["RoleName"],
            Target::Policy => &["PolicyArn"],
            Target::PolicySource => &["PolicySourceArn"],
            Target::Provider => &["OpenIDConnectProviderArn"],
            Target::NewProvider => &["Url"],
            Target::KeyOwner => &["AccessKeyId"],
            Target::NewUser => &["UserName", "Path"],
            Target::NewGroup => &["GroupName", "Path"],
            Target::NewRole => &["RoleName", "Path"],
            Target::NewPolicy => &["PolicyName", "Path"],
            Target::Users | Target::Groups | Target::Roles => &["PathPrefix"],
        };
        for name in names {
            assert!(action.parameters.contains(name), "{} {name}", action.name);
        }
    }
}
