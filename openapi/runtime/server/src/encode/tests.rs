use super::*;
use proptest::prelude::*;

fn encoded(value: &(impl Encode + ?Sized)) -> String {
    let mut out = Vec::new();
    value.encode(&mut out);
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn text_is_encoded_as_serde_json_does(text in r#"[ -~"\\\x00-\x1f\x7fé✓💰]{0,24}"#) {
        prop_assert_eq!(encoded(&text), serde_json::to_string(&text).unwrap());
    }

    #[test]
    fn numbers_are_encoded_as_serde_json_does(number: i64) {
        prop_assert_eq!(encoded(&number), serde_json::to_string(&number).unwrap());
    }
}

#[test]
fn lists_booleans_and_null_are_encoded() {
    assert_eq!(encoded(&vec![vec![Some(1_i32), None], vec![]]), "[[1,null],[]]");
    assert_eq!(encoded(&vec![true, false]), "[true,false]");
    assert_eq!(encoded(&RawJson::new(r#"{ "a":1.10 }"#.into())), r#"{ "a":1.10 }"#);
}

#[test]
fn members_that_are_absent_leave_no_trace() {
    let object = |values: &[Option<i64>]| {
        let mut out = Vec::new();
        let mut members = Members::open(&mut out);
        for value in values {
            members.optional("\"a\":", value.as_ref());
        }
        members.close();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(object(&[]), "{}");
    assert_eq!(object(&[None, None]), "{}");
    assert_eq!(object(&[None, Some(1), None, Some(2)]), r#"{"a":1,"a":2}"#);
}
