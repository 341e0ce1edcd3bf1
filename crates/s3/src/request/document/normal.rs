//! Writing of documents for s3s.

use crate::request::document::{Document, Element};
use std::borrow::Cow;

/// Child elements that s3s does not know and would refuse, with their parents.
const UNKNOWN_TO_S3S: [(&str, &str); 2] = [
    ("CreateBucketConfiguration", "Tags"),
    ("Rule", "BlockedEncryptionTypes"),
];

impl Document {
    /// Returns the document in a form that s3s cannot misread.
    pub(crate) fn normal(&self) -> String {
        write(&self.0)
    }
}

/// Writes a document without CDATA, comments, and references unknown to s3s.
fn write(root: &Element) -> String {
    let mut document = String::new();
    write_element(root, &mut document);
    document
}

fn write_element(element: &Element, document: &mut String) {
    let Element {
        name,
        kind,
        text,
        children,
    } = element;
    document.push('<');
    document.push_str(name);
    if let Some(kind) = kind {
        document.push_str(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"");
        document.push_str(&escape(kind));
        document.push('"');
    }
    document.push('>');
    document.push_str(&escape(text));
    for child in children {
        if !UNKNOWN_TO_S3S.contains(&(name.as_str(), child.name.as_str())) {
            write_element(child, document);
        }
    }
    document.push_str("</");
    document.push_str(name);
    document.push('>');
}

/// Escapes text.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '>', '&', '"']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}
