//! Compares what the differences between two policies say with what a page may do in a browser.

use std::collections::BTreeSet;

use omnicors_browser::http::{Request, Response};
use omnicors_browser::{Bytes, Credentials, Page};
use omnicors_core::{Decision, OriginStatus, Policy, PolicyConfig, RequestParts, evaluate};

use super::super::{Comparison, Direction, Gained, GainedNames, Grant, Subject, Tier, compare};
use super::generated::{Random, pair};

const ORIGINS: &[&str] = &[
    "https://a.example",
    "https://b.example",
    "https://x.c.example",
    "null",
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "QUERY"];

const HEADERS: &[&str] = &["authorization", "content-type", "etag", "x-a", "x-b", "x-c"];

fn config(random: &mut Random) -> PolicyConfig {
    let mut config = PolicyConfig::new()
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_opaque_origins(true)
        .allow_credentials(random.one_in(2))
        .allow_others_without_credentials(random.one_in(3))
        .timing_allow_origin(random.one_in(2));
    if random.one_in(4) {
        config = config.allow_origin("*");
    }
    for _ in 0..random.below(3) {
        config = config.allow_origin(random.pick(&[
            "https://a.example",
            "https://b.example",
            "https://*.c.example",
            "null",
        ]));
    }
    for _ in 0..random.below(3) {
        config = config.allow_method(random.pick(&["PUT", "DELETE", "PATCH", "QUERY", "*", "GET"]));
        config =
            config.allow_header(random.pick(&["authorization", "content-type", "x-a", "x-b", "*"]));
        config = config.expose_header(random.pick(&["etag", "x-a", "x-b", "content-type", "*"]));
    }
    config
}

/// Returns the response of a server with the policy to a request. The application sends every header.
fn respond(policy: &Policy, request: &Request<Bytes>) -> Response<Bytes> {
    let fields = request.headers().iter();
    let fields: Vec<(&str, &[u8])> = fields
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let parts = RequestParts::read(policy, request.method().as_str(), &fields);
    let decision = evaluate(policy, &parts);
    let status = match &decision {
        Decision::Respond { status, .. } => *status,
        Decision::Forward { .. } => 200,
    };
    let mut response = Response::builder().status(status);
    for name in HEADERS {
        response = response.header(*name, "1");
    }
    for field in decision.headers() {
        response = response.header(field.name.as_str(), field.value.as_bytes());
    }
    response.body(Bytes::new()).unwrap()
}

/// What a page sends.
#[derive(Clone, Copy, Debug)]
struct Sent {
    origin: &'static str,
    method: &'static str,
    header: Option<&'static str>,
    credentials: Credentials,
}

/// What the page gets: the names of the headers that it can read, and whether it sees the timing; `None` if the request is blocked.
type Got = Option<(BTreeSet<String>, bool)>;

fn fetch(policy: &Policy, sent: Sent) -> Got {
    let page = match sent.origin {
        "null" => Page::opaque(),
        origin => Page::new(origin).unwrap(),
    };
    let mut fetch = page
        .fetch("https://api.example/")
        .method(sent.method)
        .credentials(sent.credentials);
    if let Some(name) = sent.header {
        // This value of `content-type` is not safelisted.
        fetch = fetch.header(name, "application/json");
    }
    let outcome = fetch.send_now(&mut |request: Request<Bytes>| respond(policy, &request));
    let response = outcome.result().ok()?;
    let names = response.headers().keys().map(ToString::to_string);
    Some((names.collect(), response.is_timing_allowed()))
}

fn tier(policy: &Policy, origin: &str) -> Option<Tier> {
    let request = RequestParts::new("GET").origin(origin);
    match evaluate(policy, &request).origin_status() {
        OriginStatus::Allowed => Some(Tier::Listed),
        OriginStatus::AllowedWithoutCredentials => Some(Tier::Others),
        _ => None,
    }
}

/// Returns the changes in a direction that apply to the origin.
fn grants<'a>(
    comparison: &'a Comparison<'_>,
    tiers: (Tier, Tier),
    direction: Direction,
) -> impl Iterator<Item = &'a Grant> {
    let changes = comparison.grants.iter();
    let changes = changes.filter(move |change| change.tiers.contains(&tiers));
    let grants = changes.flat_map(|change| &change.grants);
    grants
        .filter(move |change| change.direction == direction)
        .map(|change| &change.grant)
}

/// Returns true if the name is among those that were gained. `listed` is the list of the other policy.
fn has(gained: &Gained, name: &str, listed: &[&str]) -> bool {
    match gained.names {
        GainedNames::One => gained.witness == name,
        GainedNames::Any => !listed.contains(&name) && name != "authorization",
        GainedNames::LongerThan(_) => false,
    }
}

#[test]
fn a_page_may_do_more_exactly_if_a_difference_says_so() {
    let mut random = Random::new(7);
    let (mut gained, mut compared) = (0, 0);
    for _ in 0..500 {
        let (old, new) = pair(&mut random, config);
        let [of_old, of_new] = &[Subject::new(&old), Subject::new(&new)];
        let comparison =
            compare(of_old, of_new).unwrap_or_else(|error| panic!("{error}\n{old}\n{new}"));
        for _ in 0..20 {
            let (origin, method) = (random.pick::<&str>(ORIGINS), random.pick::<&str>(METHODS));
            let sent = Sent {
                origin,
                method,
                header: random.one_in(2).then(|| *random.pick(HEADERS)),
                credentials: *random.pick(&[Credentials::Omit, Credentials::Include]),
            };
            // A request with one thing that can be denied.
            let sent = Sent {
                method: sent.header.map_or(sent.method, |_| "GET"),
                ..sent
            };
            let (before, after) = (fetch(&old, sent), fetch(&new, sent));
            let simple = Sent {
                method: "GET",
                header: None,
                ..sent
            };
            let both_read = fetch(&old, simple).is_some() && fetch(&new, simple).is_some();
            let (Some(old_tier), Some(new_tier)) =
                (tier(&old, sent.origin), tier(&new, sent.origin))
            else {
                continue;
            };
            if !both_read {
                continue;
            }
            let tiers = (old_tier, new_tier);
            for (direction, one, other, policy) in [
                (Direction::Widens, &after, &before, &old),
                (Direction::Narrows, &before, &after, &new),
            ] {
                let context =
                    || format!("{direction:?} {sent:?}\nold:\n{old}\nnew:\n{new}\n{comparison:#?}");
                let methods: Vec<&str> = policy
                    .allow_methods()
                    .chain(["GET", "HEAD", "POST"])
                    .collect();
                let headers: Vec<&str> = policy.allow_headers().collect();
                let says = grants(&comparison, tiers, direction).any(|grant| match grant {
                    Grant::Method(gained) => has(gained, sent.method, &methods),
                    Grant::Header(gained) => {
                        sent.header.is_some_and(|name| has(gained, name, &headers))
                    }
                    _ => false,
                });
                assert_eq!(says, one.is_some() && other.is_none(), "{}", context());
                compared += 1;
                gained += u32::from(says);
                let (Some((names, timing)), Some((other_names, other_timing))) = (one, other)
                else {
                    continue;
                };
                let exposed: Vec<&str> = policy.expose_headers().chain(["content-type"]).collect();
                for name in HEADERS {
                    let is_gained = names.contains(*name) && !other_names.contains(*name);
                    let says = grants(&comparison, tiers, direction).any(|grant| match grant {
                        // `*` exposes `authorization` as well.
                        Grant::ExposedHeader(gained) if gained.names == GainedNames::Any => {
                            !exposed.contains(name)
                        }
                        Grant::ExposedHeader(gained) => gained.witness == *name,
                        _ => false,
                    });
                    assert_eq!(says, is_gained, "{name} {}", context());
                }
                let says =
                    grants(&comparison, tiers, direction).any(|grant| *grant == Grant::Timing);
                assert_eq!(says, *timing && !*other_timing, "{}", context());
            }
        }
    }
    assert!(compared > 2_000 && gained > 200, "{gained} of {compared}");
}
