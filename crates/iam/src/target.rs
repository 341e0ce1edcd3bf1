//! The resource of an action: its ARN, and what policies may test of it.
//! (Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management".)

use crate::call::{Call, Subject};
use crate::error::Result;
use strongroom_access::arn::{AccountId, Arn, Name, Path};
use strongroom_identity::IdentityError;
use strongroom_identity::model::entity::Entity;
use strongroom_identity::model::group::Group;
use strongroom_identity::model::role::Role;
use strongroom_identity::model::user::User;
use strongroom_identity::tags::Tags;

/// Kind of an action's resource, and the parameters that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Everybody may do it, about themselves.
    Nothing,
    /// The action asks for permission itself.
    ByAction,
    /// The account: `*`.
    Account,
    /// The user in `UserName`.
    User,
    /// The user in `UserName`, or else the caller.
    UserOrCaller,
    /// The group in `GroupName`.
    Group,
    /// The role in `RoleName`.
    Role,
    /// The managed policy in `PolicyArn`.
    Policy,
    /// The user, group or role in `PolicySourceArn`.
    PolicySource,
    /// The user of the access key in `AccessKeyId`.
    KeyOwner,
    /// The identity provider in `OpenIDConnectProviderArn`.
    Provider,
    /// An identity provider to create: `Url`.
    NewProvider,
    /// A user to create: `UserName` and `Path`.
    NewUser,
    /// A group to create: `GroupName` and `Path`.
    NewGroup,
    /// A role to create: `RoleName` and `Path`.
    NewRole,
    /// A managed policy to create: `PolicyName` and `Path`.
    NewPolicy,
    /// Users below `PathPrefix`.
    Users,
    /// Groups below `PathPrefix`.
    Groups,
    /// Roles below `PathPrefix`.
    Roles,
}

/// Resource of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) arn: String,
    /// Tags of the entity, if it exists.
    pub(crate) tags: Tags,
    /// ARN of the permissions boundary of the user or role, if it exists and has one.
    pub(crate) boundary: Option<String>,
}

impl Resource {
    /// Returns a resource of which only the ARN is known.
    pub(crate) fn named(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            tags: Tags::default(),
            boundary: None,
        }
    }
}

impl Target {
    /// Returns the resource of a request. `None`: no permission is needed, or the action asks itself.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) async fn resolve(self, call: &Call<'_>) -> Result<Option<Resource>> {
        let (account, parameters) = (call.account(), call.parameters);
        let path = || Ok::<_, crate::error::ApiError>(parameters.path("Path")?.unwrap_or_default());
        let resource = match self {
            Self::Nothing | Self::ByAction => return Ok(None),
            Self::Account => Resource::named("*"),
            Self::User => user(call, parameters.user()?).await?,
            Self::UserOrCaller => match call.user_or_caller()? {
                Subject::Root => Resource::named(Arn::Root(account).to_string()),
                Subject::User(name) => user(call, name).await?,
            },
            Self::Group => group(call, parameters.group()?).await?,
            Self::Role => role(call, parameters.role()?).await?,
            Self::Policy => policy(call, parameters.require("PolicyArn")?).await?,
            Self::PolicySource => match Arn::parse(parameters.require("PolicySourceArn")?) {
                Ok(Arn::User { name, .. }) => user(call, name).await?,
                Ok(Arn::Group { name, .. }) => group(call, name).await?,
                Ok(Arn::Role { name, .. }) => role(call, name).await?,
                _ => Resource::named("*"),
            },
            Self::Provider => provider(call, parameters.require("OpenIDConnectProviderArn")?).await?,
            Self::NewProvider => {
                let url = parameters.require("Url")?;
                let issuer = url.split_once("://").map_or(url, |(_, issuer)| issuer).to_owned();
                Resource::named(Arn::OidcProvider { account, issuer }.to_string())
            }
            Self::KeyOwner => {
                let id = parameters.require("AccessKeyId")?;
                match call.identities.owner_of_key(id).await? {
                    Some((owner, Some(name))) if owner == account => user(call, name).await?,
                    _ => Resource::named("*"),
                }
            }
            Self::NewUser => {
                let (path, name) = (path()?, parameters.user()?);
                Resource::named(Arn::User { account, path, name }.to_string())
            }
            Self::NewGroup => {
                let (path, name) = (path()?, parameters.group()?);
                Resource::named(Arn::Group { account, path, name }.to_string())
            }
            Self::NewRole => {
                let (path, name) = (path()?, parameters.role()?);
                Resource::named(Arn::Role { account, path, name }.to_string())
            }
            Self::NewPolicy => {
                let (path, name) = (path()?, parameters.policy_name()?);
                let account = Some(account);
                Resource::named(Arn::Policy { account, path, name }.to_string())
            }
            Self::Users => listing(call, "user")?,
            Self::Groups => listing(call, "group")?,
            Self::Roles => listing(call, "role")?,
        };
        Ok(Some(resource))
    }
}

/// Returns the resource of a listing: the ARN with the prefix of the paths.
fn listing(call: &Call<'_>, word: &str) -> Result<Resource> {
    let prefix = call.parameters.part()?.path_prefix;
    let prefix = if prefix.is_empty() { "/" } else { prefix };
    Ok(Resource::named(format!(
        "arn:aws:iam::{}:{word}{prefix}",
        call.account()
    )))
}

/// Returns an entity, or the ARN that it would have in the root path: so policies decide about an entity that does not
/// exist as about one that does, and the action then refuses it.
async fn find<E: Entity>(
    call: &Call<'_>,
    name: &Name,
    named: impl FnOnce(AccountId) -> Arn,
) -> Result<std::result::Result<E, Resource>> {
    match call.identities.get::<E>(call.account(), name).await {
        Ok(entity) => Ok(Ok(entity)),
        Err(IdentityError::NoSuchEntity(_)) => Ok(Err(Resource::named(named(call.account()).to_string()))),
        Err(error) => Err(error.into()),
    }
}

async fn user(call: &Call<'_>, name: Name) -> Result<Resource> {
    let path = Path::default();
    let found = find::<User>(call, &name.clone(), |account| Arn::User { account, path, name }).await?;
    Ok(found.map_or_else(
        |unknown| unknown,
        |user| Resource {
            arn: user.arn(call.account()).to_string(),
            tags: user.tags,
            boundary: user.boundary,
        },
    ))
}

async fn role(call: &Call<'_>, name: Name) -> Result<Resource> {
    let path = Path::default();
    let found = find::<Role>(call, &name.clone(), |account| Arn::Role { account, path, name }).await?;
    Ok(found.map_or_else(
        |unknown| unknown,
        |role| Resource {
            arn: role.arn(call.account()).to_string(),
            tags: role.tags,
            boundary: role.boundary,
        },
    ))
}

async fn group(call: &Call<'_>, name: Name) -> Result<Resource> {
    let path = Path::default();
    let found = find::<Group>(call, &name.clone(), |account| Arn::Group { account, path, name }).await?;
    Ok(found.map_or_else(
        |unknown| unknown,
        |group| Resource::named(group.arn(call.account()).to_string()),
    ))
}

async fn policy(call: &Call<'_>, arn: &str) -> Result<Resource> {
    match call.identities.policy(call.account(), arn).await {
        Ok(found) => Ok(Resource {
            arn: found.arn,
            tags: found.policy.tags,
            boundary: None,
        }),
        Err(IdentityError::NoSuchEntity(_) | IdentityError::InvalidInput(_)) => Ok(Resource::named(arn)),
        Err(error) => Err(error.into()),
    }
}

async fn provider(call: &Call<'_>, arn: &str) -> Result<Resource> {
    match call.identities.provider(call.account(), arn).await {
        Ok(provider) => Ok(Resource {
            arn: provider.arn(call.account()).to_string(),
            tags: provider.tags,
            boundary: None,
        }),
        Err(IdentityError::NoSuchEntity(_) | IdentityError::InvalidInput(_)) => Ok(Resource::named(arn)),
        Err(error) => Err(error.into()),
    }
}
