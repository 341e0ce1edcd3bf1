use super::*;

fn added(query: &str, sent: &[(&'static str, &'static str)]) -> Result<Vec<(String, String)>, &'static str> {
    let query = Query::read(&format!("/b/k?{query}").parse().unwrap());
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    add_to(&mut headers, &query).map_err(|error| error.code)?;
    let pairs = headers.iter();
    Ok(pairs
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect())
}

fn pair(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

const PRESIGNED: &str = "X-Amz-Date=d&X-Amz-Signature=s";

#[test]
fn names_have_no_case() {
    for name in ["x-amz-meta-q", "X-Amz-Meta-Q", "X-AMZ-META-Q", "X-Amz-Meta%2DQ"] {
        assert_eq!(
            added(&format!("{name}=1"), &[]),
            Ok(pair("x-amz-meta-q", "1")),
            "{name}"
        );
        let presigned = format!("{name}=1&{PRESIGNED}");
        assert_eq!(added(&presigned, &[]), Ok(pair("x-amz-meta-q", "1")), "{name}");
    }
}

#[test]
fn parameters_that_are_no_headers_stay_where_they_are() {
    assert_eq!(
        added(&format!("prefix=x-amz-meta-a&uploads&{PRESIGNED}"), &[]),
        Ok(vec![])
    );
}

#[test]
fn checksums_and_payload_hashes_of_presigned_urls_say_nothing() {
    for name in [
        "x-amz-checksum-crc32",
        "X-Amz-Checksum-Sha256",
        "x-amz-checksum-crc64nvme",
        "x-amz-sdk-checksum-algorithm",
        "X-Amz-Sdk-Checksum-Algorithm",
        "X-Amz-Content-Sha256",
    ] {
        assert_eq!(
            added(&format!("{name}=AAAAAA==&{PRESIGNED}"), &[]),
            Ok(vec![]),
            "{name}"
        );
    }
    for name in [
        "x-amz-checksum-mode",
        "x-amz-checksum-type",
        "x-amz-checksum-algorithm",
    ] {
        assert_eq!(added(&format!("{name}=A&{PRESIGNED}"), &[]), Ok(pair(name, "A")));
    }
    // Without a presigned URL nobody computed it in advance.
    assert_eq!(
        added("x-amz-checksum-crc32=A", &[]),
        Ok(pair("x-amz-checksum-crc32", "A"))
    );
}

#[test]
fn a_header_has_one_value_wherever_it_is_sent() {
    let sent = [("x-amz-acl", "private")];
    assert_eq!(
        added("X-Amz-Acl=private", &sent),
        Ok(pair("x-amz-acl", "private"))
    );
    for two in ["X-Amz-Acl=public-read", "x-amz-acl=private&X-Amz-Acl=private"] {
        assert_eq!(added(two, &sent), Err("InvalidRequest"), "{two}");
    }
    assert_eq!(added("x-amz-acl=a%0Ab", &[]), Err("InvalidArgument"));
}
