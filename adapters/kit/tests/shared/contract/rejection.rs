//! Requests that the guard rejects.

use super::{Application, CACHE_CONTROL, LISTED, UNLISTED, get, listed, policy};
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

/// Makes a body in the function of `on_reject`.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) fn make_body(rejection: impl std::fmt::Display) -> String {
    let text = rejection.to_string();
    assert!(
        !text.contains("does not list the host"),
        "a bug in the function"
    );
    format!("rejected: {text}")
}

/// Returns the policy for an application whose adapter has a function for `on_reject`. The function sends [`make_body`] and
/// [`MADE_FIELDS`], with the status 200.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) fn rejecting() -> Policy {
    policy(listed().guard(Guard::All).allow_hosts(["api.example.com"]))
}

/// `application` has the policy [`rejecting`].
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) async fn only_the_body_of_a_rejected_request_is_replaced(
    application: &impl Application,
) {
    let send = async |method, origin: &str, host: &str| {
        let mut fields = vec![("origin", origin.to_owned()), ("host", host.to_owned())];
        if method == "OPTIONS" {
            fields.push(("access-control-request-method", "PUT".to_owned()));
        }
        application.send(method, "/", &fields).await
    };
    let response = send("GET", UNLISTED, "api.example.com").await;
    assert_eq!(response.status, 403);
    response.assert_is_denied_and_not_stored();
    assert_eq!(response.values("content-type"), ["text/x-rejected"]);
    assert!(
        response.body.starts_with("rejected: the origin is neither"),
        "{response:?}"
    );

    // The function panics. The response is sent without a body.
    let response = send("GET", LISTED, "evil.example").await;
    assert_eq!((response.status, &*response.body), (421, ""));
    assert_eq!(response.values("cache-control"), ["no-store"]);
    assert_eq!(response.allow_origin(), [""; 0]);

    // The guard does not reject these.
    let response = send("OPTIONS", UNLISTED, "api.example.com").await;
    assert_eq!((response.status, &*response.body), (403, ""));
    let response = send("GET", LISTED, "api.example.com").await;
    assert_eq!(response.status, 200);
    assert!(!response.body.contains("rejected"));
    assert_eq!(response.allow_origin(), [LISTED]);
}
