//! Responses that a cache can give to the wrong page, and responses without the CORS headers.

use http::header;

use super::observed::{Observed, admits, finding};
use crate::probe::audit::finding::{CACHES, CORS_CHECK, Finding, Severity};
use crate::probe::audit::observation::{Observation, Purpose};

pub(super) fn judge(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    missing_vary(observed, findings);
    mixing_cache(observed, findings);
    error_responses(observed, findings);
}

/// The response depends on `Origin`, and does not say so.
fn missing_vary(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let purposes = [
        Purpose::NonCors,
        Purpose::Given,
        Purpose::Stranger,
        Purpose::Null,
    ];
    let responses: Vec<_> = purposes
        .iter()
        .filter_map(|&purpose| observed.get(purpose))
        .collect();
    let is_kept =
        |response: &&&Observation| !response.has_element(&header::CACHE_CONTROL, "no-store");
    let unmarked = responses
        .iter()
        .filter(|response| !response.varies_by_origin())
        .filter(is_kept);
    // The response that pages get by mistake is shown first if it has an origin.
    let mut unmarked: Vec<&Observation> = unmarked.copied().collect();
    unmarked.sort_by_key(|response| response.allow_origin().is_none());
    for response in unmarked {
        let Some(other) = responses
            .iter()
            .find(|other| other.allow_origin() != response.allow_origin())
        else {
            continue;
        };
        // A cache of one user, or a response that every page may read, does less harm.
        let is_private = response.has_element(&header::CACHE_CONTROL, "private");
        let values: Vec<_> = responses
            .iter()
            .filter_map(|response| response.allow_origin())
            .collect();
        let is_public = values.iter().all(|value| value == "*");
        findings.push(finding(
            "vary-missing",
            if is_private || is_public { Severity::Low } else { Severity::Medium },
            CACHES,
            &[response, *other],
            [
                "The response depends on `Origin`, and `Vary: Origin` is missing",
                "A cache can give the response for one origin to a page of another, which is then blocked. Send `Vary: Origin` with every \
                 response for this URL: to origins that are allowed, to others, and without `Origin`.",
            ],
        ));
        return;
    }
}

/// A cache gives the response for one origin to another one.
fn mixing_cache(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    let Some(allowed) = observed.allowed() else {
        return;
    };
    let pairs = [
        (Purpose::CacheAllowed, Purpose::CacheAllowedThenStranger),
        (Purpose::CacheStranger, Purpose::CacheStrangerThenAllowed),
    ];
    for (first, second) in pairs {
        let (Some(first), Some(second)) = (observed.get(first), observed.get(second)) else {
            continue;
        };
        let gets_the_first = second.allow_origin() == first.allow_origin();
        // Alone, the second origin gets another response.
        let alone = if second.purpose == Purpose::CacheStrangerThenAllowed {
            allowed.allow_origin()
        } else {
            observed
                .get(Purpose::CacheStranger)
                .and_then(Observation::allow_origin)
        };
        if gets_the_first && alone != second.allow_origin() {
            let evidence = if second.is_from_cache() {
                " The header fields of the second response say that it is from a cache."
            } else {
                ""
            };
            let text = format!(
                "For the same URL, the second origin got the response for the first. Pages that are allowed are blocked, depending on who \
                 asked before.{evidence} Send `Vary: Origin`, and let the cache take `Origin` into its key."
            );
            findings.push(finding(
                "cache-mixes-origins",
                Severity::Medium,
                CACHES,
                &[first, second],
                [
                    "A cache gives the response for one origin to another",
                    &text,
                ],
            ));
            return;
        }
    }
}

/// A response that an allowed page cannot read, because a part of the server outside CORS has made it.
fn error_responses(observed: &Observed<'_>, findings: &mut Vec<Finding>) {
    if let Some(given) = observed.get(Purpose::Given)
        && given.status().is_server_error()
        && given.allow_origin().is_none()
    {
        findings.push(finding(
            "server-error-without-cors",
            Severity::Medium,
            CORS_CHECK,
            &[given],
            [
                "The URL responds with an error of the server, without the CORS headers",
                "Pages see a network error in the place of the status. Send the headers with every response, errors included: the part that \
                 adds them has to be the outermost.",
            ],
        ));
    }
    let (Some(allowed), Some(missing)) = (observed.allowed(), observed.get(Purpose::MissingPath))
    else {
        return;
    };
    let is_error = missing.status().is_client_error() || missing.status().is_server_error();
    let Some(credentials) = admits(allowed) else {
        return;
    };
    if is_error && !missing.is_allowed(credentials) {
        let is_server_error = missing.status().is_server_error();
        let text = format!(
            "A path that does not exist gets {} without the headers that pages need. Pages see a network error in the place of the status. Send \
             the headers with every response, errors included: the part that adds them has to be the outermost.",
            missing.status().as_u16()
        );
        findings.push(finding(
            "errors-without-cors",
            if is_server_error {
                Severity::Medium
            } else {
                Severity::Low
            },
            CORS_CHECK,
            &[missing],
            ["Error responses lack the CORS headers", &text],
        ));
    }
}
