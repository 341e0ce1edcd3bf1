//! Writing of XML documents: those of errors, and others that no library writes.
//!
//! quick-xml's writer is not used: it escapes more than AWS does (`'` as `&apos;`), and its results need handling
//! although writing to memory does not fail.

#[cfg(test)]
mod tests;

/// A document that is being written.
pub struct Xml(String);

impl Xml {
    /// Writes a document: the declaration and the root element.
    pub fn document(root: &str, content: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        xml.nest(root, content);
        xml.0
    }

    /// Writes a document whose root element is in a namespace.
    pub fn document_in(root: &str, namespace: &str, content: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{namespace}\">"
        ));
        content(&mut xml);
        xml.close(root);
        xml.0
    }

    /// Writes elements that are to be put into a document with [`Xml::escaped`].
    pub fn elements(content: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(String::new());
        content(&mut xml);
        xml.0
    }

    /// Writes an element that holds other elements.
    pub fn nest(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name);
        content(self);
        self.close(name);
    }

    /// Writes an element that holds text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.escaped(name, &escape(text));
    }

    /// Writes an element that holds text which is escaped already.
    pub fn escaped(&mut self, name: &str, text: &str) {
        self.nest(name, |xml| xml.0.push_str(text));
    }

    fn open(&mut self, name: &str) {
        self.0.extend(["<", name, ">"]);
    }

    fn close(&mut self, name: &str) {
        self.0.extend(["</", name, ">"]);
    }
}

/// Escapes text for XML 1.0. Characters that XML cannot hold become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(letter),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
