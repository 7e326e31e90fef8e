//! What a policy grants to the pages of the origins that it allows: methods, headers, and so on.

use std::collections::BTreeSet;

use omnicors_core::adapter::SAFELISTED_RESPONSE_HEADERS;
use omnicors_core::{Policy, RequestParts, evaluate, limits};

/// The origins of a policy for which it grants the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// The listed origins: all of them, with `*`.
    Listed,
    /// All others, with `allow_others_without_credentials`.
    Others,
}

/// What a policy grants to the origins of a tier, except credentials.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub(super) struct Grants {
    pub(super) methods: Names,
    pub(super) headers: Names,
    pub(super) exposed: Names,
    /// The application can expose response headers by their names.
    pub(super) merges_exposed: bool,
    /// The application can expose all response headers by `*`.
    pub(super) merges_any_exposed: bool,
    pub(super) timing: bool,
    pub(super) private_network: bool,
}

/// A set of names of methods or headers.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Any name of at most this many bytes.
    any: Option<usize>,
    /// Whether the name of a header that `any` does not always cover, `authorization`, is covered.
    authorization: Option<bool>,
    listed: BTreeSet<String>,
}

/// A name, or all names, that one set has and another does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gained {
    pub(crate) names: GainedNames,
    /// One of the names.
    pub(crate) witness: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GainedNames {
    One,
    /// All names, except those that the other policy allows.
    Any,
    /// All names with more than this number of bytes.
    LongerThan(usize),
}

impl Grants {
    pub(super) fn new(policy: &Policy, tier: Tier) -> Self {
        let credentials = policy.allow_credentials();
        // With credentials, browsers read `*` literally, so the response echoes the request, up to a limit.
        let echoes = credentials && tier == Tier::Listed;
        let longest = |limit| if echoes { limit } else { usize::MAX };
        let mut methods = Names::new(policy.allow_methods(), longest(limits::REQUEST_METHOD));
        // https://fetch.spec.whatwg.org/#cors-safelisted-method
        if methods.any.is_none() {
            let safelisted = ["GET", "HEAD", "POST"].map(String::from);
            methods.listed.extend(safelisted);
        }
        let mut headers = Names::new(policy.allow_headers(), longest(limits::REQUEST_HEADERS));
        // https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
        headers.authorization = headers.any.map(|_| echoes);
        let mut exposed = Names::new(policy.expose_headers(), usize::MAX);
        exposed
            .listed
            .extend(SAFELISTED_RESPONSE_HEADERS.map(String::from));
        let merges = policy.merge_expose_headers();
        Self {
            methods,
            headers,
            exposed,
            merges_exposed: merges,
            merges_any_exposed: merges && !credentials,
            timing: policy.timing_allow_origin(),
            private_network: policy.allow_private_network(),
        }
    }
}

const AUTHORIZATION: &str = "authorization";

impl Names {
    fn new<'a>(listed: impl Iterator<Item = &'a str>, longest: usize) -> Self {
        let mut names = Self::default();
        for name in listed {
            if name == "*" {
                names.any = Some(longest);
            } else {
                names.listed.insert(name.to_owned());
            }
        }
        if names.any.is_some_and(|longest| longest < usize::MAX) {
            // An echo allows every name up to the limit, and no longer one.
            names.listed.clear();
        }
        names
    }

    pub(super) fn is_any(&self) -> bool {
        self.any.is_some()
    }

    /// Returns the number of names, without those that `any` covers.
    pub(super) fn len(&self) -> usize {
        self.listed.len()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        let is_covered = |longest| {
            name.len() <= longest && (name != AUTHORIZATION || self.authorization != Some(false))
        };
        self.listed.contains(name) || self.any.is_some_and(is_covered)
    }

    /// Returns the names of this set that `other` does not have. `candidate` makes names, of which the other set has a finite number.
    pub(super) fn gained(&self, other: &Self, candidate: impl Fn(usize) -> String) -> Vec<Gained> {
        let mut gained = Vec::new();
        let mut add = |names, witness: String| {
            if self.contains(&witness) && !other.contains(&witness) {
                gained.push(Gained { names, witness });
                return true;
            }
            false
        };
        match (self.any, other.any) {
            (Some(_), None) => {
                let mut candidates = (0..=other.listed.len()).map(candidate);
                candidates.any(|name| add(GainedNames::Any, name));
            }
            (Some(longest), Some(limit)) if longest > limit => {
                let name = candidate(0) + &"a".repeat(limit);
                add(GainedNames::LongerThan(limit), name);
            }
            _ => {}
        }
        if self.authorization.is_some() {
            add(GainedNames::One, AUTHORIZATION.to_owned());
        }
        for name in &self.listed {
            let is_known = self.authorization.is_some() && name == AUTHORIZATION;
            if !is_known {
                add(GainedNames::One, name.clone());
            }
        }
        gained
    }
}

/// Returns a method, the same for the same number.
pub(super) fn method(number: usize) -> String {
    const METHODS: [&str; 3] = ["PUT", "DELETE", "PATCH"];
    let method = METHODS.get(number).copied();
    method.map_or_else(|| format!("METHOD-{number}"), String::from)
}

/// Returns the name of a header, the same for the same number.
pub(super) fn header(number: usize) -> String {
    match number {
        0 => "x-requested-with".to_owned(),
        number => format!("x-header-{number}"),
    }
}

/// Returns the members of `Timing-Allow-Origin` in the response to a request without `Origin`.
pub(super) fn timing_list(policy: &Policy) -> Vec<String> {
    let request = RequestParts::new("GET");
    let decision = evaluate(policy, &request);
    let fields = decision.headers().iter();
    let mut fields = fields.filter(|field| field.name.as_str() == "timing-allow-origin");
    let value = fields.next().map(|field| field.value.as_str().to_owned());
    let members = value.iter().flat_map(|value| value.split(", "));
    members.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listed: &[&str]) -> Names {
        Names::new(listed.iter().copied(), usize::MAX)
    }

    fn gained(one: &Names, other: &Names) -> Vec<(GainedNames, String)> {
        let gained = one.gained(other, method).into_iter();
        gained.map(|it| (it.names, it.witness)).collect()
    }

    #[test]
    fn the_names_that_one_set_has_and_the_other_has_not_are_found() {
        let one = |name: &str| (GainedNames::One, name.to_owned());
        let (list, longer) = (names(&["A"]), names(&["A", "B", "PUT"]));
        assert_eq!(gained(&longer, &list), [one("B"), one("PUT")]);
        assert_eq!(gained(&list, &longer), []);
        let any = names(&["*"]);
        assert_eq!(gained(&list, &any), []);
        let delete = (GainedNames::Any, "DELETE".to_owned());
        assert_eq!(gained(&any, &longer), std::slice::from_ref(&delete));
        assert_eq!(gained(&any, &any), []);
        let mut without = names(&["*"]);
        without.authorization = Some(false);
        let mut with = names(&["*", AUTHORIZATION]);
        with.authorization = Some(false);
        assert_eq!(gained(&with, &without), [one(AUTHORIZATION)]);
        assert_eq!(gained(&with, &longer), [delete, one(AUTHORIZATION)]);
    }

    #[test]
    fn an_echo_has_a_limit() {
        let echo = Names::new(["*"].into_iter(), 5);
        let any = names(&["*"]);
        let longer = (GainedNames::LongerThan(5), "PUTaaaaa".to_owned());
        assert_eq!(gained(&any, &echo), [longer]);
        assert_eq!(gained(&echo, &any), []);
        let list = names(&["LONGER"]);
        assert_eq!(
            gained(&list, &echo),
            [(GainedNames::One, "LONGER".to_owned())]
        );
    }
}
