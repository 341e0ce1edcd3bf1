//! Lists of things that do not exist here. Programs ask for them before they delete a user or a role.

use crate::call::{Call, Reply, Subject};
use crate::documents::{flag, texts};
use crate::error::Result;
use std::future::{Ready, ready};
use strongroom_identity::model::role::Role;
use strongroom_identity::model::user::User;

pub(super) async fn instance_profiles(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.role()?;
    call.identities.get::<Role>(call.account(), &name).await?;
    none(call, "InstanceProfiles")
}

pub(super) async fn mfa_devices(call: &Call<'_>) -> Result<Reply> {
    none_of_user(call, "MFADevices").await
}

pub(super) fn virtual_mfa_devices(call: &Call<'_>) -> Ready<Result<Reply>> {
    let statuses = [("Assigned", ()), ("Unassigned", ()), ("Any", ())];
    let status = call.parameters.one_of("AssignmentStatus", &statuses);
    ready(status.and_then(|_| none(call, "VirtualMFADevices")))
}

pub(super) async fn ssh_keys(call: &Call<'_>) -> Result<Reply> {
    none_of_user(call, "SSHPublicKeys").await
}

pub(super) async fn signing_certificates(call: &Call<'_>) -> Result<Reply> {
    none_of_user(call, "Certificates").await
}

pub(super) async fn service_credentials(call: &Call<'_>) -> Result<Reply> {
    none_of_user(call, "ServiceSpecificCredentials").await
}

/// Responds with an empty list about a user that exists.
async fn none_of_user(call: &Call<'_>, element: &str) -> Result<Reply> {
    if let Subject::User(name) = call.user_or_caller()? {
        call.identities.get::<User>(call.account(), &name).await?;
    }
    none(call, element)
}

fn none(call: &Call<'_>, element: &str) -> Result<Reply> {
    call.parameters.part()?;
    Ok(Reply::of(|xml| {
        texts(xml, element, []);
        flag(xml, "IsTruncated", false);
    }))
}
