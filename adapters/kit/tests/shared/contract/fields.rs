//! Echoed header names, and exposed ones.

use super::{Application, LISTED, UNLISTED, get, listed, policy, preflight};
use crate::PolicyConfig;

pub(crate) async fn up_to_64_requested_headers_fields_are_echoed<A: Application>() {
    let config = listed().allow_headers(["*"]).allow_credentials(true);
    let application = A::new(policy(config).into(), false).await;
    for (count, are_echoed) in [(0, false), (1, true), (5, true), (64, true), (65, false)] {
        let names = (0..count).map(|number| format!("x-{number}, y-{number}"));
        let names: Vec<_> = names.collect();
        let response = preflight(&application, LISTED, &names).await;
        assert_eq!(response.status, 204, "{count}");
        assert_eq!(response.allow_origin(), [LISTED], "{count}");
        let expected: &[String] = if are_echoed { &names } else { &[] };
        let echoed = response.values("access-control-allow-headers");
        assert_eq!(echoed, expected, "{count}");
    }
}

pub(crate) async fn exposed_names_of_the_application_are_kept_if_the_policy_merges_them<
    A: Application,
>() {
    let merging = || listed().merge_expose_headers(true);
    let with_etag = || merging().expose_headers(["etag"]);
    let public = || PolicyConfig::new().allow_origins(["*"]);
    for (config, origin, expected) in [
        (with_etag(), LISTED, Some("etag, X-Own, *")),
        (
            with_etag().allow_credentials(true),
            LISTED,
            Some("etag, X-Own"),
        ),
        (merging(), LISTED, Some("X-Own, ETag, *")),
        (with_etag(), UNLISTED, None),
        (
            public().merge_expose_headers(true),
            UNLISTED,
            Some("X-Own, ETag, *"),
        ),
        (
            with_etag().merge_expose_headers(false),
            LISTED,
            Some("etag"),
        ),
        (listed(), LISTED, None),
        (public(), UNLISTED, None),
    ] {
        let application = A::new(policy(config).into(), false).await;
        let response = get(&application, origin).await;
        assert_eq!(response.status, 200, "{response:?}");
        let exposed = response.values("access-control-expose-headers");
        assert_eq!(exposed, Vec::from_iter(expected), "{response:?}");
    }
}
