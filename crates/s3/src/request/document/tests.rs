use super::*;

fn parse(text: &str) -> Option<Element> {
    read(text.as_bytes())
}

#[test]
fn documents_are_read_whole() {
    let text = "\u{feff}<?xml version=\"1.0\"?><!-- c --><A xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n \
                <B>x<![CDATA[<y>]]>&lt;&#122;&#x1F600;</B><B/> <C xsi:type=\"T\"><D> 1 </D></C></A>\n";
    let root = parse(text).unwrap();
    assert_eq!(root.name, "A");
    let texts: Vec<_> = root.each("B").map(|b| b.text().unwrap()).collect();
    assert_eq!(texts, ["x<y><z\u{1f600}", ""]);
    let c = root.expect_one("C").unwrap();
    assert_eq!(c.kind(), Some("T"));
    assert_eq!(c.text_of("D").unwrap(), Some(" 1 "));
    assert_eq!(c.number_of::<u32>("D").unwrap(), Some(1));
    assert!(c.text().is_err());
    assert_eq!(root.find("X").unwrap(), None);
    assert!(root.find("B").is_err());
    assert!(root.expect_one("X").is_err());
    assert!(root.expect_only(&["B", "C"]).is_ok());
    assert!(root.expect_only(&["B"]).is_err());
}

#[test]
fn what_is_no_document() {
    for text in [
        "",
        " ",
        "x",
        "<A>",
        "<A></B>",
        "</A>",
        "<A/><B/>",
        "<A/>x",
        "x<A/>",
        "<A>x<B/></A>",
        "<A>&x;</A>",
        "<A>&#0;</A>",
        "<A>&#xD800;</A>",
        "<!DOCTYPE A><A/>",
        "<!DOCTYPE A [<!ENTITY x \"y\">]><A>&x;</A>",
        "<A b=1/>",
        "<A b b/>",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(read(b"<A>\xff</A>"), None);
    let deep = |depth: usize| format!("{}{}", "<A>".repeat(depth), "</A>".repeat(depth));
    assert!(parse(&deep(MAX_DEPTH)).is_some());
    assert!(parse(&deep(MAX_DEPTH + 1)).is_none());
}

#[test]
fn numbers_and_truths_are_read_strictly() {
    for (text, number) in [
        ("3", Some(3)),
        ("-3", None),
        ("3O", None),
        ("3 0", None),
        ("", None),
        ("4294967296", None),
    ] {
        let root = parse(&format!("<A><N>{text}</N></A>")).unwrap();
        assert_eq!(root.number_of::<u32>("N").ok().flatten(), number, "{text}");
    }
    for (text, truth) in [
        ("true", Some(true)),
        (" FALSE ", Some(false)),
        ("yes", None),
        ("", None),
    ] {
        let root = parse(&format!("<A><F>{text}</F></A>")).unwrap();
        assert_eq!(root.flag_of("F").ok().flatten(), truth, "{text}");
    }
    assert_eq!(parse("<A/>").unwrap().flag_of("F").unwrap(), None);
}

#[test]
fn the_kind_of_a_grantee_is_a_word() {
    for kind in ["Group> </Grantee></A>oup", "&lt;", "a b", "CanonicalUser\n", "'"] {
        let document = format!(r#"<A xmlns:xsi="x"><Grantee xsi:type="{kind}"> </Grantee></A>"#);
        assert!(Document::read(document.as_bytes()).is_err(), "{kind}");
    }
}

#[test]
fn s3s_gets_documents_in_one_form() {
    let normal = |text: &str| Document::read(text.as_bytes()).unwrap().normal();
    assert_eq!(
        normal("<A><!-- x -->\n<B><![CDATA[<&]]></B> </A>"),
        "<A><B>&lt;&amp;</B></A>"
    );
    assert_eq!(normal("<A>&#13;&#x1F600;</A>"), "<A>\r\u{1f600}</A>");
    let rule = "<R><Rule><X>1</X><BlockedEncryptionTypes><Y/></BlockedEncryptionTypes></Rule></R>";
    assert_eq!(normal(rule), "<R><Rule><X>1</X></Rule></R>");
    let grantee = normal("<G xmlns:a=\"b\" a:type=\"CanonicalUser\"/>");
    assert!(grantee.contains(" xsi:type=\"CanonicalUser\"></G>"), "{grantee}");
}
