use alloc::format;
use alloc::string::{String, ToString as _};

use super::near_miss::{look_alike, near_miss};
use super::shown::shown;
use crate::denial::Denial;
use crate::limits;
use crate::method;
use crate::origin::{Origin, OriginError, canonical_pattern};
use crate::policy::Policy;
use crate::request::RequestParts;

/// Returns what to change so that the request is allowed.
pub(super) fn suggestion(
    policy: &Policy,
    request: &RequestParts<'_>,
    denial: Denial<'_>,
) -> Option<String> {
    Some(match denial {
        Denial::OriginRepeated => "send one Origin field; look for a proxy that adds a second one".to_string(),
        Denial::OriginMalformed(error) => malformed_origin(request, error),
        Denial::OriginNull => "open the page from a server instead of a file or a sandboxed frame; or add `null` to \
                               allow_origins with dangerously_allow_opaque_origins, which any site can then use"
            .to_string(),
        Denial::OriginNotAllowed => disallowed_origin(policy, request)?,
        Denial::OriginInsecure => "serve the page over https, or add its origin to allow_origins with \
                                   dangerously_allow_insecure_origins"
            .to_string(),
        Denial::OriginUndecided => "look the origin up: call `lookup_origins` on the adapter, or `RequestParts::lookup_result`".to_string(),
        Denial::LookupNotAllowed => format!(
            "add `{}` to the data that the lookup reads, if you trust that site",
            shown(request.origin_field().once()?)
        ),
        Denial::LookupFailed => "find out why the lookup failed: look for its error in the log of the server".to_string(),
        Denial::LookupTimedOut => "make the lookup faster, or raise its timeout, the first argument of `lookup_origins`".to_string(),
        Denial::LookupNotBegun => "raise the number of lookups that may run at once, if the store can take more".to_string(),
        Denial::RequestMethodRepeated | Denial::RequestMethodMalformed => {
            "send one Access-Control-Request-Method field with one method, as browsers do; or list a long method in \
             allow_methods instead of `*`"
                .to_string()
        }
        Denial::MethodNotAllowed(method) => wrong_method(method),
        Denial::RequestHeadersTooLong => format!(
            "send fewer header names: at most {} bytes in {} fields",
            limits::REQUEST_HEADERS,
            limits::REQUEST_HEADERS_FIELDS
        ),
        Denial::RequestHeadersMalformed => "send a list of header names, as browsers do".to_string(),
        Denial::HeaderNotAllowed(name) => format!("add `{}` to allow_headers", shown(&name.to_ascii_lowercase())),
        Denial::CredentialsNotAllowed => "set allow_credentials, or fetch without credentials".to_string(),
    })
}

fn disallowed_origin(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    let origin = Origin::parse(request.origin_field().once()?).ok()?;
    let set = policy.origins()?;
    Some(if let Some(near) = near_miss(set, &origin) {
        format!("add `{origin}` to allow_origins; {near}")
    } else if let Some(pattern) = look_alike(set, &origin) {
        format!("`{origin}` only looks like `{pattern}`; if it is yours, add it to allow_origins")
    } else {
        format!("add `{origin}` to allow_origins")
    })
}

fn malformed_origin(request: &RequestParts<'_>, error: OriginError) -> String {
    let canonical = request
        .origin_field()
        .once()
        .filter(|_| error != OriginError::TooLong)
        .and_then(|origin| core::str::from_utf8(origin).ok())
        .and_then(canonical_pattern);
    match canonical {
        Some(canonical) => format!("send the origin as browsers do: `{canonical}`"),
        None => "send an origin as browsers do, such as `https://example.com`".to_string(),
    }
}

fn wrong_method(method: &[u8]) -> String {
    let upper = core::str::from_utf8(method)
        .ok()
        .and_then(method::in_upper_case);
    match upper {
        Some(upper) => format!("methods are case-sensitive: write `{upper}` in the page"),
        None => format!("add `{}` to allow_methods", shown(method)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyConfig;
    use crate::request::LookupResult;

    fn suggestion_of(config: PolicyConfig, request: &RequestParts<'_>) -> String {
        config
            .build()
            .unwrap()
            .explain(request)
            .suggestion()
            .unwrap_or("nothing")
            .to_string()
    }

    #[test]
    fn a_denial_by_a_lookup_says_what_happened_and_does_not_suggest_to_list_the_origin() {
        let policy = PolicyConfig::new()
            .allow_origins(["https://tenant.test"])
            .lookup_origins(true)
            .build()
            .unwrap();
        let request = RequestParts::new("GET").origin("https://tenant.test:8443");
        for (result, said, suggested) in [
            (
                LookupResult::NotAllowed,
                "did not allow it",
                "add `https://tenant.test:8443` to the data that the lookup reads",
            ),
            (
                LookupResult::Failed,
                "failed",
                "look for its error in the log",
            ),
            (LookupResult::TimedOut, "timed out", "raise its timeout"),
            (
                LookupResult::NotBegun,
                "was not begun",
                "raise the number of lookups that may run at once",
            ),
        ] {
            let request = request.lookup_result(result);
            let explanation = policy.explain(&request);
            let verdict = explanation.verdict().to_string();
            assert!(verdict.contains(said), "{verdict}");
            let suggestion = explanation.suggestion().unwrap_or_default();
            assert!(suggestion.contains(suggested), "{suggestion}");
            assert!(!suggestion.contains("allow_origins"), "{suggestion}");
        }
    }

    #[test]
    fn a_denial_comes_with_a_suggestion() {
        let config = || {
            PolicyConfig::new()
                .allow_origins(["https://example.com", "https://*.example.org"])
                .allow_methods(["PATCH"])
        };
        let origin = |origin| suggestion_of(config(), &RequestParts::new("GET").origin(origin));
        assert_eq!(
            origin("https://a.test"),
            "add `https://a.test` to allow_origins"
        );
        assert_eq!(
            origin("https://example.com:8443"),
            "add `https://example.com:8443` to allow_origins; `https://example.com` differs in the port"
        );
        for look_alike in [
            "https://example.com.evil.test",
            "https://notexample.com",
            "https://my-example.com:8443",
        ] {
            assert_eq!(
                origin(look_alike),
                format!(
                    "`{look_alike}` only looks like `https://example.com`; if it is yours, add it to allow_origins"
                )
            );
        }
        assert_eq!(
            origin("http://example.com"),
            "add `http://example.com` to allow_origins; `https://example.com` differs in the scheme"
        );
        assert_eq!(
            origin("https://www.example.com"),
            "add `https://www.example.com` to allow_origins; `https://example.com` does not allow its subdomains, \
             as `https://*.example.com` would"
        );
        assert_eq!(
            origin("https://example.org"),
            "add `https://example.org` to allow_origins; `https://*.example.org` does not allow `example.org` itself"
        );
        assert_eq!(
            origin("https://example.com/"),
            "send the origin as browsers do: `https://example.com`"
        );
        assert!(origin("null").contains("dangerously_allow_opaque_origins"));

        let preflight = RequestParts::new("OPTIONS").origin("https://example.com");
        assert_eq!(
            suggestion_of(config(), &preflight.request_method("DELETE")),
            "add `DELETE` to allow_methods"
        );
        assert_eq!(
            suggestion_of(config(), &preflight.request_method("patch")),
            "methods are case-sensitive: write `PATCH` in the page"
        );
        assert_eq!(
            suggestion_of(
                config(),
                &preflight.request_method("PATCH").request_headers("X-A")
            ),
            "add `x-a` to allow_headers"
        );
        assert_eq!(
            suggestion_of(config(), &preflight.request_method("PATCH")),
            "nothing"
        );
    }
}
