//! Settings of AWS KMS.

use std::path::{Path, PathBuf};

use strongroom_keys::kms::AwsSettings;

use super::service::{KmsSource, authorities};
use crate::settings::error::SettingsError;
use crate::settings::layered::layer;
use crate::settings::paths::absolute;
use crate::settings::show::{path, text};

layer! {
    /// The settings of AWS KMS given by one source.
    struct AwsLayer, shown from service: KmsSource {
        /// Region of AWS KMS.
        #[arg(value_name = "REGION")]
        region["kms-aws-region"]: Option<String> = text(service.aws().map(|aws| &aws.region)),
        /// Address of AWS KMS or of a service with the same API, as https://HOST:PORT [default: the AWS endpoint].
        #[arg(value_name = "URL")]
        endpoint["kms-aws-endpoint"]: Option<String> = text(service.aws().and_then(|aws| aws.endpoint.as_ref())),
        /// CA certificates (PEM) to trust for AWS KMS [default: those of the system].
        #[arg(value_name = "FILE")]
        ca_file["kms-aws-ca-file"]: Option<PathBuf> = authorities(service.aws().map(|aws| &aws.ca_file)),
        /// File with credentials for AWS KMS, in the format of ~/.aws/credentials.
        #[arg(value_name = "FILE")]
        credentials_file["kms-aws-credentials-file"]: Option<PathBuf> = path(service.aws().map(|aws| &aws.credentials_file)),
        /// Profile in the credentials file [default: default].
        #[arg(value_name = "NAME")]
        profile["kms-aws-profile"]: Option<String> = text(service.aws().map(|aws| &aws.profile)),
    }
}

impl AwsLayer {
    /// Fills in defaults. Relative paths start at `directory`.
    pub(super) fn complete(self, directory: &Path) -> Result<AwsSettings, SettingsError> {
        let missing = SettingsError::KmsMissing;
        let credentials = self.credentials_file.ok_or(missing("kms.aws.credentials_file"))?;
        let settings = AwsSettings {
            region: self.region.ok_or(missing("kms.aws.region"))?,
            endpoint: self.endpoint,
            ca_file: self.ca_file.map(|path| absolute(directory, &path)),
            credentials_file: absolute(directory, &credentials),
            profile: self.profile.unwrap_or_else(|| "default".to_owned()),
        };
        settings.check()?;
        Ok(settings)
    }
}
