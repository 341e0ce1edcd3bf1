//! The table of actions.

use crate::actions::{
    absent, access_keys, account, assume_role, attachments, details, groups, inline, logins, policies,
    providers, roles, sessions, simulation, tags, users, web_identity,
};
use crate::call::{Call, Reply, Visit, Visitor};
use crate::error::ApiError;
use crate::target::Target;
use std::future::Future;
use std::pin::Pin;
use strongroom_identity::model::group::Group;
use strongroom_identity::model::last_use::Service;
use strongroom_identity::model::role::Role;
use strongroom_identity::model::user::User;

#[cfg(test)]
mod tests;

/// Future of an action's response.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, ApiError>> + Send + 'a>>;

/// Function of an action for a caller.
pub(crate) type ForCaller = for<'a> fn(&'a Call<'a>) -> Answer<'a>;
/// Function of an action for a visitor, which it names once it knows it.
pub(crate) type ForVisitor = for<'a> fn(&'a Visit<'a>, &'a mut Option<Visitor>) -> Answer<'a>;

/// Action of IAM or STS.
pub(crate) struct Action {
    /// Name, in requests and in policies.
    pub(crate) name: &'static str,
    pub(crate) service: Service,
    /// Names of the parameters; `N` stands for the number of an element in a list.
    pub(crate) parameters: &'static [&'static str],
    pub(crate) target: Target,
    /// True if it changes something or gives somebody credentials: it is recorded.
    pub(crate) is_recorded: bool,
    pub(crate) run: Run,
}

/// Function of an action.
pub(crate) enum Run {
    /// For a caller who signed the request.
    ByCaller(ForCaller),
    /// For somebody with a token of an identity provider. A signature, if there is one, has no effect.
    ByVisitor(ForVisitor),
}

impl Action {
    /// Finds an action of a service by its name.
    pub(crate) fn find(service: Service, name: &str) -> Option<&'static Self> {
        ACTIONS
            .iter()
            .find(|action| action.service == service && action.name == name)
    }

    /// Returns the names of all actions of a service.
    pub(crate) fn names(service: Service) -> impl Iterator<Item = &'static str> {
        let of_service = ACTIONS.iter().filter(move |action| action.service == service);
        of_service.map(|action| action.name)
    }

    /// Returns the name with its service, as policies have it.
    pub(crate) fn full_name(&self) -> String {
        [self.service.name(), ":", self.name].concat()
    }
}

/// Writes the rows: `reads`, `changes` or `admits` (the request is not signed, and recorded), service, name, parameters, target, function.
macro_rules! actions {
    (@recorded reads) => { false };
    (@recorded changes) => { true };
    (@recorded admits) => { true };
    (@run admits $function:expr) => { Run::ByVisitor(|visit, visitor| Box::pin($function(visit, visitor))) };
    (@run $kind:ident $function:expr) => { Run::ByCaller(|call| Box::pin($function(call))) };
    ($($kind:ident $service:ident $name:ident [$($parameter:literal)*] $target:ident => $function:expr;)*) => {
        /// All actions that are offered.
        pub(crate) static ACTIONS: &[Action] = &[$(Action {
            name: stringify!($name),
            service: Service::$service,
            parameters: &[$($parameter),*],
            target: Target::$target,
            is_recorded: actions!(@recorded $kind),
            run: actions!(@run $kind $function),
        },)*];
    };
}

actions! {
    changes Iam CreateUser ["UserName" "Path" "PermissionsBoundary" "Tags.member.N.Key" "Tags.member.N.Value"]
        NewUser => users::create;
    reads Iam GetUser ["UserName"] UserOrCaller => users::get;
    reads Iam ListUsers ["PathPrefix" "Marker" "MaxItems"] Users => users::list;
    changes Iam UpdateUser ["UserName" "NewUserName" "NewPath"] User => users::update;
    changes Iam DeleteUser ["UserName"] User => users::delete;

    changes Iam CreateAccessKey ["UserName"] UserOrCaller => access_keys::create;
    reads Iam ListAccessKeys ["UserName" "Marker" "MaxItems"] UserOrCaller => access_keys::list;
    changes Iam UpdateAccessKey ["UserName" "AccessKeyId" "Status"] UserOrCaller => access_keys::update;
    changes Iam DeleteAccessKey ["UserName" "AccessKeyId"] UserOrCaller => access_keys::delete;
    reads Iam GetAccessKeyLastUsed ["AccessKeyId"] KeyOwner => access_keys::last_used;

    changes Iam PutUserPolicy ["UserName" "PolicyName" "PolicyDocument"] User => inline::put::<User>;
    reads Iam GetUserPolicy ["UserName" "PolicyName"] User => inline::get::<User>;
    reads Iam ListUserPolicies ["UserName" "Marker" "MaxItems"] User => inline::list::<User>;
    changes Iam DeleteUserPolicy ["UserName" "PolicyName"] User => inline::delete::<User>;
    changes Iam PutGroupPolicy ["GroupName" "PolicyName" "PolicyDocument"] Group => inline::put::<Group>;
    reads Iam GetGroupPolicy ["GroupName" "PolicyName"] Group => inline::get::<Group>;
    reads Iam ListGroupPolicies ["GroupName" "Marker" "MaxItems"] Group => inline::list::<Group>;
    changes Iam DeleteGroupPolicy ["GroupName" "PolicyName"] Group => inline::delete::<Group>;
    changes Iam PutRolePolicy ["RoleName" "PolicyName" "PolicyDocument"] Role => inline::put::<Role>;
    reads Iam GetRolePolicy ["RoleName" "PolicyName"] Role => inline::get::<Role>;
    reads Iam ListRolePolicies ["RoleName" "Marker" "MaxItems"] Role => inline::list::<Role>;
    changes Iam DeleteRolePolicy ["RoleName" "PolicyName"] Role => inline::delete::<Role>;

    changes Iam CreatePolicy
        ["PolicyName" "Path" "PolicyDocument" "Description" "Tags.member.N.Key" "Tags.member.N.Value"]
        NewPolicy => policies::create;
    reads Iam GetPolicy ["PolicyArn"] Policy => policies::get;
    reads Iam ListPolicies ["Scope" "OnlyAttached" "PathPrefix" "PolicyUsageFilter" "Marker" "MaxItems"]
        Account => policies::list;
    changes Iam DeletePolicy ["PolicyArn"] Policy => policies::delete;
    changes Iam CreatePolicyVersion ["PolicyArn" "PolicyDocument" "SetAsDefault"] Policy => policies::create_version;
    reads Iam GetPolicyVersion ["PolicyArn" "VersionId"] Policy => policies::get_version;
    reads Iam ListPolicyVersions ["PolicyArn" "Marker" "MaxItems"] Policy => policies::list_versions;
    changes Iam DeletePolicyVersion ["PolicyArn" "VersionId"] Policy => policies::delete_version;
    changes Iam SetDefaultPolicyVersion ["PolicyArn" "VersionId"] Policy => policies::set_default_version;

    changes Iam AttachUserPolicy ["UserName" "PolicyArn"] User => attachments::attach::<User>;
    changes Iam DetachUserPolicy ["UserName" "PolicyArn"] User => attachments::detach::<User>;
    reads Iam ListAttachedUserPolicies ["UserName" "PathPrefix" "Marker" "MaxItems"]
        User => attachments::list::<User>;
    changes Iam AttachGroupPolicy ["GroupName" "PolicyArn"] Group => attachments::attach::<Group>;
    changes Iam DetachGroupPolicy ["GroupName" "PolicyArn"] Group => attachments::detach::<Group>;
    reads Iam ListAttachedGroupPolicies ["GroupName" "PathPrefix" "Marker" "MaxItems"]
        Group => attachments::list::<Group>;
    changes Iam AttachRolePolicy ["RoleName" "PolicyArn"] Role => attachments::attach::<Role>;
    changes Iam DetachRolePolicy ["RoleName" "PolicyArn"] Role => attachments::detach::<Role>;
    reads Iam ListAttachedRolePolicies ["RoleName" "PathPrefix" "Marker" "MaxItems"]
        Role => attachments::list::<Role>;
    reads Iam ListEntitiesForPolicy
        ["PolicyArn" "EntityFilter" "PathPrefix" "PolicyUsageFilter" "Marker" "MaxItems"]
        Policy => attachments::entities;

    changes Iam CreateGroup ["GroupName" "Path"] NewGroup => groups::create;
    reads Iam GetGroup ["GroupName" "Marker" "MaxItems"] Group => groups::get;
    reads Iam ListGroups ["PathPrefix" "Marker" "MaxItems"] Groups => groups::list;
    changes Iam UpdateGroup ["GroupName" "NewGroupName" "NewPath"] Group => groups::update;
    changes Iam DeleteGroup ["GroupName"] Group => groups::delete;
    changes Iam AddUserToGroup ["GroupName" "UserName"] Group => groups::add_user;
    changes Iam RemoveUserFromGroup ["GroupName" "UserName"] Group => groups::remove_user;
    reads Iam ListGroupsForUser ["UserName" "Marker" "MaxItems"] User => groups::list_for_user;

    changes Iam CreateRole
        ["RoleName" "Path" "AssumeRolePolicyDocument" "Description" "MaxSessionDuration" "PermissionsBoundary"
         "Tags.member.N.Key" "Tags.member.N.Value"]
        NewRole => roles::create;
    reads Iam GetRole ["RoleName"] Role => roles::get;
    reads Iam ListRoles ["PathPrefix" "Marker" "MaxItems"] Roles => roles::list;
    changes Iam UpdateRole ["RoleName" "Description" "MaxSessionDuration"] Role => roles::update;
    changes Iam DeleteRole ["RoleName"] Role => roles::delete;
    changes Iam UpdateAssumeRolePolicy ["RoleName" "PolicyDocument"] Role => roles::update_trust;

    changes Iam PutUserPermissionsBoundary ["UserName" "PermissionsBoundary"]
        User => attachments::put_boundary::<User>;
    changes Iam DeleteUserPermissionsBoundary ["UserName"] User => attachments::delete_boundary::<User>;
    changes Iam PutRolePermissionsBoundary ["RoleName" "PermissionsBoundary"]
        Role => attachments::put_boundary::<Role>;
    changes Iam DeleteRolePermissionsBoundary ["RoleName"] Role => attachments::delete_boundary::<Role>;

    changes Iam TagUser ["UserName" "Tags.member.N.Key" "Tags.member.N.Value"] User => tags::tag::<User>;
    changes Iam UntagUser ["UserName" "TagKeys.member.N"] User => tags::untag::<User>;
    reads Iam ListUserTags ["UserName" "Marker" "MaxItems"] User => tags::list::<User>;
    changes Iam TagRole ["RoleName" "Tags.member.N.Key" "Tags.member.N.Value"] Role => tags::tag::<Role>;
    changes Iam UntagRole ["RoleName" "TagKeys.member.N"] Role => tags::untag::<Role>;
    reads Iam ListRoleTags ["RoleName" "Marker" "MaxItems"] Role => tags::list::<Role>;
    changes Iam TagPolicy ["PolicyArn" "Tags.member.N.Key" "Tags.member.N.Value"] Policy => tags::tag_policy;
    changes Iam UntagPolicy ["PolicyArn" "TagKeys.member.N"] Policy => tags::untag_policy;
    reads Iam ListPolicyTags ["PolicyArn" "Marker" "MaxItems"] Policy => tags::list_of_policy;

    changes Iam CreateLoginProfile ["UserName" "Password" "PasswordResetRequired"] User => logins::create;
    reads Iam GetLoginProfile ["UserName"] User => logins::get;
    changes Iam UpdateLoginProfile ["UserName" "Password" "PasswordResetRequired"] User => logins::update;
    changes Iam DeleteLoginProfile ["UserName"] User => logins::delete;
    changes Iam ChangePassword ["OldPassword" "NewPassword"] UserOrCaller => logins::change_password;

    changes Iam CreateOpenIDConnectProvider
        ["Url" "ClientIDList.member.N" "ThumbprintList.member.N" "Tags.member.N.Key" "Tags.member.N.Value"]
        NewProvider => providers::create;
    reads Iam GetOpenIDConnectProvider ["OpenIDConnectProviderArn"] Provider => providers::get;
    reads Iam ListOpenIDConnectProviders [] Account => providers::list;
    changes Iam DeleteOpenIDConnectProvider ["OpenIDConnectProviderArn"] Provider => providers::delete;
    changes Iam AddClientIDToOpenIDConnectProvider ["OpenIDConnectProviderArn" "ClientID"]
        Provider => providers::add_client_id;
    changes Iam RemoveClientIDFromOpenIDConnectProvider ["OpenIDConnectProviderArn" "ClientID"]
        Provider => providers::remove_client_id;
    changes Iam UpdateOpenIDConnectProviderThumbprint ["OpenIDConnectProviderArn" "ThumbprintList.member.N"]
        Provider => providers::update_thumbprints;
    changes Iam TagOpenIDConnectProvider ["OpenIDConnectProviderArn" "Tags.member.N.Key" "Tags.member.N.Value"]
        Provider => tags::tag_provider;
    changes Iam UntagOpenIDConnectProvider ["OpenIDConnectProviderArn" "TagKeys.member.N"]
        Provider => tags::untag_provider;
    reads Iam ListOpenIDConnectProviderTags ["OpenIDConnectProviderArn" "Marker" "MaxItems"]
        Provider => tags::list_of_provider;

    reads Iam GetAccountSummary [] Account => account::summary;
    reads Iam GetAccountAuthorizationDetails ["Filter.member.N" "Marker" "MaxItems"] Account => details::get;
    reads Iam ListAccountAliases ["Marker" "MaxItems"] Account => account::list_aliases;
    changes Iam CreateAccountAlias ["AccountAlias"] Account => account::create_alias;
    changes Iam DeleteAccountAlias ["AccountAlias"] Account => account::delete_alias;

    reads Iam ListInstanceProfilesForRole ["RoleName" "Marker" "MaxItems"] Role => absent::instance_profiles;
    reads Iam ListMFADevices ["UserName" "Marker" "MaxItems"] UserOrCaller => absent::mfa_devices;
    reads Iam ListVirtualMFADevices ["AssignmentStatus" "Marker" "MaxItems"] Account => absent::virtual_mfa_devices;
    reads Iam ListSSHPublicKeys ["UserName" "Marker" "MaxItems"] UserOrCaller => absent::ssh_keys;
    reads Iam ListSigningCertificates ["UserName" "Marker" "MaxItems"]
        UserOrCaller => absent::signing_certificates;
    reads Iam ListServiceSpecificCredentials ["UserName" "ServiceName" "Marker" "MaxItems"]
        UserOrCaller => absent::service_credentials;

    reads Iam SimulatePrincipalPolicy
        ["PolicySourceArn" "PolicyInputList.member.N" "PermissionsBoundaryPolicyInputList.member.N"
         "ActionNames.member.N" "ResourceArns.member.N" "ResourcePolicy" "ResourceOwner" "CallerArn"
         "ContextEntries.member.N.ContextKeyName" "ContextEntries.member.N.ContextKeyType"
         "ContextEntries.member.N.ContextKeyValues.member.N" "Marker" "MaxItems"]
        PolicySource => simulation::principal;
    reads Iam SimulateCustomPolicy
        ["PolicyInputList.member.N" "PermissionsBoundaryPolicyInputList.member.N" "ActionNames.member.N"
         "ResourceArns.member.N" "ResourcePolicy" "ResourceOwner" "CallerArn"
         "ContextEntries.member.N.ContextKeyName" "ContextEntries.member.N.ContextKeyType"
         "ContextEntries.member.N.ContextKeyValues.member.N" "Marker" "MaxItems"]
        Account => simulation::custom;

    reads Sts GetCallerIdentity [] Nothing => sessions::caller_identity;
    changes Sts GetSessionToken ["DurationSeconds"] Nothing => sessions::session_token;
    reads Sts GetAccessKeyInfo ["AccessKeyId"] Nothing => sessions::access_key_info;
    changes Sts AssumeRole
        ["RoleArn" "RoleSessionName" "DurationSeconds" "ExternalId" "Policy" "PolicyArns.member.N.arn"
         "Tags.member.N.Key" "Tags.member.N.Value" "TransitiveTagKeys.member.N" "SourceIdentity"]
        ByAction => assume_role::assume;
    admits Sts AssumeRoleWithWebIdentity
        ["RoleArn" "RoleSessionName" "WebIdentityToken" "DurationSeconds" "Policy" "PolicyArns.member.N.arn"]
        ByAction => web_identity::assume;
}
