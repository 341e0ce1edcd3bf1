//! Settings of requests to identity providers (OIDC).

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::layered::layer;
use super::paths::absolute;
use super::show::{joined, path};
use super::values::network::Network;

layer! {
    /// The settings of identity providers given by one source.
    #[command(next_help_heading = "Identity providers (docs/accounts.md)")]
    struct OidcLayer, shown from oidc: Oidc {
        /// CA certificates (PEM) to trust for identity providers, besides those of the system.
        #[arg(value_name = "FILE")]
        ca_file["oidc-ca-file"]: Option<PathBuf> = path(oidc.ca_file.as_ref()),
        /// Address or network in which identity providers may be although it is not public; repeat for more.
        #[arg(value_name = "ADDRESS")]
        private_networks["oidc-private-network"]: Option<Vec<Network>> = joined(&oidc.private_networks),
        /// Allow identity providers with http:// addresses, whose keys anybody on the network path can replace
        /// [default: false].
        #[arg(value_name = "BOOLEAN", hide_possible_values = true)]
        plain_http["oidc-plain-http"]: Option<bool> = oidc.plain_http.to_string(),
    }
}

/// Requests to identity providers, whose addresses tenants choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Oidc {
    /// Authorities to trust besides those of the system.
    pub(crate) ca_file: Option<PathBuf>,
    /// Networks that are allowed although they are not public.
    pub(crate) private_networks: Vec<Network>,
    pub(crate) plain_http: bool,
}

impl Oidc {
    /// Returns whether an address that is not public may be connected to.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        self.private_networks
            .iter()
            .any(|network| network.contains(address))
    }
}

impl OidcLayer {
    /// Fills in defaults. A relative path starts at `directory`.
    pub(super) fn complete(self, directory: &Path) -> Oidc {
        Oidc {
            ca_file: self.ca_file.map(|path| absolute(directory, &path)),
            private_networks: self.private_networks.unwrap_or_default(),
            plain_http: self.plain_http.unwrap_or(false),
        }
    }
}
