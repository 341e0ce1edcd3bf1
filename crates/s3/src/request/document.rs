//! XML documents of requests, read strictly.
//!
//! s3s ignores unknown elements, drops CDATA, and reads `3O` as 3. Nothing may be ignored in a document that
//! lists what to delete. So documents are read here; the operations use the result, and s3s gets the document in a form
//! that it cannot misread.

mod normal;
#[cfg(test)]
mod tests;

use crate::response::error::ErrorResponse;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::str::FromStr;

/// Maximum number of elements. More than any document of S3 has: the list of 10,000 parts has 40,000. Each element
/// takes about 100 bytes of memory, and documents are read before permissions are checked.
const MAX_ELEMENTS: usize = 100_000;
/// Maximum length of the name of a KMS key: that of AWS's ARNs (2048 characters).
const MAX_KEY_NAME: usize = 2048;
/// Maximum depth. More than any document of S3 has.
const MAX_DEPTH: usize = 16;

/// An element: its text, or its child elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    /// `xsi:type`, which distinguishes the kinds of grantees. S3 has no other attribute.
    kind: Option<String>,
    text: String,
    children: Vec<Element>,
}

/// The document of a request.
pub(crate) struct Document(Element);

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub(crate) fn read(document: &[u8]) -> Result<Self, ErrorResponse> {
        read(document).map(Self).ok_or_else(ErrorResponse::malformed_xml)
    }

    /// Returns the outermost element, which must have this name.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub(crate) fn expect_root(&self, name: &str) -> Result<&Element, ErrorResponse> {
        if self.0.name == name {
            Ok(&self.0)
        } else {
            Err(ErrorResponse::malformed_xml().with("Hint", format!("The document must be a {name}.")))
        }
    }

    /// Returns the outermost element.
    pub(crate) fn root(&self) -> &Element {
        &self.0
    }
}

impl Element {
    /// Refuses child elements other than these.
    pub(crate) fn expect_only(&self, names: &[&str]) -> Result<&Self, ErrorResponse> {
        match self
            .children
            .iter()
            .find(|child| !names.contains(&child.name.as_str()))
        {
            None => Ok(self),
            Some(other) => Err(ErrorResponse::malformed_xml().with(
                "Hint",
                format!("{} is not an element of {}.", other.name, self.name),
            )),
        }
    }

    /// Returns the child elements of this name, in order.
    pub(crate) fn each(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Returns the child element of this name, of which there is at most one.
    pub(crate) fn find(&self, name: &str) -> Result<Option<&Self>, ErrorResponse> {
        let mut found = self.each(name);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(self.malformed(name, "is present more than once")),
            (found, None) => Ok(found),
        }
    }

    /// Returns the child element of this name, of which there is exactly one.
    pub(crate) fn expect_one(&self, name: &str) -> Result<&Self, ErrorResponse> {
        self.find(name)?.ok_or_else(|| self.malformed(name, "is missing"))
    }

    /// Returns whether the element has neither text nor child elements.
    pub(crate) fn is_empty(&self) -> bool {
        self.children.is_empty() && self.text.trim().is_empty()
    }

    /// Returns `xsi:type`.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Returns the text, unchanged.
    pub(crate) fn text(&self) -> Result<&str, ErrorResponse> {
        if self.children.is_empty() {
            Ok(&self.text)
        } else {
            Err(ErrorResponse::malformed_xml())
        }
    }

    /// Returns the text of the named child element.
    pub(crate) fn text_of(&self, name: &str) -> Result<Option<&str>, ErrorResponse> {
        self.find(name)?.map(Self::text).transpose()
    }

    /// Returns the text of the named child element without surrounding whitespace.
    pub(crate) fn word_of(&self, name: &str) -> Result<Option<&str>, ErrorResponse> {
        Ok(self.text_of(name)?.map(str::trim))
    }

    /// Returns the name of a KMS key in the named child element. It is guaranteed to fit the response header that
    /// repeats it.
    pub(crate) fn kms_key_of(&self, name: &str) -> Result<Option<&str>, ErrorResponse> {
        let key = self.word_of(name)?.filter(|key| !key.is_empty());
        let fits = |key: &str| key.len() <= MAX_KEY_NAME && key.bytes().all(|byte| byte.is_ascii_graphic());
        match key {
            Some(key) if !fits(key) => Err(self.malformed(name, "is not a valid name of a key")),
            key => Ok(key),
        }
    }

    /// Returns the number in the named child element.
    pub(crate) fn number_of<T: FromStr>(&self, name: &str) -> Result<Option<T>, ErrorResponse> {
        let Some(word) = self.word_of(name)? else {
            return Ok(None);
        };
        let number = word
            .parse()
            .map_err(|_| self.malformed(name, "is not a number"))?;
        Ok(Some(number))
    }

    /// Returns the boolean value of the named child element.
    pub(crate) fn flag_of(&self, name: &str) -> Result<Option<bool>, ErrorResponse> {
        match self.word_of(name)? {
            None => Ok(None),
            Some("true" | "TRUE" | "True" | "1") => Ok(Some(true)),
            Some("false" | "FALSE" | "False" | "0") => Ok(Some(false)),
            Some(_) => Err(self.malformed(name, "is neither true nor false")),
        }
    }

    /// Builds the error for a malformed child element.
    pub(crate) fn malformed(&self, name: &str, why: &str) -> ErrorResponse {
        ErrorResponse::malformed_xml().with("Hint", format!("{name} in {} {why}.", self.name))
    }
}

/// Parses a document. `None`: it is not well-formed, or uses features that no document of S3 needs (a document type,
/// entities of its own, text beside elements).
fn read(document: &[u8]) -> Option<Element> {
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let mut reader = Reader::from_str(std::str::from_utf8(document).ok()?);
    let (mut open, mut root) = (Vec::<Element>::new(), None);
    let mut elements = 0;
    loop {
        let text = match reader.read_event().ok()? {
            Event::Start(tag) => {
                if open.len() == MAX_DEPTH || elements == MAX_ELEMENTS {
                    return None;
                }
                elements += 1;
                open.push(element(&tag)?);
                continue;
            }
            Event::Empty(_) if elements == MAX_ELEMENTS => return None,
            Event::Empty(tag) => {
                elements += 1;
                close(element(&tag)?, &mut open, &mut root)?;
                continue;
            }
            Event::End(_) => {
                let closed = open.pop()?;
                close(closed, &mut open, &mut root)?;
                continue;
            }
            Event::Text(text) => text.xml_content(XmlVersion::Implicit1_0).ok()?.into_owned(),
            Event::CData(text) => text.xml_content(XmlVersion::Implicit1_0).ok()?.into_owned(),
            Event::GeneralRef(reference) => resolve(&reference)?,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
            Event::DocType(_) => return None,
            Event::Eof => break,
        };
        match open.last_mut() {
            Some(element) => element.text.push_str(&text),
            None if text.trim().is_empty() => {}
            None => return None,
        }
    }
    root.filter(|_| open.is_empty())
}

fn element(tag: &BytesStart<'_>) -> Option<Element> {
    let mut element = Element {
        name: String::from_utf8(tag.name().as_ref().to_vec()).ok()?,
        ..Element::default()
    };
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.as_ref();
        if name.ends_with(b":type") && !name.starts_with(b"xmlns:") {
            // The kinds are words. Anything else could be read differently by s3s.
            let kind = std::str::from_utf8(&attribute.value).ok()?;
            if !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return None;
            }
            element.kind = Some(kind.to_owned());
        }
    }
    Some(element)
}

/// Adds a closed element to its parent, or makes it the root.
fn close(mut closed: Element, open: &mut [Element], root: &mut Option<Element>) -> Option<()> {
    if !closed.children.is_empty() {
        if !closed.text.trim().is_empty() {
            return None;
        }
        closed.text.clear();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(closed),
        None if root.is_none() => *root = Some(closed),
        None => return None,
    }
    Some(())
}

fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref().ok()? {
        Some(letter) => Some(letter.to_string()),
        None => resolve_xml_entity(&reference.decode().ok()?).map(str::to_owned),
    }
}
