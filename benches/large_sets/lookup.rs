//! A lookup in a store that contains the members. Their results are in its cache.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;
use omnicors_core::{LookupResult, Policy, PolicyConfig, RequestParts};
use omnicors_tokio::{LookupOptions, OriginLookup};
use tokio::runtime::Runtime;

use crate::store::{Members, runtime};

/// Longer than the benchmark, so that no result expires.
const DAY: Duration = Duration::from_hours(24);

/// A policy with lookups, and the runtime in which the lookup follows its store.
pub(crate) struct CachedLookup {
    policy: Policy,
    lookup: OriginLookup,
    _runtime: Runtime,
}

impl CachedLookup {
    pub(crate) fn new(members: &[String]) -> Self {
        let runtime = runtime();
        let options = LookupOptions::new()
            .max_origins(capacity(members))
            .keep_allowed(DAY)
            .lease(DAY);
        let store = Members::new(members, false);
        let lookup = runtime.block_on(async {
            let lookup = OriginLookup::with_store(options, store.clone());
            store.followed().await;
            for member in members {
                let result = lookup.clone().lookup(member.clone()).await;
                assert_eq!(result, LookupResult::Allowed);
            }
            lookup
        });
        let policy = PolicyConfig::new().lookup_origins(true).build();
        Self {
            policy: policy.expect("a valid policy"),
            lookup,
            _runtime: runtime,
        }
    }

    /// Returns the parts of a request with this origin, and the lookup result, as an adapter does.
    pub(crate) fn request<'a>(&self, origin: &'a str) -> (&Policy, RequestParts<'a>) {
        let request = RequestParts::new("GET").origin(origin);
        let result = self.policy.origin_to_look_up(&request);
        let result = result.map(|origin| self.result(origin.as_str()));
        (&self.policy, request.lookup_result(result))
    }

    /// Returns the result of a lookup that is in the cache.
    pub(crate) fn result(&self, origin: &str) -> LookupResult {
        let lookup = pin!(self.lookup.clone().lookup(origin.to_owned()));
        match lookup.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("{origin} is not in the cache"),
        }
    }
}

fn capacity(members: &[String]) -> u64 {
    2 * members.len() as u64
}

/// A cache as in a lookup, and nothing else.
pub(crate) fn cache(members: &[String]) -> Cache<Arc<str>, [u64; 8]> {
    struct AfterADay;

    impl Expiry<Arc<str>, [u64; 8]> for AfterADay {
        fn expire_after_create(&self, _: &Arc<str>, _: &[u64; 8], _: Instant) -> Option<Duration> {
            Some(DAY)
        }
    }

    let cache = Cache::builder()
        .max_capacity(capacity(members))
        .expire_after(AfterADay)
        .build();
    for member in members {
        cache.insert(Arc::from(member.as_str()), [0; 8]);
    }
    cache
}
