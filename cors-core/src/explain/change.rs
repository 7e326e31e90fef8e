use alloc::format;
use alloc::string::{String, ToString as _};

use super::shown;
use crate::decision::Denial;
use crate::limits;
use crate::method;
use crate::origin::{Origin, OriginError, canonical_pattern};
use crate::policy::Policy;
use crate::request::RequestParts;

/// What to change so that the request is allowed.
pub(super) fn change(
    policy: &Policy,
    request: &RequestParts<'_>,
    denial: Denial<'_>,
) -> Option<String> {
    Some(match denial {
        Denial::OriginRepeated => "send one Origin line; look for a proxy that adds a second one".to_string(),
        Denial::OriginMalformed(error) => malformed_origin(request, error),
        Denial::OriginNull => "open the page from a server instead of a file or a sandboxed frame; or add `null` to \
                               allow_origins with dangerously_allow_null_origin, which any site can then use"
            .to_string(),
        Denial::OriginNotAllowed => disallowed_origin(policy, request)?,
        Denial::OriginInsecure => "serve the page over https, or add its origin to allow_origins with \
                                   dangerously_allow_insecure_origins"
            .to_string(),
        Denial::OriginUndecided => "put a verdict on the origin into the request parts before they are evaluated".to_string(),
        Denial::RequestMethodRepeated | Denial::RequestMethodMalformed => {
            "send one Access-Control-Request-Method line with one method, as browsers do".to_string()
        }
        Denial::MethodNotAllowed(method) => wrong_method(method),
        Denial::RequestHeadersTooLong => format!(
            "send fewer header names: {} bytes in {} lines at most",
            limits::REQUEST_HEADERS,
            limits::REQUEST_HEADERS_LINES
        ),
        Denial::RequestHeadersMalformed => "send a list of header names, as browsers do".to_string(),
        Denial::HeaderNotAllowed(name) => format!("add `{}` to allow_headers", shown(&name.to_ascii_lowercase())),
        Denial::CredentialsNotAllowed => "set allow_credentials, or fetch without credentials".to_string(),
    })
}

fn disallowed_origin(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    let origin = Origin::parse(request.origin.once()?).ok()?;
    Some(if let Some(near) = near_miss(policy, &origin) {
        format!("add `{origin}` to allow_origins; {near}")
    } else if let Some(pattern) = look_alike(policy, &origin) {
        format!(
            "`{origin}` only looks like `{pattern}`; if it is yours all the same, add it to allow_origins"
        )
    } else {
        format!("add `{origin}` to allow_origins")
    })
}

fn malformed_origin(request: &RequestParts<'_>, error: OriginError) -> String {
    let canonical = request
        .origin
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

/// A pattern of the policy that comes close to the origin, and what parts them.
fn near_miss(policy: &Policy, origin: &Origin<'_>) -> Option<String> {
    first_patterns(policy)?.find_map(|pattern| {
        let Pattern {
            text,
            scheme,
            host,
            port,
        } = pattern;
        let domain = pattern.domain();
        let own_port = origin.port().map(|port| port.to_string());
        let is_under = origin
            .host()
            .strip_suffix(domain)
            .is_some_and(|labels| labels.ends_with('.'));
        if host == origin.host() {
            let parts = match (scheme == origin.scheme(), port == own_port.as_deref()) {
                (false, true) => "the scheme",
                (true, false) => "the port",
                (false, false) => "the scheme and the port",
                (true, true) => return None,
            };
            Some(format!("`{text}` differs in {parts}"))
        } else if host != domain && domain == origin.host() {
            Some(format!("`{text}` does not admit `{domain}` itself"))
        } else if host == domain && is_under {
            Some(format!(
                "`{text}` does not admit what lies under it, as `{scheme}://*.{domain}` would"
            ))
        } else if host != domain && is_under {
            Some(format!("`{text}` differs in the scheme or the port"))
        } else {
            None
        }
    })
}

/// A pattern of the policy whose domain the origin's host contains without lying under it: what attackers register.
fn look_alike<'a>(policy: &'a Policy, origin: &Origin<'_>) -> Option<&'a str> {
    let looks_like = |pattern: &Pattern<'_>| {
        let domain = pattern.domain();
        domain.contains('.') && origin.host().contains(domain) && !pattern.admits_under(origin)
    };
    first_patterns(policy)?
        .find(looks_like)
        .map(|pattern| pattern.text)
}

/// A pattern, taken apart without regard to what its wild cards stand for.
struct Pattern<'a> {
    text: &'a str,
    scheme: &'a str,
    host: &'a str,
    port: Option<&'a str>,
}

/// The patterns of a policy; of very many, only the first.
fn first_patterns(policy: &Policy) -> Option<impl Iterator<Item = Pattern<'_>>> {
    const LOOKED_AT: usize = 1000;
    Some(
        policy
            .origins()?
            .patterns_unordered()
            .take(LOOKED_AT)
            .filter_map(|text| {
                let (scheme, authority) = text.split_once("://")?;
                let (host, port) = match authority.rsplit_once(':') {
                    Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
                    _ => (authority, None),
                };
                Some(Pattern {
                    text,
                    scheme,
                    host,
                    port,
                })
            }),
    )
}

impl<'a> Pattern<'a> {
    fn domain(&self) -> &'a str {
        self.host.strip_prefix("*.").unwrap_or(self.host)
    }

    fn admits_under(&self, origin: &Origin<'_>) -> bool {
        let labels = origin.host().strip_suffix(self.domain());
        labels.is_some_and(|labels| labels.is_empty() || labels.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyConfig;

    fn change_of(config: PolicyConfig, request: &RequestParts<'_>) -> String {
        config
            .build()
            .unwrap()
            .explain(request)
            .change()
            .unwrap_or("nothing")
            .to_string()
    }

    #[test]
    fn a_denial_says_what_to_change() {
        let config = || {
            PolicyConfig::new()
                .allow_origins(["https://example.com", "https://*.example.org"])
                .allow_methods(["PATCH"])
        };
        let origin = |origin| change_of(config(), &RequestParts::new("GET").origin(origin));
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
                    "`{look_alike}` only looks like `https://example.com`; if it is yours all the same, add it to allow_origins"
                )
            );
        }
        assert_eq!(
            origin("http://example.com"),
            "add `http://example.com` to allow_origins; `https://example.com` differs in the scheme"
        );
        assert_eq!(
            origin("https://www.example.com"),
            "add `https://www.example.com` to allow_origins; `https://example.com` does not admit what lies under it, \
             as `https://*.example.com` would"
        );
        assert_eq!(
            origin("https://example.org"),
            "add `https://example.org` to allow_origins; `https://*.example.org` does not admit `example.org` itself"
        );
        assert_eq!(
            origin("https://example.com/"),
            "send the origin as browsers do: `https://example.com`"
        );
        assert!(origin("null").contains("dangerously_allow_null_origin"));

        let preflight = RequestParts::new("OPTIONS").origin("https://example.com");
        assert_eq!(
            change_of(config(), &preflight.request_method("DELETE")),
            "add `DELETE` to allow_methods"
        );
        assert_eq!(
            change_of(config(), &preflight.request_method("patch")),
            "methods are case-sensitive: write `PATCH` in the page"
        );
        assert_eq!(
            change_of(
                config(),
                &preflight.request_method("PATCH").request_headers("X-A")
            ),
            "add `x-a` to allow_headers"
        );
        assert_eq!(
            change_of(config(), &preflight.request_method("PATCH")),
            "nothing"
        );
    }
}
