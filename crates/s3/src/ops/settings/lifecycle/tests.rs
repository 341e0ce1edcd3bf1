use super::*;
use crate::request::document::Document;
use strongroom_engine::model::settings::NoncurrentExpiration;

fn read(rules: &str) -> Result<Vec<LifecycleRule>, &'static str> {
    let document = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
    let document = Document::read(document.as_bytes()).unwrap();
    read::rules(document.root()).map_err(|error| error.code)
}

fn rule(content: &str) -> Result<LifecycleRule, &'static str> {
    let rule = format!("<Rule><ID>r</ID><Status>Enabled</Status>{content}</Rule>");
    read(&rule).map(|mut rules| rules.remove(0))
}

const ALL: &str = "<Filter/>";
const DAY: &str = "<Expiration><Days>1</Days></Expiration>";

#[test]
fn a_rule_is_read_whole() {
    let rule = rule(
        "<Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag>\
         <ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>\
         <Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>\
         <NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays>\
         <NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
    )
    .unwrap();
    assert_eq!(
        (rule.id.as_str(), rule.enabled, rule.without_filter),
        ("r", true, false)
    );
    assert_eq!(rule.filter.prefix.as_deref(), Some("logs/"));
    assert_eq!(rule.filter.tags.get("a"), Some("b"));
    assert_eq!(
        (rule.filter.larger_than, rule.filter.smaller_than),
        (Some(5), Some(9))
    );
    assert_eq!(rule.expiration, Some(Expiration::Date(1_893_456_000)));
    let noncurrent = NoncurrentExpiration {
        days: 3,
        keep: Some(2),
    };
    assert_eq!(rule.noncurrent, Some(noncurrent));
    let dto = rule_dto(&rule);
    let and = dto.filter.unwrap().and.unwrap();
    assert_eq!(
        (and.prefix.as_deref(), and.tags.unwrap().len()),
        (Some("logs/"), 1)
    );
}

#[test]
fn an_and_has_two_conditions() {
    let and = |conditions: &str| rule(&format!("<Filter><And>{conditions}</And></Filter>{DAY}")).map(drop);
    let (size, tag) = (
        "<ObjectSizeLessThan>1</ObjectSizeLessThan>",
        "<Tag><Key>a</Key><Value/></Tag>",
    );
    let other = "<Tag><Key>b</Key><Value/></Tag>";
    for few in ["", size, tag, "<Prefix/>", "<Prefix>p</Prefix>"] {
        assert_eq!(and(few), Err("MalformedXML"), "{few}");
    }
    for enough in [
        format!("<Prefix/>{tag}"),
        format!("{tag}{other}"),
        format!("<Prefix>p</Prefix>{size}"),
    ] {
        assert_eq!(and(&enough), Ok(()), "{enough}");
    }
}

#[test]
fn one_condition_needs_no_and() {
    for condition in [
        "<Prefix>p</Prefix>",
        "<Tag><Key>a</Key><Value/></Tag>",
        "<ObjectSizeLessThan>1</ObjectSizeLessThan>",
        "",
    ] {
        let rule = rule(&format!("<Filter>{condition}</Filter>{DAY}")).unwrap();
        assert_eq!(rule_dto(&rule).filter.unwrap().and, None, "{condition}");
    }
    let old = rule(&format!("<Prefix>p</Prefix>{DAY}")).unwrap();
    assert!(old.without_filter);
    let dto = rule_dto(&old);
    assert_eq!((dto.prefix.as_deref(), dto.filter), (Some("p"), None));
}

#[test]
fn what_aws_refuses() {
    let tag = "<Tag><Key>a</Key><Value>b</Value></Tag>";
    let abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
                 </AbortIncompleteMultipartUpload>";
    let markers = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>";
    for (content, code) in [
        (ALL.to_owned(), "InvalidRequest"),
        (DAY.to_owned(), "MalformedXML"),
        (format!("<Prefix/>{ALL}{DAY}"), "MalformedXML"),
        (
            format!("<Filter><Prefix>p</Prefix>{tag}</Filter>{DAY}"),
            "MalformedXML",
        ),
        (format!("<Filter>{tag}</Filter>{abort}"), "InvalidRequest"),
        (format!("<Filter>{tag}</Filter>{markers}"), "InvalidRequest"),
        (
            format!("{ALL}<Expiration><Days>0</Days></Expiration>"),
            "InvalidArgument",
        ),
        (
            format!("{ALL}<Expiration><Days>-1</Days></Expiration>"),
            "InvalidArgument",
        ),
        (
            format!("{ALL}<Expiration><Days>3O</Days></Expiration>"),
            "MalformedXML",
        ),
        (format!("{ALL}<Expiration/>"), "MalformedXML"),
        (
            format!("{ALL}<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>"),
            "MalformedXML",
        ),
        (
            format!("{ALL}<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>"),
            "InvalidArgument",
        ),
        (
            format!("{ALL}<Expiration><Date>soon</Date></Expiration>"),
            "MalformedXML",
        ),
        (
            format!("{ALL}{DAY}<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"),
            "NotImplemented",
        ),
        (format!("{ALL}{DAY}<Other/>"), "MalformedXML"),
    ] {
        assert_eq!(rule(&content).unwrap_err(), code, "{content}");
    }
    assert_eq!(read("").unwrap_err(), "MalformedXML");
    let twice = format!("<Rule><ID>r</ID><Status>Enabled</Status>{ALL}{DAY}</Rule>").repeat(2);
    assert_eq!(read(&twice).unwrap_err(), "InvalidArgument");
    assert_eq!(
        read(&format!("<Rule>{ALL}{DAY}</Rule>")).unwrap_err(),
        "MalformedXML"
    );
}

#[test]
fn rules_without_names_get_some() {
    let nameless = format!("<Rule><Status>Disabled</Status>{ALL}{DAY}</Rule>");
    let named = format!("<Rule><ID>rule-1</ID><Status>Enabled</Status>{ALL}{DAY}</Rule>");
    let rules = read(&[nameless.as_str(), &named, &nameless].concat()).unwrap();
    let ids: Vec<_> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["rule-1x", "rule-1", "rule-3"]);
}

#[test]
fn dates_without_a_time_are_midnight() {
    let rule = rule(&format!("{ALL}<Expiration><Date>2030-01-01</Date></Expiration>")).unwrap();
    assert_eq!(rule.expiration, Some(Expiration::Date(1_893_456_000)));
}
