//! What a JSON Patch makes of a document, to the byte.

use super::{DOCUMENT, patched};

/// The examples of RFC 6902, appendix A. A.13, an operation with two `op`s, never gets here: it has no model.
#[test]
fn the_examples_of_the_rfc() {
    let table = [
        ("A.1", r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz","value":"qux"}]"#, r#"{"foo":"bar","baz":"qux"}"#),
        (
            "A.2",
            r#"{"foo":["bar","baz"]}"#,
            r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            r#"{"foo":["bar","qux","baz"]}"#,
        ),
        ("A.3", r#"{"baz":"qux","foo":"bar"}"#, r#"[{"op":"remove","path":"/baz"}]"#, r#"{"foo":"bar"}"#),
        ("A.4", r#"{"foo":["bar","qux","baz"]}"#, r#"[{"op":"remove","path":"/foo/1"}]"#, r#"{"foo":["bar","baz"]}"#),
        (
            "A.5",
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            r#"{"baz":"boo","foo":"bar"}"#,
        ),
        (
            "A.6",
            r#"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            r#"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            r#"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#,
        ),
        (
            "A.7",
            r#"{"foo":["all","grass","cows","eat"]}"#,
            r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            r#"{"foo":["all","cows","eat","grass"]}"#,
        ),
        (
            "A.8",
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
            r#"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
        ),
        ("A.9", r#"{"baz":"qux"}"#, r#"[{"op":"test","path":"/baz","value":"bar"}]"#, "test failed at /0/value"),
        (
            "A.10",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            r#"{"foo":"bar","child":{"grandchild":{}}}"#,
        ),
        (
            "A.11",
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        ("A.12", r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, "not applicable at /0/path"),
        ("A.14", r#"{"/":9,"~1":10}"#, r#"[{"op":"test","path":"/~01","value":10}]"#, r#"{"/":9,"~1":10}"#),
        ("A.15", r#"{"/":9,"~1":10}"#, r#"[{"op":"test","path":"/~01","value":"10"}]"#, "test failed at /0/value"),
        (
            "A.16",
            r#"{"foo":["bar"]}"#,
            r#"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            r#"{"foo":["bar",["abc","def"]]}"#,
        ),
    ];
    for (name, document, patch, expected) in table {
        assert_eq!(patched(document, patch), expected, "{name}");
    }
}

#[test]
fn what_is_not_touched_keeps_its_bytes() {
    let rest =
        r#""big":123456789012345678901234567890,"e":1e400,"list":[ 1.0 , null,{"k":1, "k" : null}],"\u00e9":"\u00e9""#;
    let table = [
        (r#"[]"#, DOCUMENT.to_owned()),
        (
            r#"[{"op":"test","path":"/data/o","value":{"p":0}},{"op":"test","path":"/data/list/2/k","value":null},
                {"op":"move","from":"/data/o","path":"/data/o"}]"#,
            DOCUMENT.to_owned(),
        ),
        (
            r#"[{"op":"replace","path":"/data/id","value":"y"},{"op":"add","path":"/data/n","value": [ 2.50 ] }]"#,
            format!(r#"{{"data":{{"id":"y","n":[ 2.50 ],{rest},"o":{{ "p" : -0 }}}}}}"#),
        ),
        (
            r#"[{"op":"remove","path":"/data/id"},{"op":"move","from":"/data/n","path":"/data/m\"~1"}]"#,
            format!(r#"{{"data":{{{rest},"o":{{ "p" : -0 }},"m\"/":1.10}}}}"#),
        ),
        (
            r#"[{"op":"copy","from":"/data/o","path":"/data/id"},{"op":"add","path":"/data/o/q","value":null},
                {"op":"copy","from":"/data/o","path":"/data/n"},{"op":"remove","path":"/data/o/p"}]"#,
            format!(r#"{{"data":{{"id":{{ "p" : -0 }},"n":{{"p":-0,"q":null}},{rest},"o":{{"q":null}}}}}}"#),
        ),
        (
            r#"[{"op":"replace","path":"/data/é","value":"\u00E9"},{"op":"replace","path":"","value":{ "data" : 1 }}]"#,
            r#"{ "data" : 1 }"#.to_owned(),
        ),
        (
            r#"[{"op":"add","path":"/data/list/2/k","value":2},{"op":"replace","path":"/data","value":0},
                {"op":"add","path":"/é","value":{}}]"#,
            r#"{"data":0,"é":{}}"#.to_owned(),
        ),
    ];
    for (patch, expected) in table {
        assert_eq!(patched(DOCUMENT, patch), expected, "{patch}");
    }
    let repeated =
        r#"[{"op":"test","path":"/data/list/2","value":{"k":null}},{"op":"add","path":"/data/list/2/j","value":2}]"#;
    assert!(patched(DOCUMENT, repeated).contains(r#"[1.0,null,{"k":null,"j":2}]"#));
}

#[test]
fn arrays_shift() {
    let table = [
        (r#"{"op":"add","path":"/0","value":0}"#, "[0,1,[2],3]"),
        (r#"{"op":"add","path":"/3","value":4}"#, "[1,[2],3,4]"),
        (r#"{"op":"add","path":"/1/-","value":4}"#, "[1,[2,4],3]"),
        (r#"{"op":"replace","path":"/2","value":4}"#, "[1,[2],4]"),
        (r#"{"op":"move","from":"/0","path":"/2"}"#, "[[2],3,1]"),
        (r#"{"op":"move","from":"/0","path":"/-"}"#, "[[2],3,1]"),
        (r#"{"op":"move","from":"/1/0","path":""}"#, "2"),
        (r#"{"op":"copy","from":"","path":"/1/0"}"#, "[1,[[1,[2],3],2],3]"),
        (r#"{"op":"copy","from":"/1","path":""}"#, "[2]"),
    ];
    for (operation, expected) in table {
        assert_eq!(patched("[1,[2],3]", &format!("[{operation}]")), expected, "{operation}");
    }
}
