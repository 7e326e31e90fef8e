//! Redirects of preflights, which browsers do not follow.

use http::{StatusCode, header};
use url::Url;

use super::observed::finding;
use crate::probe::audit::finding::{Finding, PREFLIGHT, Severity};
use crate::probe::audit::observation::Observation;
use crate::probe::text;

/// Returns true for a [redirect status](https://fetch.spec.whatwg.org/#redirect-status).
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the finding for a preflight that is redirected: the status is not an ok status, so the result is a network error
/// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch>, step 7).
pub(super) fn redirected_preflight(preflight: &Observation) -> Finding {
    let code = preflight.status().as_u16();
    let url = Url::parse(&preflight.exchange.request().uri().to_string()).ok();
    let location = preflight.value(&header::LOCATION);
    let target = url
        .as_ref()
        .zip(location)
        .and_then(|(url, location)| url.join(&location).ok());
    let redirect = target.as_ref().map_or_else(
        || "a redirect".to_owned(),
        |target| format!("a redirect to `{}`", text::line(target.as_str())),
    );
    let pair = url.as_ref().zip(target.as_ref());
    let (id, title, text) = if pair.is_some_and(|(url, target)| is_login(url, target)) {
        let text = format!(
            "`OPTIONS` gets {code}, {redirect}, which is probably a login. Browsers send preflights without cookies and without `Authorization`, \
             and do not follow a redirect of a preflight, so no preflight can pass. Respond to `OPTIONS` with 204 and the CORS headers before \
             authentication."
        );
        ("preflight-needs-login", "Preflights need a login", text)
    } else {
        let fetched = pair.filter(|(url, target)| can_be_fetched(url, target));
        let change = fetched.map_or_else(
            || "Respond".to_owned(),
            |(_, target)| {
                let target = text::line(target.as_str());
                format!("Let pages fetch `{target}`, or respond")
            },
        );
        let text = format!(
            "`OPTIONS` gets {code}, {redirect}. Browsers do not follow a redirect of a preflight, so no preflight can pass. {change} to \
             `OPTIONS` with 204 and the CORS headers before the redirect."
        );
        ("preflight-redirected", "Preflights are redirected", text)
    };
    finding(
        id,
        Severity::Medium,
        PREFLIGHT,
        &[preflight],
        [title, &text],
    )
}

/// Returns true if pages can fetch the target of a redirect in the place of the URL.
fn can_be_fetched(url: &Url, target: &Url) -> bool {
    let is_as_secure = target.scheme() == "https" || target.scheme() == url.scheme();
    // A page cannot fetch a URL with a user name or a password: https://fetch.spec.whatwg.org/#dom-request
    let has_user_info = !target.username().is_empty() || target.password().is_some();
    is_as_secure && !has_user_info && target != url
}

/// Returns true if a redirect probably leads to a login: its target has a word for one, and the URL does not. A redirect to the same path
/// with another slash at the end, over https or at another host does not.
fn is_login(url: &Url, target: &Url) -> bool {
    fn path(url: &Url) -> &str {
        url.path().trim_end_matches('/')
    }

    if !path(url).is_empty() && path(url) == path(target) {
        return false;
    }
    let known = login_words(url);
    login_words(target).iter().any(|word| !known.contains(word))
}

/// Returns the words for a login in the host, the path and the fragment, in lower case. `sign-in` and `sign_in` are one word.
fn login_words(url: &Url) -> Vec<String> {
    let host = url.host_str().unwrap_or_default();
    let text = [host, url.path(), url.fragment().unwrap_or_default()].join("/");
    let text = text.to_ascii_lowercase().replace(['-', '_'], "");
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words
        .filter(|word| is_login_word(word))
        .map(str::to_owned)
        .collect()
}

fn is_login_word(word: &str) -> bool {
    // Such as `wp-login.php`.
    let ends = ["login", "logon", "signin"];
    let words = [
        "auth",
        "authenticate",
        "authentication",
        "authorize",
        "oauth",
        "oauth2",
        "oidc",
        "saml",
        "saml2",
        "sso",
    ];
    ends.iter().any(|end| word.ends_with(end)) || words.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_login_is_recognized_by_a_new_word_in_the_target() {
        let items = "http://api.example/items";
        for (from, to, expected) in [
            (items, "http://api.example/login", true),
            (items, "http://api.example/login?next=/items", true),
            (items, "http://api.example/users/sign_in", true),
            (items, "http://api.example/wp-login.php", true),
            (items, "http://api.example/Account/LogOn", true),
            (items, "http://api.example/#/login", true),
            (items, "https://login.example/", true),
            (
                items,
                "https://id.example/oauth2/authorize?client_id=1",
                true,
            ),
            ("http://api.example/", "https://sso.example/", true),
            (
                "http://api.example/auth/me",
                "http://api.example/login",
                true,
            ),
            (items, "http://api.example/items/", false),
            ("http://api.example/items/", items, false),
            (items, "https://api.example/items", false),
            (items, "https://www.api.example/items", false),
            (items, "https://auth.example/items", false),
            (items, "http://api.example/v2/items", false),
            (items, "http://api.example/?from=login", false),
            (items, "http://api.example/plugins", false),
            ("http://api.example/", "https://api.example/", false),
            (
                "http://api.example/login",
                "http://api.example/login/",
                false,
            ),
            (
                "http://api.example/login",
                "https://www.api.example/en/login",
                false,
            ),
            ("http://login.example/", "https://login.example/", false),
        ] {
            assert_eq!(is_login(&url(from), &url(to)), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_target_that_pages_cannot_fetch_is_not_suggested() {
        for (from, to, expected) in [
            ("http://api.example/a", "http://api.example/a/", true),
            ("http://api.example/a", "https://api.example/a", true),
            ("https://api.example/a", "https://other.example/", true),
            ("https://api.example/a", "http://api.example/a", false),
            ("https://api.example/a", "https://me@api.example/a", false),
            ("https://api.example/a", "https://:pw@api.example/a", false),
            ("https://api.example/a", "https://api.example/a", false),
            ("https://api.example/a", "app://api.example/a", false),
        ] {
            assert_eq!(
                can_be_fetched(&url(from), &url(to)),
                expected,
                "{from} {to}"
            );
        }
    }
}
