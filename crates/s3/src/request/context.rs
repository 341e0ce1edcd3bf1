//! The context of a request, in stages: received, fenced, authenticated, permitted.
//!
//! Each stage contains the one before it. Operations take [`Permitted`], so no operation can be called without the
//! fence, the signature check and the permission check. s3s carries the context in `request.extensions`; it is the only
//! value that this crate puts there.

use crate::request::body::FormFile;
use crate::request::buffers::Reservation;
use crate::request::document::{Document, Element};
use crate::request::extracted::ExtractedHeaders;
use crate::request::payload::Signed;
use crate::request::record::Record;
use crate::request::signer::SignedBy;
use crate::request::target::{Level, ObjectAddress};
use crate::request::transport::{Standing, Transport};
use crate::request::turns::Turns;
use crate::response::error::ErrorResponse;
use crate::response::reply::ReplyContext;
use crate::settings::Settings;
use http::Extensions;
use std::ops::Deref;
use std::sync::Arc;
use strongroom_audit::Actor;
use strongroom_engine::Engine;
use strongroom_engine::model::judged::JudgedObject;
use strongroom_identity::Identities;
use strongroom_permission::{Caller, Identity};

#[cfg(test)]
pub(crate) mod tests;

/// A stage that s3s carries.
pub(crate) trait Stage: Clone + Send + Sync + 'static {
    /// Puts this stage into the extensions of a request.
    fn put(self, extensions: &mut Extensions) {
        extensions.insert(self);
    }

    /// Takes this stage out of the extensions of a request.
    ///
    /// # Errors
    /// An internal error if the request did not reach this stage.
    fn take(extensions: &mut Extensions) -> Result<Self, ErrorResponse> {
        extensions.remove().ok_or_else(|| {
            tracing::error!(
                stage = std::any::type_name::<Self>(),
                "a request reached a later step without this stage of its context"
            );
            ErrorResponse::internal()
        })
    }
}

/// A request that arrived.
#[derive(Clone)]
pub(crate) struct Received {
    /// The part of the request that its response needs.
    pub(crate) reply: Arc<ReplyContext>,
    pub(crate) transport: Transport,
    pub(crate) settings: Arc<Settings>,
    pub(crate) standing: Standing,
    pub(crate) turns: Turns,
    /// Memory that the request holds.
    pub(crate) reservation: Reservation,
    /// Line in the audit log.
    pub(crate) record: Arc<Record>,
}

/// A request that the fence let through: s3s cannot misread it.
#[derive(Clone)]
pub(crate) struct Fenced {
    received: Received,
    /// `None`: the request is not signed.
    pub(crate) signed: Option<Signed>,
    pub(crate) level: Level,
    /// Bucket that the request is about.
    pub(crate) bucket: Option<String>,
    /// Object whose encryption the request changes. `None` for all other requests.
    pub(crate) encryption_target: Option<ObjectAddress>,
}

/// A request whose signature is valid, or which has none. The headers that s3s must not see have been taken out.
#[derive(Clone)]
pub(crate) struct Authenticated {
    fenced: Fenced,
    /// Identity that the request was made with.
    pub(crate) identity: Identity,
    pub(crate) signed_by: SignedBy,
    pub(crate) headers: Arc<ExtractedHeaders>,
    document: Option<Arc<Document>>,
    /// File of a form. `None`: the content is the body of the request.
    pub(crate) form_file: Option<FormFile>,
}

/// A request that its caller is permitted to make.
#[derive(Clone)]
pub(crate) struct Permitted {
    authenticated: Authenticated,
    caller: Arc<Caller>,
    /// Engine that records key uses with the actor of the request, and finds objects as they were judged.
    engine: Engine,
    accounts: Identities,
}

impl Received {
    /// Moves to the next stage. Only [`crate::fence`] calls this.
    pub(crate) fn fenced(
        self,
        signed: Option<Signed>,
        level: Level,
        bucket: Option<String>,
        encryption_target: Option<ObjectAddress>,
    ) -> Fenced {
        Fenced {
            received: self,
            signed,
            level,
            bucket,
            encryption_target,
        }
    }
}

impl Fenced {
    /// Moves to the next stage. Called after the signature check only: by [`crate::dispatch`], and by [`crate::form`] for
    /// forms, whose signature is over their policy.
    pub(crate) fn authenticated(
        self,
        identity: Identity,
        signed_by: SignedBy,
        headers: ExtractedHeaders,
    ) -> Authenticated {
        if !identity.is_anonymous() {
            self.standing.note_signed();
        }
        Authenticated {
            fenced: self,
            identity,
            signed_by,
            headers: Arc::new(headers),
            document: None,
            form_file: None,
        }
    }
}

impl Authenticated {
    /// Adds the document that is the body of the request.
    pub(crate) fn with_document(mut self, document: Document) -> Self {
        self.document = Some(Arc::new(document));
        self
    }

    /// Adds the file of a form, which becomes the content of a PUT to `key`.
    pub(crate) fn with_form_file(mut self, file: FormFile) -> Self {
        self.fenced.level = Level::Object;
        self.form_file = Some(file);
        self
    }

    /// Returns whether the request is signed.
    pub(crate) fn is_signed(&self) -> bool {
        !self.identity.is_anonymous()
    }

    /// Returns whether the request has a document.
    pub(crate) fn has_document(&self) -> bool {
        self.document.is_some()
    }

    /// Returns the outermost element of the document of the request, which must have this name.
    ///
    /// # Errors
    /// `MalformedXML`; `MissingRequestBodyError`.
    pub(crate) fn document(&self, root: &str) -> Result<&Element, ErrorResponse> {
        let document = self.document.as_ref();
        document.ok_or_else(ErrorResponse::no_document)?.expect_root(root)
    }

    /// Moves to the next stage. `judged` are the objects that the permission depends on. Only [`crate::permission`] calls
    /// this.
    pub(crate) fn permitted(
        self,
        actor: Actor,
        caller: Caller,
        engine: &Engine,
        judged: Vec<JudgedObject>,
        accounts: Identities,
    ) -> Permitted {
        Permitted {
            authenticated: self,
            caller: Arc::new(caller.acting_as(actor.clone())),
            engine: engine.acting_as(actor).permitted_by(judged),
            accounts,
        }
    }
}

impl Permitted {
    /// Returns the caller, for operations that check permission once per object.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the accounts of the store.
    pub(crate) fn accounts(&self) -> &Identities {
        &self.accounts
    }

    /// Returns the engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Stage for Authenticated {}
impl Stage for Permitted {}

impl Deref for Fenced {
    type Target = Received;

    fn deref(&self) -> &Received {
        &self.received
    }
}

impl Deref for Authenticated {
    type Target = Fenced;

    fn deref(&self) -> &Fenced {
        &self.fenced
    }
}

impl Deref for Permitted {
    type Target = Authenticated;

    fn deref(&self) -> &Authenticated {
        &self.authenticated
    }
}
