//! Requests that the guard rejects.

use super::{Application, CACHE_CONTROL, LISTED, Response, UNLISTED, get, listed, policy};
use crate::{Guard, Policy};

pub(crate) async fn a_rejected_request_gets_403_and_is_not_stored<A: Application>() {
    let policy = policy(listed().guard(Guard::All));
    let application = A::new(policy.into(), false).await;
    let response = get(&application, UNLISTED).await;
    assert_eq!(response.status, 403);
    response.assert_is_denied_and_not_stored();
    let response = get(&application, LISTED).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.allow_origin(), [LISTED]);
    assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
}

/// The fields that the function of `on_reject` sends. All but the first are discarded.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) const MADE_FIELDS: [(&str, &str); 3] = [
    ("content-type", "text/x-rejected"),
    ("cache-control", "public"),
    ("access-control-allow-origin", "*"),
];

/// Makes a body in the function of `on_reject`. For `None`, the function makes none.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) fn make_body(rejection: impl std::fmt::Display) -> Option<String> {
    let text = rejection.to_string();
    assert!(
        !text.contains("does not list the host"),
        "a bug in the function"
    );
    let has_body = !text.contains("does not name a host");
    has_body.then(|| format!("rejected: {text}"))
}

/// `build` returns an application with this policy, whose adapter has a function for `on_reject`. The function sends [`make_body`] and
/// [`MADE_FIELDS`], with the status 200.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) async fn only_the_body_of_a_rejected_request_is_replaced<A: Application>(
    build: impl AsyncFn(Policy) -> A,
) {
    let config = listed().guard(Guard::All).allow_hosts(["api.example.com"]);
    let application = build(policy(config.clone())).await;
    let response = send(&application, "GET", UNLISTED, Some("api.example.com")).await;
    assert_eq!(response.status, 403);
    response.assert_is_denied_and_not_stored();
    assert_eq!(response.values("content-type"), ["text/x-rejected"]);
    assert!(
        response.body.starts_with("rejected: the origin is neither"),
        "{response:?}"
    );

    // The function panics, or makes no body. The response is sent without a body.
    for host in [Some("evil.example"), None] {
        let response = send(&application, "GET", LISTED, host).await;
        assert_eq!((response.status, &*response.body), (421, ""), "{host:?}");
        assert_eq!(response.values("cache-control"), ["no-store"]);
        assert_eq!(response.allow_origin(), [""; 0]);
    }

    // The guard does not reject these.
    let response = send(&application, "OPTIONS", UNLISTED, Some("api.example.com")).await;
    assert_eq!((response.status, &*response.body), (403, ""));
    let response = send(&application, "GET", LISTED, Some("api.example.com")).await;
    assert_eq!(response.status, 200);
    assert!(!response.body.contains("rejected"));
    assert_eq!(response.allow_origin(), [LISTED]);

    // It rejects nothing if it only reports. A denied preflight still gets 403, whatever its host is.
    let application = build(policy(config.guard_report_only(true))).await;
    for host in [Some("api.example.com"), Some("evil.example"), None] {
        for (method, origin, status) in [
            ("OPTIONS", UNLISTED, 403),
            ("OPTIONS", LISTED, 204),
            ("GET", UNLISTED, 200),
            ("GET", LISTED, 200),
        ] {
            let response = send(&application, method, origin, host).await;
            assert_eq!(response.status, status, "{method} {origin} {host:?}");
            assert!(!response.body.contains("rejected"), "{response:?}");
            assert_ne!(response.values("content-type"), ["text/x-rejected"]);
        }
    }
}

#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
async fn send(
    application: &impl Application,
    method: &'static str,
    origin: &str,
    host: Option<&str>,
) -> Response {
    let mut fields = vec![("origin", origin.to_owned())];
    fields.extend(host.map(|host| ("host", host.to_owned())));
    if method == "OPTIONS" {
        fields.push(("access-control-request-method", "PUT".to_owned()));
    }
    application.send(method, "/", &fields).await
}
