//! Generators of policies and pages.

use omnicors::browser::{Credentials, Page};
use omnicors_core::Guard;
use omnicors_tests::page_request::PageRequest;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use omnicors_tests::settings::Settings;

const PATTERNS: [&str; 22] = [
    "https://example.com",
    "https://*.example.com",
    "https://example.com:8443",
    "https://*.example.com:*",
    "https://pr-*.example.net",
    "https://*-app.example.net:8443",
    "https://foo.com",
    "https://bar.com",
    "https://*.foo.com",
    "https://a_b.example.com",
    "http://localhost:*",
    "http://*.localhost:3000",
    "http://127.0.0.1:8080",
    "http://[::1]:*",
    "http://insecure.test",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "https://example.net.",
    "https://it's.example",
    "app://.",
    "moz-extension://*",
    "file://",
    "null",
];

/// Origins that a pattern above matches, and similar ones.
const ORIGINS: [&str; 59] = [
    "https://example.com",
    "https://example.com:8443",
    "https://example.com:443",
    "https://example.com/",
    "https://example.com.",
    "https://Example.com",
    "http://example.com",
    "https://example.com.evil.test",
    "https://evilexample.com",
    "https://sub.example.com",
    "https://a.b.example.com",
    "https://a.b.example.com:8443",
    "https://evil_.example.com",
    "https://evil`.example.com",
    "https://.example.com",
    "https://a_b.example.com",
    "https://pr-7.example.net",
    "https://pr-.example.net",
    "https://pr-7.a.example.net",
    "https://my-app.example.net:8443",
    "https://my-app.example.net",
    "https://foo.com",
    "https://bar.com",
    "https://barfoo.com",
    "https://a.foo.com",
    "https://a.barfoo.com",
    "http://localhost",
    "http://localhost:3000",
    "https://localhost:3000",
    "http://a.localhost:3000",
    "http://a.localhost",
    "http://localhost.evil.test",
    "http://127.0.0.1:8080",
    "http://127.1:8080",
    "http://[::1]:8080",
    "http://[::1]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://insecure.test",
    "https://insecure.test",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
    "https://tenant1.test",
    "http://tenant1.test",
    "http://tenant1.localhost:5173",
    "https://unlisted.test",
    "https://example.net.",
    "https://example.net",
    "https://pr-7.example.net.",
    "https://it's.example",
    "https://it`s.example",
    "app://.",
    "app://..",
    "moz-extension://7e3b8d3c-1d1f-4f5e",
    "safari-web-extension://2F9A8C11-AB00",
    "evil://example.com",
    "evil://tenant1.test",
    "file://",
    "null",
    "",
];

const METHODS: [&str; 8] = [
    "PUT", "DELETE", "PATCH", "QUERY", "CHICKEN", "purge", "GET", "*",
];

const HEADERS: [&str; 8] = [
    "Content-Type",
    "X-Api-Key",
    "authorization",
    "range",
    "x-b",
    "Accept",
    "content-language",
    "*",
];

const EXPOSED: [&str; 4] = ["X-Total", "etag", "x-not-there", "*"];

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    let origins = prop_oneof![
        1 => Just(vec!["*"]),
        2 => subsequence(&PATTERNS[..], 1),
        4 => subsequence(&PATTERNS[..], 0..=6),
    ];
    let lists = (
        origins,
        subsequence(&METHODS[..], 0..=4),
        subsequence(&HEADERS[..], 0..=5),
        subsequence(&EXPOSED[..], 0..=3),
    );
    let switches = (
        any::<[bool; 11]>(),
        prop::option::weighted(0.8, 0..=86_400_u32),
        select(vec![200_u16, 204, 299]),
    );
    (lists, switches).prop_map(|((origins, methods, headers, mut exposed), switches)| {
        let (
            [
                lookup,
                credentials,
                timing,
                forward,
                rejects,
                private,
                null,
                insecure,
                is_static,
                others,
                merge_exposed,
            ],
            max_age,
            preflight_status,
        ) = switches;
        if credentials {
            // Always a fault, without an opt-out.
            exposed.retain(|name| *name != "*");
        }
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        let is_any = origins == ["*"];
        // A guard together with `*` is a fault, and it rejects opaque origins although the preflight allows them.
        let rejects = rejects && !is_any && !origins.iter().any(is_opaque);
        let others = others && credentials && !is_any && !rejects;
        let is_exact = |origin: &&str| !is_opaque(origin) && !origin.contains('*');
        let is_one = origins.len() == 1 && origins.iter().all(is_exact);
        let echoes = credentials && (methods.contains(&"*") || headers.contains(&"*"));
        let static_origin = is_static && is_one && !lookup && !rejects && !others && !echoes;
        Settings {
            // `*` excludes other entries; no origin at all is a fault.
            lookup: !is_any && (lookup || origins.is_empty()),
            allow_opaque: (null && !rejects) || origins.iter().any(is_opaque),
            allow_insecure: insecure || origins.contains(&"http://insecure.test"),
            origins: owned(origins),
            static_origin,
            credentials,
            others,
            methods: owned(methods),
            headers: owned(headers),
            exposed: owned(exposed),
            merge_exposed,
            max_age,
            timing,
            preflight_status,
            forward_preflights: forward,
            guard: if rejects { Guard::All } else { Guard::Off },
            private_network: private,
        }
    })
}

fn is_opaque(origin: &&str) -> bool {
    matches!(*origin, "null" | "file://")
}

/// Generates settings of static policies.
pub(crate) fn static_settings() -> impl Strategy<Value = Settings> {
    let exact: Vec<&str> = PATTERNS
        .into_iter()
        .filter(|pattern| !is_opaque(pattern) && !pattern.contains('*'))
        .collect();
    (settings(), any::<bool>(), select(exact)).prop_map(|(raw, is_any, origin)| Settings {
        origins: vec![if is_any { "*" } else { origin }.to_owned()],
        credentials: raw.credentials && !is_any && !raw.echoes(),
        static_origin: !is_any,
        lookup: false,
        others: false,
        guard: Guard::Off,
        allow_insecure: true,
        ..raw
    })
}

/// Generates fields in which requests of one kind may differ: any number of `Origin` fields, with any bytes.
pub(crate) fn other_fields() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let origin = prop_oneof![
        2 => select(ORIGINS.to_vec()).prop_map(|origin| origin.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..600),
    ];
    let field = prop_oneof![
        3 => origin.prop_map(|value| ("origin", value)),
        1 => select(METHODS.to_vec()).prop_map(|method| ("access-control-request-method", method.into())),
        1 => select(HEADERS.to_vec()).prop_map(|name| ("access-control-request-headers", name.into())),
        1 => select(vec!["same-origin", "cross-site", ""]).prop_map(|site| ("sec-fetch-site", site.into())),
        1 => select(vec!["example.com", "a", ""]).prop_map(|host| ("host", host.into())),
    ];
    let owned = |(name, value): (&str, Vec<u8>)| (name.to_owned(), value);
    vec(field.prop_map(owned), 0..4)
}

/// URLs of pages whose hosts are unusual, and whose origins are not on a list above.
const UNUSUAL_PAGES: [&str; 24] = [
    "https://b\u{fc}cher.example/",
    "https://xn--bcher-kva.example:8443/a?b#c",
    "https://user:pass@example.com/",
    "http://0x7f.1:8080/",
    "http://127.1:8080/",
    "http://[::ffff:127.0.0.1]:8080/",
    "http://[0:0::1]:3000/",
    "http://localhost.:3000/",
    "http://a.b.localhost.:3000/",
    "https://-a.example.com/",
    "https://a-.example.com/",
    "https://_a.example.com/",
    "https://a$b.example.com/",
    "https://a+b,c.example.com/",
    "https://a..example.com/",
    "https://EXAMPLE.com:0443/",
    "https://example.com:0/",
    "https://1.2.3/",
    "blob:https://example.com/0a1b",
    "data:text/html,page",
    "about:blank",
    "tauri://localhost/index.html",
    "app://EXAMPLE.com/",
    "moz-extension://a%20b/",
];

/// Generates the URL of a page: one above, one of [`ORIGINS`], a host of the longest length, or one of random characters.
fn page_url() -> impl Strategy<Value = String> {
    const CHARACTERS: &str = "ab-_.'~!$&()*+,;=\"{}`\u{fc}\u{df}\u{3002}0";
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let random = (
        select(vec!["https", "http", "app"]),
        vec(select(characters), 1..12),
        select(vec!["", ".example.com", ".", ":8443", ".localhost:3000"]),
    );
    let random = random.prop_map(|(scheme, host, end)| {
        let host: String = host.into_iter().collect();
        format!("{scheme}://{host}{end}/")
    });
    let long =
        (480..530_usize).prop_map(|length| format!("https://{}.example.com", "a".repeat(length)));
    let known = select(ORIGINS.to_vec()).prop_map(str::to_owned);
    let unusual = select(UNUSUAL_PAGES.to_vec()).prop_map(str::to_owned);
    prop_oneof![20 => known, 6 => unusual, 6 => random, 1 => long]
}

/// Generates requests of pages; `fetch()` does not accept all of them.
pub(crate) fn page(raw: &Settings) -> impl Strategy<Value = PageRequest> + use<> {
    // Half of the pages have an allowed origin, if there is one.
    let is_allowed = |url: &&str| {
        let page = Page::new(url);
        page.is_ok_and(|page| raw.allows_without_credentials(&page.origin().to_string()))
    };
    let pages = ORIGINS.into_iter().chain(UNUSUAL_PAGES);
    let mut allowed: Vec<&str> = pages.clone().filter(is_allowed).collect();
    if raw.allows_without_credentials("null") {
        allowed.push("null");
    }
    if allowed.is_empty() {
        allowed.extend(pages);
    }
    let page = prop_oneof![select(allowed).prop_map(str::to_owned), page_url()];
    let mut listed = vec!["GET".to_owned()];
    listed.extend(raw.methods.iter().filter(|method| *method != "*").cloned());
    let known = [
        "GET", "get", "HEAD", "POST", "pOst", "PUT", "put", "DELETE", "delete", "PATCH", "patch",
        "Patch", "OPTIONS", "QUERY", "CHICKEN", "chicken", "purge", "PURGE", "TRACE",
    ];
    let method = prop_oneof![select(listed), select(known.map(str::to_owned).to_vec())];
    let credentials = select(vec![
        Credentials::Omit,
        Credentials::SameOrigin,
        Credentials::Include,
    ]);
    let headers = prop_oneof![
        2 => Just(Vec::new()),
        4 => vec(header(), 1..=3),
        1 => vec(header(), 4..=12),
    ];
    let upload_listener = prop::bool::weighted(0.1);
    (page, method, headers, credentials, upload_listener).prop_map(
        |(page, method, headers, credentials, upload_listener)| PageRequest {
            page,
            method,
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            credentials,
            upload_listener,
        },
    )
}

fn header() -> impl Strategy<Value = (&'static str, String)> {
    let long = |length: usize| "a".repeat(length);
    let known = [
        ("content-type", "text/plain".to_owned()),
        ("Content-Type", "multipart/form-data; boundary=x".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("content-type", "text/plain; \"".to_owned()),
        ("accept", "text/html".to_owned()),
        ("Accept", "a{b}".to_owned()),
        ("accept", long(129)),
        ("accept-language", "de, en;q=0.5".to_owned()),
        ("accept-language", "d\u{fc}".to_owned()),
        // Nine of these exceed 1024 bytes and are not safelisted any more.
        ("content-language", long(128)),
        ("range", "bytes=0-99".to_owned()),
        ("Range", "bytes=-5".to_owned()),
        ("Authorization", "Bearer x".to_owned()),
        ("authorization", String::new()),
        ("X-Api-Key", "1".to_owned()),
        ("x-b", "\u{e9}\t1 ".to_owned()),
        ("x-other", long(300)),
        ("*", "1".to_owned()),
        // Forbidden: `fetch()` drops it.
        ("Cookie", "a=b".to_owned()),
        ("sec-x", "1".to_owned()),
        ("x-http-method-override", "TRACE".to_owned()),
    ];
    prop_oneof![
        60 => select(known.to_vec()),
        20 => Just(("content-language", long(128))),
        // Malformed: `fetch()` throws a `TypeError`.
        1 => Just(("x y", "1".to_owned())),
    ]
}
