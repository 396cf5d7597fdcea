//! Playground links: every link that was ever written down must decode.
#![forbid(unsafe_code)]

use proptest::prelude::*;
use s390_iommu::link::{Link, LinkError};

/// Links of books and mails, made by zlib. Never change one.
const SMALL: &str = "#1q1YqUbJSKk7OSM1NVLBVMIzJU6oFAA";
const FULL: &str = "#1q1YqUbJSKk7OSM1NVLBVMIzJK8ksyUkFMmOU3IsO7zk8PzVGKSZPSUcpG6iuzEzPULco2QjILVCyilYqMASxTJRidZSSgdIFZkBusZKVuY5SppKVoYWJiZm5iYmBubG5gaWpqaGZoWktAA";
const UNKNOWN_KEY: &str = "#1q1YqUbJSUtJRqlKyMqwFAA";

#[test]
fn links_of_old_decode() {
    let small = Link { text: "schema = 1\n".to_owned(), ..Link::default() };
    let full = Link {
        text: "schema = 1\ntitle = \"Grüße\"\n".to_owned(),
        kernel: Some("v6.1-rc2".to_owned()),
        patches: Some(vec!["p1".to_owned(), "p4".to_owned()]),
        compare: Some("p6".to_owned()),
        step: Some(7),
        iova: Some(u64::MAX),
    };
    assert_eq!(Link::decode(SMALL), Ok(small.clone()));
    assert_eq!(Link::decode(&format!(" {}\n", &SMALL[1..])), Ok(small));
    assert_eq!(Link::decode(FULL), Ok(full));
}

#[test]
fn what_cannot_be_read_says_why() {
    let code = |text: &str| Link::decode(text).unwrap_err().code();
    assert_eq!(code("#"), "L001");
    assert_eq!(
        Link::decode("#2abc").unwrap_err().to_string(),
        "the link is of version 2, this program reads version 1"
    );
    assert_eq!(code("#1a/b"), "L003");
    assert_eq!(code(&FULL[..2 + 40]), "L004");
    assert_eq!(code(UNKNOWN_KEY), "L006");
    let bomb = Link { text: "a".repeat(3 << 20), ..Link::default() }.encode();
    assert!(bomb.len() < 10_000);
    assert_eq!(Link::decode(&bomb), Err(LinkError::TooLong));
}

proptest! {
    #[test]
    fn every_link_decodes(
        text in any::<String>(),
        kernel in any::<Option<String>>(),
        patches in any::<Option<Vec<String>>>(),
        step in any::<Option<u32>>(),
        iova in any::<Option<u64>>(),
    ) {
        let link = Link { text, compare: kernel.clone(), kernel, patches, step, iova };
        let address = link.encode();
        prop_assert!(address[2..].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        prop_assert_eq!(Link::decode(&address), Ok(link));
    }

    #[test]
    fn no_text_makes_it_fail(text in any::<String>(), tail in "[A-Za-z0-9_-]{0,40}") {
        let _ = Link::decode(&text);
        let _ = Link::decode(&format!("#1{tail}"));
    }
}
