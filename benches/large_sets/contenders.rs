//! The sets that are compared.

use std::collections::HashSet;
use std::hint::black_box;

use omnicors_core::{Decision, LookupResult, Policy, PolicyConfig, RequestParts, evaluate};

use crate::ask_all;
use crate::lookup::{CachedLookup, cache};
use crate::origins::Questions;
use crate::replica::Replica;

/// A set of origins with a function that asks it questions and returns how many of them are members.
pub(crate) struct Built {
    pub(crate) ask: Box<dyn Fn(&Questions) -> usize>,
    pub(crate) bytes_beyond_text: Option<f64>,
}

/// A way to build a set.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Building a set of more origins takes minutes.
    pub(crate) most: usize,
    /// It is not asked about strangers.
    pub(crate) only_members: bool,
    pub(crate) build: fn(&[String]) -> Built,
}

/// The set of this library.
pub(crate) const OURS: &str = "omnicors, OriginSet::contains";
/// The cost of reading the questions.
pub(crate) const FLOOR: &str = "(no set: reads the question)";

/// The decision about a request of a policy that lists the members.
pub(crate) const EVALUATE: &str = "omnicors, evaluate";
/// The same of a policy that asks a replica, as it was read.
pub(crate) const REPLICA: &str = "omnicors, evaluate, OriginReplica";
/// The same after changes.
pub(crate) const REPLICA_CHANGED: &str = "omnicors, evaluate, changed replica";
/// A lookup whose result is in the cache.
pub(crate) const LOOKUP: &str = "omnicors, cached OriginLookup";
/// A probe of that cache.
pub(crate) const PROBE: &str = "moka, get";

pub(crate) const CONTENDERS: [Contender; 13] = [
    contender(FLOOR, |_| Built::new(str::is_empty, None)),
    contender(OURS, |members| {
        let policy = policy(members);
        let origins = policy.origins().expect("a list of origins").clone();
        let overhead = origins.exact_overhead() as f64;
        let contains = move |origin: &str| origins.contains(origin.as_bytes());
        Built::new(contains, Some(overhead))
    }),
    contender(EVALUATE, |members| {
        let policy = policy(members);
        Built::new(move |origin| is_allowed(&policy, origin), None)
    }),
    contender(REPLICA, |members| {
        let replica = Replica::new(members, false);
        Built::new(move |origin| is_allowed(replica.policy(), origin), None)
    }),
    contender(REPLICA_CHANGED, |members| {
        let replica = Replica::new(members, true);
        Built::new(move |origin| is_allowed(replica.policy(), origin), None)
    }),
    contender("omnicors, evaluate, replica in predicate", |members| {
        let replica = Replica::in_predicate(members);
        Built::new(move |origin| is_allowed(replica.policy(), origin), None)
    }),
    of_members("omnicors, evaluate, cached lookup", |members| {
        let lookup = CachedLookup::new(members);
        let is_allowed = move |origin: &str| {
            let (policy, request) = lookup.request(origin);
            decides_to_allow(policy, &request)
        };
        Built::new(is_allowed, None)
    }),
    of_members(LOOKUP, |members| {
        let lookup = CachedLookup::new(members);
        let is_allowed = move |origin: &str| lookup.result(origin) == LookupResult::Allowed;
        Built::new(is_allowed, None)
    }),
    of_members(PROBE, |members| {
        let cache = cache(members);
        Built::new(move |origin| cache.get(origin).is_some(), None)
    }),
    contender("HashSet<Box<str>>, SipHash", |members| {
        let set: HashSet<Box<str>> = boxed(members).collect();
        Built::new(move |origin| set.contains(origin), None)
    }),
    contender("hashbrown with foldhash", |members| {
        let mut set: hashbrown::HashSet<Box<str>> =
            hashbrown::HashSet::with_capacity(members.len());
        set.extend(boxed(members));
        let bytes = (set.allocation_size() + allocated_beyond_text(members)) as f64;
        Built::new(move |origin| set.contains(origin), Some(bytes))
    }),
    Contender {
        name: "phf",
        most: 2_000_000,
        only_members: false,
        build: |members| {
            let set = PerfectHash::new(members);
            let bytes = (set.bytes() + allocated_beyond_text(members)) as f64;
            Built::new(move |origin| set.contains(origin), Some(bytes))
        },
    },
    contender("fst", |members| {
        let mut sorted: Vec<&String> = members.iter().collect();
        sorted.sort_unstable();
        let set = fst::Set::from_iter(sorted).expect("sorted");
        let text: usize = members.iter().map(String::len).sum();
        // Less than nothing, because the origins share their beginnings and ends.
        let bytes = set.as_fst().size() as f64 - text as f64;
        Built::new(move |origin| set.contains(origin), Some(bytes))
    }),
];

const fn contender(name: &'static str, build: fn(&[String]) -> Built) -> Contender {
    Contender {
        name,
        most: usize::MAX,
        only_members: false,
        build,
    }
}

/// A cache, which does not know strangers.
const fn of_members(name: &'static str, build: fn(&[String]) -> Built) -> Contender {
    Contender {
        name,
        most: 100_000,
        only_members: true,
        build,
    }
}

impl Built {
    fn new(contains: impl Fn(&str) -> bool + 'static, bytes_beyond_text: Option<f64>) -> Self {
        Self {
            ask: Box::new(move |questions| ask_all(questions, &contains)),
            bytes_beyond_text,
        }
    }
}

fn policy(members: &[String]) -> Policy {
    let config = PolicyConfig::new().allow_origins(members);
    config.build().expect("valid origins")
}

/// Decides a request with this origin. An allowed one gets more than `Vary`.
fn is_allowed(policy: &Policy, origin: &str) -> bool {
    decides_to_allow(policy, &RequestParts::new("GET").origin(origin.as_bytes()))
}

fn decides_to_allow<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> bool {
    let decision = evaluate(policy, request);
    let fields = decision.headers().iter().count();
    matches!(black_box(decision), Decision::Forward { .. }) && fields > 1
}

fn boxed(members: &[String]) -> impl Iterator<Item = Box<str>> {
    members.iter().map(|member| member.as_str().into())
}

/// Returns the bytes that glibc's `malloc` adds to the text of all members: a header of 8 bytes, and padding to 16.
fn allocated_beyond_text(members: &[String]) -> usize {
    let allocated = |length: usize| (length + 8).next_multiple_of(16).max(32);
    let beyond = |member: &String| allocated(member.len()) - member.len();
    members.iter().map(beyond).sum()
}

/// The perfect hash function of `phf`, built at run time by the generator of its macros, with the same search as `phf::Set::contains`.
struct PerfectHash {
    key: u64,
    displacements: Box<[(u32, u32)]>,
    members: Box<[Box<str>]>,
}

impl PerfectHash {
    fn new(members: &[String]) -> Self {
        let keys: Vec<&str> = members.iter().map(String::as_str).collect();
        let state = phf_generator::generate_hash(&keys);
        let member = |index: &usize| keys.get(*index).copied().unwrap_or_default().into();
        Self {
            key: state.key,
            displacements: state.disps.into(),
            members: state.map.iter().map(member).collect(),
        }
    }

    fn contains(&self, origin: &str) -> bool {
        let hashes = phf_shared::hash(origin, &self.key);
        let index = phf_shared::get_index(&hashes, &self.displacements, self.members.len());
        let member = self.members.get(index as usize);
        member.is_some_and(|member| **member == *origin)
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.displacements) + size_of_val(&*self.members)
    }
}
