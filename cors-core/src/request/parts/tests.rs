use alloc::string::ToString as _;
use alloc::vec;

use super::*;
use crate::PolicyConfig;

#[test]
fn an_options_without_request_method_is_an_actual_request() {
    let options = RequestParts::new("OPTIONS");
    let origin = options.origin("https://a.test");
    assert_eq!(origin.kind(), RequestKind::Actual);
    let lower_case = RequestParts::new("options").origin("https://a.test");
    assert_eq!(lower_case.request_method("PUT").kind(), RequestKind::Actual);
    assert_eq!(options.request_method("PUT").kind(), RequestKind::NonCors);
    let empty = options.origin("").request_method("");
    assert_eq!(empty.kind(), RequestKind::Preflight);
}

fn read<'a, F: RequestFields>(method: &'a str, fields: &'a F) -> RequestParts<'a> {
    let policy = PolicyConfig::new().allow_origins(["*"]).build().unwrap();
    RequestParts::read(&policy, method, fields)
}

#[test]
fn parts_that_are_read_equal_those_that_are_set() {
    let fields = [
        ("ORIGIN", "https://a.test"),
        ("accept", "text/html"),
        ("Access-Control-Request-Method", "PUT"),
        ("access-control-request-headers", "a"),
    ];
    let parts = read("OPTIONS", &fields);
    assert_eq!(parts.kind(), RequestKind::Preflight);
    let set = RequestParts::new("OPTIONS")
        .origin("https://a.test")
        .request_method("PUT")
        .request_headers("a");
    assert_eq!(parts, set);
    assert_ne!(parts, set.request_headers("b"));
    assert_ne!(parts, set.lookup_result(LookupResult::Failed));
}

#[test]
fn debug_prints_parts_as_text() {
    let parts = RequestParts::new("GET").origin(b"https://\xFF");
    let shown = alloc::format!("{parts:?}");
    assert_eq!(shown, "RequestParts { method: GET, origin: https://\\xff }");
}

#[test]
fn every_field_is_found_by_its_name() {
    for field in RequestField::ALL {
        let fields = vec![("x", "0"), (field.as_str(), "1"), ("y", "2")];
        assert_eq!(fields.value(field, 0), Some(b"1".as_slice()), "{field}");
        assert_eq!(fields.value(field, 1), None);
        assert_eq!(field.to_string(), field.as_str().to_ascii_lowercase());
    }
}

/// A request that records the fields that are read.
struct Recorded<'a> {
    fields: [(&'a str, &'a [u8]); 2],
    read: core::cell::RefCell<vec::Vec<RequestField>>,
}

impl RequestFields for Recorded<'_> {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        self.read.borrow_mut().push(field);
        let name = field.as_str();
        let mut values = self.fields.iter().filter(|(own, _)| *own == name);
        values.nth(index).map(|(_, value)| *value)
    }
}

#[test]
fn only_the_fields_that_a_decision_needs_are_read() {
    let without_origin = [("host", &b"api.test"[..]), ("accept", b"*/*")];
    let with_origin = [("host", &b"api.test"[..]), ("origin", b"https://a.test")];
    for (method, fields, reads_origin, request_method_is_read) in [
        ("GET", with_origin, true, false),
        ("GET", with_origin, false, false),
        ("OPTIONS", without_origin, true, false),
        ("OPTIONS", with_origin, true, true),
        ("OPTIONS", with_origin, false, true),
    ] {
        let recorded = Recorded {
            fields,
            read: core::cell::RefCell::default(),
        };
        let _parts = RequestParts::with_fields(method.as_bytes(), &recorded, reads_origin);
        let read = recorded.read.borrow();
        let request_method = read.contains(&RequestField::AccessControlRequestMethod);
        assert_eq!(
            request_method, request_method_is_read,
            "{method} {fields:?}"
        );
        let origin = read.contains(&RequestField::Origin);
        assert_eq!(origin, reads_origin || method == "OPTIONS", "{method}");
    }
}

#[test]
fn a_field_that_was_set_is_returned() {
    let parts = RequestParts::new("OPTIONS")
        .origin("https://a.test")
        .request_method("PUT");
    let value = |field, index| parts.value(field, index);
    assert_eq!(value(RequestField::Origin, 0), Some(&b"https://a.test"[..]));
    assert_eq!(value(RequestField::Origin, 1), None);
    let method = RequestField::AccessControlRequestMethod;
    assert_eq!(value(method, 0), Some(&b"PUT"[..]));
    assert_eq!(value(RequestField::AccessControlRequestHeaders, 0), None);
}
