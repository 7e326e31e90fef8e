//! Sends the requests of a page to a server with a policy. The browser's side of Fetch must agree with the policy and with the verdicts
//! of the core.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_browser::Credentials;
use omnicors_fuzz::{Kind, Script};
use omnicors_tests::conversation::converse;
use omnicors_tests::page_request::PageRequest;

fuzz_target!(|data: &[u8]| {
    let script = Script::new(data);
    let settings = script.settings();
    let Ok(policy) = settings.build() else { return };
    let Some(page) = script.texts(Kind::Origin).next() else {
        return;
    };
    let headers = script.texts(Kind::PageHeader).map(|header| {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        (name.to_owned(), value.to_owned())
    });
    let request = PageRequest {
        page: page.to_owned(),
        method: script
            .texts(Kind::Method)
            .next()
            .unwrap_or("GET")
            .to_owned(),
        headers: headers.collect(),
        credentials: match script.first(Kind::Credentials) {
            Some(b"i") => Credentials::Include,
            Some(b"o") => Credentials::Omit,
            _ => Credentials::SameOrigin,
        },
        upload_listener: false,
    };
    if let Err(disagreement) = converse(&settings, &policy, &request) {
        panic!("{disagreement}\n{request:#?}\n{settings:#?}");
    }
});
