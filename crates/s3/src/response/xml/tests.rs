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
fn documents_of_s3_have_its_namespace() {
    assert_eq!(
        Xml::s3_document("A", |xml| xml.text("B", "")),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <A xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><B></B></A>"
    );
}
