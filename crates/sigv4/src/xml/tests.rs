use super::*;

#[test]
fn documents_are_written_as_clients_know_them() {
    let document = Xml::document("A", |xml| {
        xml.text("B", "<\"&\">'\r\n\u{1}");
        xml.nest("C", |xml| xml.escaped("D", "&lt;"));
    });
    assert_eq!(
        document,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <A><B>&lt;&quot;&amp;&quot;&gt;'&#13;\n\u{fffd}</B><C><D>&lt;</D></C></A>"
    );
}

#[test]
fn documents_may_have_a_namespace() {
    assert_eq!(
        Xml::document_in("A", "urn:a", |xml| xml.text("B", "")),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <A xmlns=\"urn:a\"><B></B></A>"
    );
}
