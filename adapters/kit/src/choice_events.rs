//! The warnings about a server with several policies.

use arc_swap::ArcSwap;
use tracing::warn;

use crate::choice_request::RequestView;

/// The names of the fields that were reported already. Reading them takes no lock.
pub(crate) type Reported = ArcSwap<Vec<&'static str>>;

/// Logs a warning, once for each field, if a choice has read a field that a preflight does not have.
pub(crate) fn fields_missing_in_preflight(
    view: &impl RequestView,
    names: &[&'static str],
    reported: &Reported,
) {
    let has = |name: &str| view.header(name, 0).is_some();
    if view.method() != "OPTIONS" || !has("origin") || !has("access-control-request-method") {
        return;
    }
    for name in names {
        if is_as_in_actual_request(name, has(name)) || reported.load().contains(name) {
            continue;
        }
        let mut is_first = false;
        reported.rcu(|names| {
            let mut names = Vec::clone(names);
            is_first = !names.contains(name);
            if is_first {
                names.push(name);
            }
            names
        });
        if is_first {
            warn!(
                target: "omnicors",
                "the choice of the CORS policy depends on the request field `{name}`, which browsers do not send with a preflight as \
                 with the request after it, so another policy may decide the preflight; choose by path or host, or let a proxy add \
                 the field to every request"
            );
        }
    }
}

/// What a browser adds to every fetch. A preflight is a fetch of its own, with the same referrer.
const OF_EVERY_FETCH: [&str; 8] = [
    "origin",
    "host",
    "referer",
    "user-agent",
    "accept-encoding",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
];

/// Returns true if a preflight has the same value as the request after it, or if both do not have the field.
fn is_as_in_actual_request(name: &str, is_present: bool) -> bool {
    // The `Accept` of a preflight is always `*/*` (https://fetch.spec.whatwg.org/#cors-preflight-fetch, step 2).
    if name.eq_ignore_ascii_case("accept") {
        return false;
    }
    // A field that is there was added by a proxy.
    is_present
        || OF_EVERY_FETCH
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
}
