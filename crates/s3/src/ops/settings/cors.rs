//! CORS rules of a bucket. [`crate::cors`] applies them.

use crate::ops::bucket_settings::{bucket_settings, change_settings, not_set, settings_document};
use crate::request::context::Permitted;
use crate::request::document::Element;
use crate::response::error::{ErrorResponse, OperationResult};
use s3s::dto::{
    CORSRule, DeleteBucketCorsInput, DeleteBucketCorsOutput, GetBucketCorsInput, GetBucketCorsOutput,
    PutBucketCorsInput, PutBucketCorsOutput,
};
use s3s::{S3Request, S3Response};
use strongroom_engine::settings::{CorsMethod, CorsRule};

/// Maximum number of rules of a bucket.
const MAX_RULES: usize = 100;
/// Maximum length of the ID of a rule, in characters.
const MAX_ID: usize = 255;

pub(crate) async fn get_bucket_cors(
    cx: &Permitted,
    request: S3Request<GetBucketCorsInput>,
) -> OperationResult<GetBucketCorsOutput> {
    let bucket = &request.input.bucket;
    let settings = bucket_settings(cx, bucket).await?;
    if settings.cors.is_empty() {
        return Err(not_set(
            "NoSuchCORSConfiguration",
            "The CORS configuration does not exist",
            bucket,
        ));
    }
    let non_empty = |texts: &[String]| (!texts.is_empty()).then(|| texts.to_vec());
    let rules = settings.cors.iter().map(|rule| CORSRule {
        allowed_headers: non_empty(&rule.headers),
        allowed_methods: rule
            .methods
            .iter()
            .map(|method| method.name().to_owned())
            .collect(),
        allowed_origins: rule.origins.clone(),
        expose_headers: non_empty(&rule.expose),
        id: rule.id.clone(),
        max_age_seconds: rule
            .max_age
            .map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX)),
    });
    Ok(S3Response::new(GetBucketCorsOutput {
        cors_rules: Some(rules.collect()),
    }))
}

pub(crate) async fn put_bucket_cors(
    cx: &Permitted,
    request: S3Request<PutBucketCorsInput>,
) -> OperationResult<PutBucketCorsOutput> {
    let bucket = &request.input.bucket;
    let root = "CORSConfiguration";
    let document = settings_document(cx, bucket, root).await?;
    let rules = read(document)?;
    let set = change_settings(cx, bucket, |settings| {
        settings.cors.clone_from(&rules);
        Ok(())
    });
    set.await
}

pub(crate) async fn delete_bucket_cors(
    cx: &Permitted,
    request: S3Request<DeleteBucketCorsInput>,
) -> OperationResult<DeleteBucketCorsOutput> {
    let set = change_settings(cx, &request.input.bucket, |settings| {
        settings.cors.clear();
        Ok(())
    });
    set.await
}

fn read(document: &Element) -> Result<Vec<CorsRule>, ErrorResponse> {
    let rules: Vec<_> = document.knows(&["CORSRule"])?.each("CORSRule").collect();
    if rules.is_empty() {
        return Err(document.malformed("CORSRule", "is missing"));
    }
    if rules.len() > MAX_RULES {
        return Err(ErrorResponse::invalid_request(
            "The number of CORS rules should not exceed allowed limit of 100 rules.",
        ));
    }
    rules.into_iter().map(rule).collect()
}

fn rule(element: &Element) -> Result<CorsRule, ErrorResponse> {
    element.knows(&[
        "ID",
        "AllowedOrigin",
        "AllowedMethod",
        "AllowedHeader",
        "ExposeHeader",
        "MaxAgeSeconds",
    ])?;
    let words = |name: &'static str| {
        let words = element.each(name).map(|word| Ok(word.text()?.trim().to_owned()));
        words.collect::<Result<Vec<_>, ErrorResponse>>()
    };
    let mut methods = Vec::new();
    for name in words("AllowedMethod")? {
        methods.push(CorsMethod::named(&name).ok_or_else(|| {
            ErrorResponse::invalid_request(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {name}"
            ))
        })?);
    }
    let rule = CorsRule {
        id: element.text_of("ID")?.map(str::to_owned),
        origins: words("AllowedOrigin")?,
        methods,
        headers: words("AllowedHeader")?,
        expose: words("ExposeHeader")?,
        max_age: element.number_of("MaxAgeSeconds")?,
    };
    for (name, missing) in [
        ("AllowedMethod", rule.methods.is_empty()),
        ("AllowedOrigin", rule.origins.is_empty()),
    ] {
        if missing {
            return Err(element.malformed(name, "is missing"));
        }
    }
    for (name, values) in [("AllowedOrigin", &rule.origins), ("AllowedHeader", &rule.headers)] {
        if let Some(value) = values.iter().find(|value| value.matches('*').count() > 1) {
            return Err(ErrorResponse::invalid_request(format!(
                "{name} \"{value}\" can not have more than one wildcard."
            )));
        }
    }
    if let Some(value) = rule.expose.iter().find(|value| value.contains('*')) {
        return Err(ErrorResponse::invalid_request(format!(
            "ExposeHeader \"{value}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
        )));
    }
    if rule
        .expose
        .iter()
        .any(|name| http::HeaderName::try_from(name).is_err())
    {
        return Err(element.malformed("ExposeHeader", "is not the name of a header"));
    }
    if rule.id.as_ref().is_some_and(|id| id.chars().count() > MAX_ID) {
        return Err(ErrorResponse::invalid_argument(
            "ID length should not exceed allowed limit of 255",
        ));
    }
    Ok(rule)
}
