use super::*;

fn usage(bucket: &str, key_id: &str, versions: u64, bytes: u64) -> Usage {
    Usage {
        bucket: bucket.to_owned(),
        mode: if key_id.is_empty() { "SSE-C" } else { "SSE-KMS" }.to_owned(),
        key_id: key_id.to_owned(),
        key_version: if key_id.is_empty() { "" } else { "2" }.to_owned(),
        versions,
        uploads: versions / 3,
        bytes,
    }
}

fn written(form: Form) -> String {
    let usage = [usage("attic", "", 12, 1 << 20), usage("vault", "a,\"b\"", 3, 10)];
    let mut output = Vec::new();
    let uncounted = Uncounted {
        damaged: 1,
        buckets: vec!["cellar".to_owned()],
    };
    write(form, &usage, &uncounted, &mut output).unwrap();
    String::from_utf8(output).unwrap()
}

#[test]
fn a_table_lines_up_and_sums_up() {
    assert_eq!(
        written(Form::Table),
        "BUCKET  MODE     KEY        KEY VERSION  VERSIONS  UPLOADS    BYTES\n\
         attic   SSE-C    -          -                  12        4  1.0 MiB\n\
         vault   SSE-KMS  \"a,\\\"b\\\"\"  2                   3        1     10 B\n\
         all                                            15        5  1.0 MiB\n"
    );
}

#[test]
fn csv_is_quoted_where_it_must_be() {
    assert_eq!(
        written(Form::Csv),
        "bucket,mode,key_id,key_version,versions,uploads,bytes\r\n\
         attic,SSE-C,,,12,4,1048576\r\n\
         vault,SSE-KMS,\"a,\"\"b\"\"\",2,3,1,10\r\n"
    );
}

#[test]
fn json_has_every_number_as_it_is() {
    let told: serde_json::Value = serde_json::from_str(&written(Form::Json)).unwrap();
    assert_eq!(told["damaged"], 1);
    assert_eq!(told["damaged_buckets"][0], "cellar");
    assert_eq!(told["usage"][0]["bytes"], 1_048_576);
    assert_eq!(told["usage"][1]["key_id"], "a,\"b\"");
    assert_eq!(
        told["usage"][0]["key_id"], "",
        "a customer's key is named nowhere"
    );
}
