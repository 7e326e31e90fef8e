//! Everything that a policy lacks for a request. [`Policy::explain`] stops at what is checked first.

use omnicors::adapters::http::{RequestHead, suggestion_for_credentials};
use omnicors_browser::http::{HeaderName, HeaderValue, Request, header};
use omnicors_browser::{Bytes, Exchange};
use omnicors_core::{Decision, Denial, LookupResult, Policy, PolicyConfig, Rejection, Verdict};

use super::steps;

/// An origin that stands for that of the page after it is allowed. Every policy can list it, also with credentials.
const LISTED: &str = "https://page.invalid";

/// What the policy does not allow.
enum Missing {
    Host,
    Origin,
    Method,
    /// The name of a header.
    Header(String),
    /// Something that no list of the policy has.
    Other,
}

/// Which checks a request must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checks {
    /// That of the guard, because browsers do not apply CORS to the request.
    Guard,
    /// Those of the guard and of CORS.
    Cors { with_credentials: bool },
}

/// Returns each change that the policy needs to allow a request, in the order of the checks.
///
/// Each is a suggestion of the library. After each, its cause is removed from a copy of the policy or of the request, and the copy is
/// explained.
pub(super) fn suggestions(
    policy: &Policy,
    lookup: Option<LookupResult>,
    exchange: &Exchange,
    checks: Checks,
) -> Vec<String> {
    let mut request = exchange.request().clone();
    let mut changed: Option<Policy> = None;
    let mut found = Vec::new();
    // The host, the origin, the method, and each header.
    let most = 3 + requested_headers(&request).len();
    for _ in 0..most {
        let current = changed.as_ref().unwrap_or(policy);
        let Some((missing, suggestion)) = first(current, lookup, &request, checks) else {
            break;
        };
        found.extend(suggestion);
        match (missing, checks) {
            (Missing::Host, _) => {
                let Some(with_host) = with_host(current, &request) else {
                    break;
                };
                changed = Some(with_host);
            }
            (Missing::Origin, Checks::Cors { with_credentials }) => {
                let allows_credentials = policy.allow_credentials();
                if with_credentials && !allows_credentials {
                    let origin = request.headers().get(header::ORIGIN);
                    let origin = origin.map(HeaderValue::as_bytes).unwrap_or_default();
                    found.push(suggestion_for_credentials(policy, origin));
                }
                let Some(listing) = listing(policy, with_credentials || allows_credentials) else {
                    break;
                };
                changed = Some(listing);
                set(&mut request, &header::ORIGIN, LISTED);
            }
            (Missing::Method, _) => {
                // Every policy allows it.
                set(&mut request, &header::ACCESS_CONTROL_REQUEST_METHOD, "GET");
            }
            (Missing::Header(name), _) => remove_requested_header(&mut request, &name),
            (Missing::Origin, Checks::Guard) | (Missing::Other, _) => break,
        }
    }
    found
}

/// Returns what the policy finds first, and what the core suggests.
fn first(
    policy: &Policy,
    lookup: Option<LookupResult>,
    request: &Request<Bytes>,
    checks: Checks,
) -> Option<(Missing, Option<String>)> {
    let head = RequestHead::from(request);
    let parts = steps::parts(policy, lookup, &head);
    let explanation = policy.explain(&parts);
    let decision = explanation.decision();
    // A guard that only reports lets the request run.
    let is_run = matches!(decision, Decision::Forward { .. });
    let rejection = decision.rejection().filter(|_| !is_run);
    let missing = match (rejection, explanation.verdict()) {
        (Some(Rejection::HostNotListed), _) => Missing::Host,
        (Some(Rejection::OriginNotListed | Rejection::OriginNotHost), _) => Missing::Origin,
        (Some(_), _) => Missing::Other,
        (None, Verdict::Allowed) => return None,
        (None, Verdict::Denied(_)) if checks == Checks::Guard => return None,
        (None, Verdict::Denied(denial)) => missing_by(denial),
    };
    let suggestion = explanation.suggestion().map(str::to_owned);
    Some((missing, suggestion))
}

fn missing_by(denial: Denial<'_>) -> Missing {
    match denial {
        Denial::OriginOpaque
        | Denial::OriginNotAllowed
        | Denial::OriginInsecure
        | Denial::LookupNotAllowed
        | Denial::LookupFailed
        | Denial::LookupTimedOut
        | Denial::LookupNotBegun => Missing::Origin,
        Denial::MethodNotAllowed(_) | Denial::RequestMethodMalformed => Missing::Method,
        Denial::HeaderNotAllowed(name) => {
            Missing::Header(String::from_utf8_lossy(name).into_owned())
        }
        _ => Missing::Other,
    }
}

/// Returns the policy with the host of the request. Returns `None` if a policy cannot list the host.
fn with_host(policy: &Policy, request: &Request<Bytes>) -> Option<Policy> {
    let host = request.uri().authority()?;
    let config = policy.config().allow_hosts([host.as_str()]);
    config.build().ok()
}

/// Returns a policy with the methods and headers of the policy that allows only [`LISTED`]. The policy itself can have a million origins.
fn listing(policy: &Policy, allows_credentials: bool) -> Option<Policy> {
    let config = PolicyConfig::new()
        .allow_origin(LISTED)
        .allow_credentials(allows_credentials)
        .allow_methods(policy.allow_methods())
        .allow_headers(policy.allow_headers());
    config.build().ok()
}

/// Returns the names in `Access-Control-Request-Headers`, which a browser sends with commas and without spaces.
fn requested_headers(request: &Request<Bytes>) -> Vec<String> {
    let value = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let names = value.split(',').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn remove_requested_header(request: &mut Request<Bytes>, name: &str) {
    let mut names = requested_headers(request);
    names.retain(|other| !other.eq_ignore_ascii_case(name));
    if names.is_empty() {
        request
            .headers_mut()
            .remove(header::ACCESS_CONTROL_REQUEST_HEADERS);
    } else {
        set(
            request,
            &header::ACCESS_CONTROL_REQUEST_HEADERS,
            &names.join(","),
        );
    }
}

fn set(request: &mut Request<Bytes>, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        request.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use omnicors::browser::PolicyServer;
    use omnicors_browser::{Credentials, Fetch, Page};
    use omnicors_core::Guard;

    use super::*;

    const APP: &str = "https://app.example.com";
    const ORIGIN: &str = "add `https://other.example` to allow_origins";
    const CREDENTIALS: &str =
        "set allow_credentials in the policy, or send the request without credentials";
    const METHOD: &str = "add `DELETE` to allow_methods";
    const HEADERS: [&str; 2] = ["add `x-a` to allow_headers", "add `x-b` to allow_headers"];

    fn listed() -> PolicyConfig {
        PolicyConfig::new().allow_origin(APP)
    }

    /// A request that needs a method and two headers.
    fn delete(origin: &str) -> Fetch {
        let page = match origin {
            "null" => Page::opaque(),
            origin => Page::new(origin).unwrap(),
        };
        page.fetch("https://api.example/")
            .method("DELETE")
            .header("x-a", "1")
            .header("x-b", "1")
    }

    fn found(
        config: PolicyConfig,
        lookup: Option<LookupResult>,
        fetch: &Fetch,
        checks: Checks,
    ) -> Vec<String> {
        let policy = config.build().unwrap();
        let mut server = PolicyServer::new(&policy);
        if let Some(result) = lookup {
            server = server.lookup_result(result);
        }
        let outcome = fetch.send_now(&mut server);
        let last = outcome.exchanges().last().unwrap();
        suggestions(&policy, lookup, last, checks)
    }

    const WITHOUT: Checks = Checks::Cors {
        with_credentials: false,
    };
    const WITH: Checks = Checks::Cors {
        with_credentials: true,
    };

    #[test]
    fn everything_that_is_missing_is_found_in_the_order_of_the_checks() {
        let other = delete("https://other.example");
        let credentials = other.clone().credentials(Credentials::Include);
        let [a, b] = HEADERS;
        assert_eq!(found(listed(), None, &delete(APP), WITHOUT), [METHOD, a, b]);
        assert_eq!(
            found(listed(), None, &other, WITHOUT),
            [ORIGIN, METHOD, a, b]
        );
        assert_eq!(
            found(listed(), None, &credentials, WITH),
            [ORIGIN, CREDENTIALS, METHOD, a, b]
        );
        assert_eq!(
            found(listed().allow_credentials(true), None, &credentials, WITH),
            [ORIGIN, METHOD, a, b]
        );
        assert_eq!(
            found(listed().allow_methods(["DELETE"]), None, &other, WITHOUT),
            [ORIGIN, a, b]
        );
        assert_eq!(
            found(
                listed().allow_methods(["*"]).allow_headers(["x-a"]),
                None,
                &other,
                WITHOUT
            ),
            [ORIGIN, b]
        );
        let allowed = listed()
            .allow_methods(["DELETE"])
            .allow_headers(["x-a", "x-b"]);
        assert!(found(allowed, None, &delete(APP), WITHOUT).is_empty());
    }

    /// Each reason has a suggestion of its own.
    #[test]
    fn the_method_is_found_whatever_the_reason_is_for_which_the_origin_is_not_allowed() {
        let [a, b] = HEADERS;
        let lookup = PolicyConfig::new().lookup_origins(true);
        for (config, result, origin, first) in [
            (
                listed(),
                None,
                "null",
                "open the page from a server instead of",
            ),
            (
                listed().allow_credentials(true),
                None,
                "http://other.example",
                "serve the page over https, or add",
            ),
            (
                lookup.clone(),
                Some(LookupResult::NotAllowed),
                "https://other.example",
                "if you trust this site, add",
            ),
            (
                lookup,
                Some(LookupResult::Failed),
                "https://other.example",
                "check the server log",
            ),
        ] {
            let found = found(config, result, &delete(origin), WITHOUT);
            assert!(found[0].starts_with(first), "{found:?}");
            assert_eq!(found[1..], [METHOD, a, b], "{found:?}");
        }
    }

    #[test]
    fn a_host_that_is_not_served_does_not_hide_the_rest() {
        let host = "if the server is reached by this name, add `api.example` to allow_hosts";
        let served = listed().allow_hosts(["other.example"]);
        let [a, b] = HEADERS;
        let delete = delete("https://other.example");
        assert_eq!(
            found(served.clone(), None, &delete, WITHOUT),
            [host, ORIGIN, METHOD, a, b]
        );
        let guarded = served.guard(Guard::UnsafeMethods);
        let page = Page::new("https://other.example").unwrap();
        let socket = page.web_socket("wss://api.example/");
        let listed = format!("if you trust this site, {ORIGIN}");
        assert_eq!(
            found(guarded, None, &socket, Checks::Guard),
            [host, &*listed]
        );
    }

    /// `*` is not suggested, and neither is a name that a policy cannot list.
    #[test]
    fn a_name_that_a_policy_cannot_list_is_not_added() {
        let page = Page::new("https://other.example").unwrap();
        let fetch = page
            .fetch("https://api.example/")
            .method("*")
            .header("*", "1")
            .header("x-a", "1");
        let found = found(listed(), None, &fetch, WITHOUT);
        assert_eq!(
            found,
            [
                ORIGIN,
                "use another method in the page; in a policy, `*` stands for any method",
                "do not set the header in the page; in a policy, `*` stands for any header",
                "add `x-a` to allow_headers",
            ]
        );
    }
}
