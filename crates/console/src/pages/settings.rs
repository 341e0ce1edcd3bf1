//! The settings of a bucket.

use crate::address;
use crate::failure::Failure;
use crate::operation::{
    DELETE_BUCKET, GET_ENCRYPTION, GET_LOCK, GET_POLICY, GET_PUBLIC_ACCESS, GET_VERSIONING, Operation,
    PUT_ENCRYPTION, PUT_PUBLIC_ACCESS, PUT_VERSIONING,
};
use crate::pages::buckets::is_public;
use crate::ui::badge;
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::visitor::{Target, Values, Visitor};
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use strongroom_engine::Mode;
use strongroom_engine::model::settings::{
    BlockedEncryption, BucketEncryption, BucketSettings, PublicAccess, PublicAccessBlock, Versioning,
};

/// Form of one of the cards.
#[derive(Deserialize)]
pub(crate) struct SettingForm {
    setting: String,
    value: String,
}

/// Shows the page.
pub(crate) async fn show(visitor: Visitor, Path(bucket): Path<String>) -> Result<Response, Failure> {
    let target = Target::bucket(&bucket);
    let (_, settings) = visitor.received.app.engine.bucket_access(&bucket).await?;
    // Each card is shown to those who may see its setting, as on S3.
    let cards = [
        (&GET_VERSIONING, &PUT_VERSIONING, "Versions", versions as Card),
        (
            &GET_ENCRYPTION,
            &PUT_ENCRYPTION,
            "Protection of new objects",
            encryption as Card,
        ),
        (
            &GET_PUBLIC_ACCESS,
            &PUT_PUBLIC_ACCESS,
            "Public access",
            public as Card,
        ),
        (&GET_LOCK, &GET_LOCK, "Object lock", lock as Card),
        (&GET_POLICY, &GET_POLICY, "Policy", policy as Card),
    ];
    let mut shown = Vec::new();
    for (get, put, title, card) in cards {
        let content = if visitor.may(get, target).await? {
            let may_change = visitor.may(put, target).await?;
            card(&settings, &bucket, may_change)
        } else {
            hidden(get)
        };
        shown.push(html! { section class="card setting" { h2 { (title) } (content) } });
    }
    let may_delete = visitor.may(&DELETE_BUCKET, target).await?;
    let body = html! {
        (heading(
            &html! { nav class="crumbs" aria-label="Path" { a href="/buckets" { "Buckets" } " / " a href=(address::of_bucket(&bucket, "")) { (bucket) } " / " } },
            &html! { "Settings" },
            &html! {},
        ))
        @for card in &shown { (card) }
        @if may_delete {
            section class="card setting" {
                h2 { "Delete this bucket" }
                p { "Only an empty bucket can be deleted." }
                a class="button danger" href=(address::of_bucket(&bucket, "delete")) { (icon(Icon::Trash)) "Delete bucket..." }
            }
        }
    };
    let title = format!("Settings of {bucket}");
    Ok(page(
        &visitor,
        StatusCode::OK,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    ))
}

/// Sets a setting to a value. `None`: it has no such value.
type Change = fn(&mut BucketSettings, &str) -> Option<Result<(), strongroom_engine::Error>>;

/// Changes a setting.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Form(form): Form<SettingForm>,
) -> Result<Response, Failure> {
    let (operation, change): (&Operation, Change) = match form.setting.as_str() {
        "versions" => (&PUT_VERSIONING, set_versions),
        "own-keys" => (&PUT_ENCRYPTION, set_own_keys),
        "public" => (&PUT_PUBLIC_ACCESS, set_public),
        _ => return Err(Failure::invalid("There is no such setting.")),
    };
    if change(&mut BucketSettings::default(), &form.value).is_none() {
        return Err(Failure::invalid("The setting has no such value."));
    }
    let engine = visitor
        .permit(operation, Target::bucket(&bucket), Values::new())
        .await?;
    engine
        .change_bucket_settings(&bucket, |settings| {
            change(settings, &form.value).unwrap_or(Ok(()))
        })
        .await?;
    Ok(Redirect::to(&address::of_bucket(&bucket, "settings")).into_response())
}

type Card = fn(&BucketSettings, &str, bool) -> Markup;

fn versions(settings: &BucketSettings, bucket: &str, may_change: bool) -> Markup {
    let (state, text, value, label) = match settings.versioning {
        Some(Versioning::Enabled) => (
            "On",
            "What is replaced or deleted can be brought back.",
            "off",
            "Pause",
        ),
        Some(Versioning::Suspended) => (
            "Paused",
            "New writes replace; versions from before are kept.",
            "on",
            "Turn on",
        ),
        None => ("Off", "What is replaced or deleted is gone.", "on", "Turn on"),
    };
    html! {
        p { (badge::plain(state)) " " (text) }
        @if settings.object_lock.is_some() { p class="help" { "Object lock needs versions, so they stay on." } }
        @else { (change(bucket, "versions", value, label, may_change)) }
    }
}

fn encryption(settings: &BucketSettings, bucket: &str, may_change: bool) -> Markup {
    let kms = settings
        .encryption
        .as_ref()
        .and_then(|encryption| encryption.kms.as_ref());
    let takes = settings.takes_customer_keys();
    html! {
        p { (badge::protection(if kms.is_some() { Mode::Kms } else { Mode::S3 })) " unless the upload says otherwise." }
        @if let Some(key) = kms.and_then(|kms| kms.key.as_ref()) { p { "Key: " code { (key) } } }
        p { "Your own keys " small { "SSE-C" } ": " (badge::plain(if takes { "Allowed" } else { "Blocked" })) }
        (change(bucket, "own-keys", if takes { "block" } else { "allow" }, if takes { "Block own keys" } else { "Allow own keys" }, may_change))
    }
}

fn public(settings: &BucketSettings, bucket: &str, may_change: bool) -> Markup {
    let is_blocked = settings.public_access_block() == Some(PublicAccessBlock::ALL);
    let public = is_public(settings, bucket);
    html! {
        @if public { p { (badge::warning("Public")) " The policy of the bucket lets everybody in." } }
        @else { p { (badge::plain("Private")) " Nobody gets in without a permission." } }
        p { "Public access is " @if is_blocked { "blocked, whatever policies say." } @else { "not blocked: a policy may allow it." } }
        (change(bucket, "public", if is_blocked { "open" } else { "block" }, if is_blocked { "Allow public policies" } else { "Block public access" }, may_change))
    }
}

fn lock(settings: &BucketSettings, _: &str, _: bool) -> Markup {
    html! {
        @match &settings.object_lock {
            None => { p { (badge::plain("Off")) " Versions can be deleted by whoever may." } }
            Some(lock) => {
                p { (badge::plain("On")) " It cannot be turned off." }
                @if let Some(retention) = lock.default_retention { p { "New versions are kept for " (retention.period.days()) " days (" (retention.mode.name()) ")." } }
            }
        }
    }
}

fn policy(settings: &BucketSettings, _: &str, _: bool) -> Markup {
    html! {
        @match &settings.policy {
            None => { p { "None: only policies of users and roles of the account count." } }
            Some(text) => { pre class="source" tabindex="0" { (crate::text::lines(text)) } }
        }
    }
}

fn change(bucket: &str, setting: &str, value: &str, label: &str, may_change: bool) -> Markup {
    html! {
        form method="post" action=(address::of_bucket(bucket, "settings")) class="inline" {
            input type="hidden" name="setting" value=(setting);
            input type="hidden" name="value" value=(value);
            button disabled[!may_change] title=[(!may_change).then_some("You may not change this")] { (label) }
        }
    }
}

fn hidden(operation: &Operation) -> Markup {
    html! { p class="unknown" { "You may not see this (" code { (operation.action) } ")." } }
}

fn set_versions(settings: &mut BucketSettings, value: &str) -> Option<Result<(), strongroom_engine::Error>> {
    let versioning = match value {
        "on" => Versioning::Enabled,
        "off" => Versioning::Suspended,
        _ => return None,
    };
    Some(settings.set_versioning(versioning).map_err(Into::into))
}

fn set_own_keys(settings: &mut BucketSettings, value: &str) -> Option<Result<(), strongroom_engine::Error>> {
    let blocked = match value {
        "allow" => BlockedEncryption::Nothing,
        "block" => BlockedEncryption::CustomerKeys,
        _ => return None,
    };
    settings
        .encryption
        .get_or_insert_with(BucketEncryption::default)
        .blocked = Some(blocked);
    Some(Ok(()))
}

fn set_public(settings: &mut BucketSettings, value: &str) -> Option<Result<(), strongroom_engine::Error>> {
    settings.public_access = Some(match value {
        "block" => PublicAccess::Block(PublicAccessBlock::ALL),
        "open" => PublicAccess::Open,
        _ => return None,
    });
    Some(Ok(()))
}
