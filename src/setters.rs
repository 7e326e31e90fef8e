//! The setters for lists accept borrowed and owned text, and the types of the `http` crate.

use http::{Method, header};

use crate::PolicyConfig;

#[test]
fn list_setters_accept_the_types_of_the_http_crate() {
    let config = PolicyConfig::new()
        .allow_origin("https://example.com")
        .allow_methods([Method::PUT, Method::DELETE])
        .allow_method(Method::PATCH)
        .allow_headers([header::CONTENT_TYPE])
        .allow_header(header::AUTHORIZATION);
    let policy = config.build().unwrap();
    assert!(policy.allow_methods().eq(["PUT", "DELETE", "PATCH"]));
    assert!(policy.allow_headers().eq(["content-type", "authorization"]));
}

#[test]
fn list_setters_accept_borrowed_and_split_text() {
    let tenants = [
        String::from("https://a.example"),
        String::from("https://b.example"),
    ];
    let config = PolicyConfig::new()
        .allow_origins(&tenants)
        .allow_origins("https://c.example,https://d.example".split(','))
        .allow_origin(&tenants[0]);
    let policy = config.build().unwrap();
    let origins = policy.origins().unwrap();
    assert!(origins.patterns().eq([
        "https://a.example",
        "https://b.example",
        "https://c.example",
        "https://d.example",
    ]));
}
