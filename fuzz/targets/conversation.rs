//! Sends the requests of a page to a server with a policy. The oracle, which implements the browser's side of Fetch, must agree with the
//! policy and with the verdicts of the core.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_core::limits;
use omnicors_fuzz::{Kind, Script};
use omnicors_tests::conversation::converse;
use omnicors_tests::oracle::{CredentialsMode, PageRequest};

fuzz_target!(|data: &[u8]| {
    let script = Script::new(data);
    let settings = script.settings();
    let Ok(policy) = settings.build() else { return };
    let Some(origin) = script.texts(Kind::Origin).next() else {
        return;
    };
    let method = script.texts(Kind::Method).next().unwrap_or("GET");
    let mode = match script.first(Kind::Credentials) {
        Some(b"i") => CredentialsMode::Include,
        Some(b"o") => CredentialsMode::Omit,
        _ => CredentialsMode::SameOrigin,
    };
    let mut page = PageRequest::new(origin, method).with_credentials(mode);
    for header in script.texts(Kind::PageHeader) {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        page = page.with_header(name, value);
    }
    if !page.is_valid() || (settings.echoes() && exceeds_limits(&page)) {
        return;
    }
    if let Err(disagreement) = converse(&settings, &policy, &page) {
        panic!("{disagreement}\n{page:#?}\n{settings:#?}");
    }
});

/// Returns true if the core does not echo the method or the headers because of their length. Fetch, which the oracle implements, has no
/// such limits (see `omnicors_core::limits`).
fn exceeds_limits(page: &PageRequest) -> bool {
    page.unsafe_header_names().join(",").len() > limits::REQUEST_HEADERS
        || page.method.len() > limits::REQUEST_METHOD
}
