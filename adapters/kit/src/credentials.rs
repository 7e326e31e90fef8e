//! Suggests how to allow a request with credentials.

use omnicors_core::{Origin, Policy, PolicyConfig, Setting};

/// Returns what to change if a policy allows the origin of a request, but not with credentials
/// ([`Denial::CredentialsNotAllowed`](omnicors_core::Denial::CredentialsNotAllowed)).
///
/// [`Policy::explain`] does not suggest this, because a server does not see whether a browser sends credentials. Call this function if
/// you know it, for example from a `Cookie`.
///
/// `*` does not mean any origin or any exposed header with credentials, so the suggestion replaces it. The change for this origin builds
/// if the other entries of `allow_origins`, of which there can be a million, and the regular expressions can be listed with credentials as
/// well. They are not checked here; those that cannot are faults, which say what to write instead.
///
/// ```
/// use omnicors_adapter::{PolicyConfig, suggestion_for_credentials};
///
/// let listed = PolicyConfig::new().allow_origin("https://app.example").build()?;
/// assert_eq!(
///     suggestion_for_credentials(&listed, b"https://app.example"),
///     "set allow_credentials in the policy, or send the request without credentials"
/// );
///
/// let public = PolicyConfig::public_read_only().build()?;
/// assert_eq!(
///     suggestion_for_credentials(&public, b"https://app.example"),
///     "replace `*` by `https://app.example` in allow_origins, set allow_credentials and list the names instead of `*` in \
///      expose_headers, or send the request without credentials"
/// );
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
#[must_use]
pub fn suggestion_for_credentials(policy: &Policy, origin: &[u8]) -> String {
    const WITHOUT: &str = "send the request without credentials";
    let Some(origin) = listable(policy, origin) else {
        return WITHOUT.to_owned();
    };
    if policy.allow_credentials() {
        // The policy allows other origins than the listed ones without credentials.
        return format!("add `{origin}` to allow_origins, or {WITHOUT}");
    }
    let mut changes = Vec::new();
    if policy.origins().is_none() && !policy.dangerously_allow_any_origin_with_credentials() {
        changes.push(format!("replace `*` by `{origin}` in allow_origins"));
        changes.push("set allow_credentials".to_owned());
    } else {
        changes.push("set allow_credentials in the policy".to_owned());
    }
    let lists = lists_without_any(policy);
    if !lists.is_empty() {
        let lists = enumeration(&lists);
        changes.push(format!("list the names instead of `*` in {lists}"));
    }
    format!("{}, or {WITHOUT}", enumeration(&changes))
}

/// Returns the origin if a policy with credentials can list it. `http://app.example`, for example, needs an opt-out.
fn listable<'a>(policy: &Policy, origin: &'a [u8]) -> Option<&'a str> {
    let text = std::str::from_utf8(origin).ok()?;
    // A client can send the text of a pattern, but a browser does not.
    if text.contains('*') || Origin::parse(origin).is_err() {
        return None;
    }
    PolicyConfig::new()
        .allow_origin(text)
        .allow_credentials(true)
        .dangerously_allow_insecure_origins(policy.dangerously_allow_insecure_origins())
        .dangerously_allow_opaque_origins(policy.dangerously_allow_opaque_origins())
        .build()
        .is_ok()
        .then_some(text)
}

/// Returns the lists that may not have `*` with credentials.
fn lists_without_any(policy: &Policy) -> Vec<&'static str> {
    let is_any = |name: &str| name == "*";
    let is_static = policy.static_origin();
    let lists = [
        // Browsers read `*` as the name of a header:
        // https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
        (Setting::ExposeHeaders, policy.expose_headers().any(is_any)),
        // With credentials, `*` is an echo of the request, and static responses do not depend on the request.
        (
            Setting::AllowMethods,
            is_static && policy.allow_methods().any(is_any),
        ),
        (
            Setting::AllowHeaders,
            is_static && policy.allow_headers().any(is_any),
        ),
    ];
    let lists = lists.into_iter().filter(|(_, has_any)| *has_any);
    lists.map(|(list, _)| list.as_str()).collect()
}

/// Joins texts with commas and `and`.
fn enumeration(texts: &[impl AsRef<str>]) -> String {
    let mut output = String::new();
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            output.push_str(if index + 1 == texts.len() {
                " and "
            } else {
                ", "
            });
        }
        output.push_str(text.as_ref());
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example";

    fn suggestion(config: PolicyConfig, origin: &str) -> String {
        suggestion_for_credentials(&config.build().unwrap(), origin.as_bytes())
    }

    fn listed() -> PolicyConfig {
        PolicyConfig::new().allow_origin(APP)
    }

    fn any() -> PolicyConfig {
        PolicyConfig::new().allow_origin("*")
    }

    /// Each policy, with the suggestion, and the policy after the change.
    #[test]
    fn each_setting_that_credentials_rule_out_is_named_and_the_change_builds() {
        for (before, expected, after) in [
            (
                listed(),
                "set allow_credentials in the policy",
                listed().allow_credentials(true),
            ),
            (
                listed().expose_headers(["*"]),
                "set allow_credentials in the policy and list the names instead of `*` in expose_headers",
                listed().allow_credentials(true).expose_headers(["etag"]),
            ),
            (
                any(),
                "replace `*` by `https://app.example` in allow_origins and set allow_credentials",
                listed().allow_credentials(true),
            ),
            (
                any().expose_headers(["*"]),
                "replace `*` by `https://app.example` in allow_origins, set allow_credentials and list the names instead of `*` in expose_headers",
                listed().allow_credentials(true).expose_headers(["etag"]),
            ),
            (
                any().dangerously_allow_any_origin_with_credentials(true),
                "set allow_credentials in the policy",
                any()
                    .dangerously_allow_any_origin_with_credentials(true)
                    .allow_credentials(true),
            ),
            (
                listed().allow_methods(["*"]).allow_headers(["*"]),
                "set allow_credentials in the policy",
                listed()
                    .allow_methods(["*"])
                    .allow_headers(["*"])
                    .allow_credentials(true),
            ),
            (
                listed()
                    .static_origin(true)
                    .expose_headers(["*"])
                    .allow_methods(["*"])
                    .allow_headers(["*", "authorization"]),
                "set allow_credentials in the policy and list the names instead of `*` in expose_headers, allow_methods and allow_headers",
                listed()
                    .static_origin(true)
                    .expose_headers(["etag"])
                    .allow_methods(["PUT"])
                    .allow_headers(["authorization"])
                    .allow_credentials(true),
            ),
            (
                PolicyConfig::new()
                    .allow_origin("https://admin.example")
                    .allow_credentials(true)
                    .allow_others_without_credentials(true),
                "add `https://app.example` to allow_origins",
                PolicyConfig::new()
                    .allow_origins(["https://admin.example", APP])
                    .allow_credentials(true)
                    .allow_others_without_credentials(true),
            ),
        ] {
            let expected = format!("{expected}, or send the request without credentials");
            assert_eq!(suggestion(before, APP), expected);
            after.build().unwrap();
        }
    }

    #[test]
    fn an_origin_that_cannot_be_listed_with_credentials_is_not_suggested() {
        const WITHOUT: &str = "send the request without credentials";
        for origin in [
            "null",
            "file://",
            "http://app.example",
            "HTTPS://app.example",
            "https://*.app.example",
            "*",
            "",
        ] {
            assert_eq!(suggestion(any(), origin), WITHOUT, "{origin}");
        }
        let not_text = suggestion_for_credentials(&any().build().unwrap(), b"https://\xFF.example");
        assert_eq!(not_text, WITHOUT);
        let insecure = PolicyConfig::new().allow_origin("http://app.example");
        assert_eq!(suggestion(insecure.clone(), "http://app.example"), WITHOUT);
        // With the opt-out, or on loopback, it can be.
        assert_ne!(
            suggestion(
                insecure.dangerously_allow_insecure_origins(true),
                "http://app.example"
            ),
            WITHOUT
        );
        assert_ne!(suggestion(any(), "http://localhost:5173"), WITHOUT);
    }
}
