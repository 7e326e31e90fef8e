//! Origin lookups, and predicates.

#![allow(clippy::panic, reason = "user code may panic")]

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::{
    Application, BROKEN, CACHE_CONTROL, LISTED, TENANT, UNLISTED, get, listed, looking_up, policy,
    preflight,
};
use crate::{PolicyHandle, PolicySource};

const HANGING: &str = "https://hanging.example";
const PANICS_WHEN_CALLED: &str = "https://panics-when-called.example";
const PANICS_WHEN_POLLED: &str = "https://panics-when-polled.example";
const PANICS_WHEN_DROPPED: &str = "https://panics-when-dropped.example";
const HANGS_AND_PANICS_WHEN_DROPPED: &str = "https://hangs-and-panics-when-dropped.example";
const PREVIEW: &str = "https://preview.example";

/// The lookup function of the applications.
pub(crate) fn look_up(origin: String) -> Lookup {
    assert_ne!(origin, PANICS_WHEN_CALLED, "a bug in the lookup");
    Lookup(origin)
}

/// The future of [`look_up`].
pub(crate) struct Lookup(String);

impl Future for Lookup {
    type Output = Result<bool, &'static str>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match &*self.0 {
            BROKEN => Poll::Ready(Err("no database")),
            HANGING | HANGS_AND_PANICS_WHEN_DROPPED => Poll::Pending,
            PANICS_WHEN_POLLED => panic!("a bug in the lookup"),
            origin => Poll::Ready(Ok([TENANT, PANICS_WHEN_DROPPED].contains(&origin))),
        }
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        match &*self.0 {
            PANICS_WHEN_POLLED | PANICS_WHEN_DROPPED | HANGS_AND_PANICS_WHEN_DROPPED => {
                panic!("a bug in the drop of the lookup")
            }
            _ => {}
        }
    }
}

pub(crate) async fn the_result_of_a_lookup_allows_or_denies_the_origin<A: Application>() {
    let application = A::new(looking_up().into(), true).await;
    for (origin, allowed) in [(LISTED, true), (TENANT, true), (UNLISTED, false)] {
        let response = get(&application, origin).await;
        assert_eq!(response.status, 200, "{origin}");
        let expected = Vec::from_iter(allowed.then_some(origin));
        assert_eq!(response.allow_origin(), expected);
        // A response may be stored if the lookup has a result, even if the result is that the origin is not allowed.
        assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
        response.assert_varies_by_origin();
        let response = preflight(&application, origin, &[]).await;
        assert_eq!(response.status, if allowed { 204 } else { 403 });
        assert_eq!(response.allow_origin(), expected);
        assert_eq!(response.values("cache-control"), [""; 0]);
    }
}

pub(crate) async fn a_failed_lookup_denies_the_origin_and_is_not_stored<A: Application>() {
    let application = A::new(looking_up().into(), true).await;
    for origin in [
        BROKEN,
        HANGING,
        PANICS_WHEN_CALLED,
        PANICS_WHEN_POLLED,
        PANICS_WHEN_DROPPED,
        HANGS_AND_PANICS_WHEN_DROPPED,
    ] {
        let response = get(&application, origin).await;
        assert_eq!(response.status, 200, "{origin}");
        response.assert_is_denied_and_not_stored();
        let response = preflight(&application, origin, &[]).await;
        assert_eq!(response.status, 503, "{response:?}");
        assert_eq!(response.values("retry-after"), ["1"]);
        response.assert_is_denied_and_not_stored();
        let next = get(&application, TENANT).await;
        assert_eq!(next.allow_origin(), [TENANT], "after {origin}");
    }
}

/// A server drops the future of a request if the client closes the connection.
pub(crate) async fn a_request_can_be_dropped_during_its_lookup<A: Application>() {
    let application = A::new(looking_up().into(), true).await;
    for origin in [HANGING, HANGS_AND_PANICS_WHEN_DROPPED] {
        {
            let mut response = pin!(get(&application, origin));
            let is_pending = poll_fn(|context| {
                let polled = response.as_mut().poll(context);
                Poll::Ready(polled.is_pending())
            });
            assert!(is_pending.await, "{origin}");
        }
        let next = get(&application, TENANT).await;
        assert_eq!(next.allow_origin(), [TENANT], "after {origin}");
    }
}

/// The service is built without a lookup if the policy is from a handle, because it may change later.
pub(crate) async fn without_a_lookup_an_origin_is_denied_and_not_stored<A: Application>(
    policy: PolicySource,
) {
    let application = A::new(policy, false).await;
    let response = get(&application, LISTED).await;
    assert_eq!(response.allow_origin(), [LISTED]);
    assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
    let response = get(&application, TENANT).await;
    assert_eq!(response.status, 200);
    response.assert_is_denied_and_not_stored();
    let response = preflight(&application, TENANT, &[]).await;
    assert!(response.status >= 400, "{response:?}");
    response.assert_is_denied_and_not_stored();
}

pub(crate) async fn without_a_lookup_an_origin_of_a_handles_policy_is_denied_and_not_stored<
    A: Application,
>() {
    without_a_lookup_an_origin_is_denied_and_not_stored::<A>(
        PolicyHandle::new(looking_up()).into(),
    )
    .await;
}

/// If the policy looks origins up as well, the lookup decides.
pub(crate) async fn a_predicate_that_panics_does_not_allow_the_origin<A: Application>() {
    let config = listed().allow_origins_if(|origin| match origin.as_str() {
        TENANT | UNLISTED => panic!("a bug in the predicate"),
        origin => origin == PREVIEW,
    });
    for with_lookup in [false, true] {
        let policy = policy(config.clone().lookup_origins(with_lookup));
        let application = A::new(policy.into(), with_lookup).await;
        for (origin, allowed) in [
            (UNLISTED, false),
            (TENANT, with_lookup),
            (PREVIEW, true),
            (LISTED, true),
        ] {
            let response = get(&application, origin).await;
            assert_eq!(response.status, 200, "{origin}");
            let expected = Vec::from_iter(allowed.then_some(origin));
            assert_eq!(response.allow_origin(), expected, "{origin}");
            let response = preflight(&application, origin, &[]).await;
            assert_eq!(response.status, if allowed { 204 } else { 403 });
            assert_eq!(response.allow_origin(), expected, "{origin}");
        }
    }
}
