//! Over a small alphabet, the printed sets are exactly the origins about which the policies disagree.

use omnicors_core::{
    Origin, OriginPattern, OriginStatus, Policy, PolicyConfig, RequestParts, evaluate,
};

use super::super::entry::Entry;
use super::super::{
    Access, Comparison, Direction, EntryText, Form, Gate, Region, Subject, compare,
};
use super::generated::{PATTERNS, REGEXES, Random, all_origins, config, pair};

/// Returns whether pages of the origin may read responses without and with credentials.
fn reads(policy: &Policy, origin: &str) -> (bool, bool) {
    let request = RequestParts::new("GET").origin(origin);
    let decision = evaluate(policy, &request);
    let with = decision.verdict_with_credentials();
    (decision.verdict().is_allowed(), with.is_allowed())
}

/// Returns whether an entry as it is printed contains an origin, by the core.
struct Printed {
    entry: EntryText,
    regex: Option<Policy>,
}

impl Printed {
    fn new(entry: &EntryText) -> Self {
        let regex = PolicyConfig::new()
            .allow_origin_regexes([&entry.text])
            .dangerously_allow_opaque_origins(true);
        Self {
            regex: (entry.form == Form::Regex).then(|| regex.build().unwrap()),
            entry: entry.clone(),
        }
    }

    fn contains(&self, origin: &str) -> bool {
        let parsed = Origin::parse(origin.as_bytes()).unwrap();
        let passes = match self.entry.gate {
            Gate::Origin { allow_opaque, .. } if parsed.is_opaque() => allow_opaque,
            Gate::Origin { allow_insecure, .. } => {
                allow_insecure || parsed.is_potentially_trustworthy()
            }
            _ => true,
        };
        passes
            && match self.entry.form {
                Form::Any => true,
                Form::Pattern => OriginPattern::parse(&self.entry.text)
                    .unwrap()
                    .matches(&parsed),
                Form::Regex => reads(self.regex.as_ref().unwrap(), origin).0,
            }
    }
}

struct PrintedRegion<'p> {
    region: &'p Region<'p>,
    entries: Vec<Printed>,
    within: Vec<Printed>,
    except: Vec<Printed>,
}

impl<'p> PrintedRegion<'p> {
    fn new(region: &'p Region<'p>) -> Self {
        let entries = region.entries.iter().map(|part| Printed::new(&part.entry));
        Self {
            entries: entries.collect(),
            within: region.within.iter().map(Printed::new).collect(),
            except: region.except.iter().map(Printed::new).collect(),
            region,
        }
    }

    fn contains(&self, origin: &str) -> bool {
        let any = |entries: &[Printed]| entries.iter().any(|entry| entry.contains(origin));
        let by_entry = any(&self.entries)
            && (self.within.is_empty() || any(&self.within))
            && !any(&self.except)
            && !self.region.except_exact.contains(&origin);
        self.region.exact.contains(&origin) || by_entry
    }
}

fn check(old: &Policy, new: &Policy, origins: &[String]) -> [u64; 6] {
    let [of_old, of_new] = &[Subject::new(old), Subject::new(new)];
    let comparison =
        compare(of_old, of_new).unwrap_or_else(|error| panic!("{error}\n{old}\n{new}"));
    assert_eq!(comparison.incomparable, [], "{old}\n{new}");
    let mut counts = [0; 6];
    let kinds = [
        (Direction::Widens, Access::WithCredentials),
        (Direction::Widens, Access::WithoutCredentials),
        (Direction::Widens, Access::OnlyCredentials),
        (Direction::Narrows, Access::WithCredentials),
        (Direction::Narrows, Access::WithoutCredentials),
        (Direction::Narrows, Access::OnlyCredentials),
    ];
    let read = |policy| -> Vec<(bool, bool)> {
        let origins = origins.iter();
        origins.map(|origin| reads(policy, origin)).collect()
    };
    let (by_old, by_new) = (read(old), read(new));
    for (count, (direction, access)) in counts.iter_mut().zip(kinds) {
        let changes = comparison.origins.iter();
        let mut changes = changes.filter(|it| it.direction == direction && it.access == access);
        let region = changes
            .next()
            .map(|change| PrintedRegion::new(&change.region));
        assert!(changes.next().is_none(), "two changes of one kind");
        for ((origin, old_reads), new_reads) in origins.iter().zip(&by_old).zip(&by_new) {
            let (one, other) = match direction {
                Direction::Narrows => (*old_reads, *new_reads),
                _ => (*new_reads, *old_reads),
            };
            let expected = match access {
                Access::WithCredentials => one == (true, true) && !other.0,
                Access::WithoutCredentials => one == (true, false) && !other.0,
                Access::OnlyCredentials => one == (true, true) && other == (true, false),
            };
            let printed = region
                .as_ref()
                .is_some_and(|region| region.contains(origin));
            assert_eq!(
                printed, expected,
                "{direction:?} {access:?} {origin}\nold:\n{old}\nnew:\n{new}\n{comparison:#?}"
            );
            *count += u64::from(expected);
        }
    }
    counts
}

#[test]
fn the_printed_sets_are_those_about_which_the_policies_disagree() {
    let mut counts = [0; 6];
    for (longest, pairs) in [(2, 250), (3, 50)] {
        let origins = all_origins(longest);
        let mut random = Random::new(longest as u64);
        for _ in 0..pairs {
            let (old, new) = pair(&mut random, |random| config(random, &origins));
            for (count, more) in counts.iter_mut().zip(check(&old, &new, &origins)) {
                *count += more;
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
    println!("differences by kind: {counts:?}");
}

/// The sets that the [table](crate::compare::entry) of forms describes.
#[test]
fn each_entry_denotes_the_origins_that_the_core_allows() {
    let mut origins = all_origins(3);
    for label in [62, 63, 64] {
        for host in [252, 253, 254] {
            let label = "a".repeat(label);
            let rest = format!("{}.a", "b.".repeat(130));
            let host = format!("{label}.{}", &rest[rest.len() + label.len() + 1 - host..]);
            origins.push(format!("https://{host}"));
            origins.push(format!("https://{label}.b:1"));
        }
    }
    let allowed = |config: PolicyConfig| {
        let policy = config
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_public_suffix_subdomains(true)
            .dangerously_allow_opaque_origins(true);
        let insecure = policy.clone().dangerously_allow_insecure_origins(true);
        let policy = policy.build().or_else(|_| insecure.build()).unwrap();
        let [entry] = &*Entry::all(&policy) else {
            panic!("not one entry")
        };
        let mut allowed = 0;
        for origin in &origins {
            let request = RequestParts::new("GET").origin(origin);
            let status = evaluate(&policy, &request).origin_status();
            let expected = status == OriginStatus::Allowed;
            assert_eq!(entry.allows(origin), Ok(expected), "{policy}: {origin}");
            allowed += u32::from(expected);
        }
        allowed
    };
    for pattern in PATTERNS.iter().chain(&["*"]) {
        assert!(
            allowed(PolicyConfig::new().allow_origin(pattern)) > 0,
            "{pattern}"
        );
    }
    for regex in REGEXES {
        let config = PolicyConfig::new().allow_origin_regexes([regex]);
        assert!(allowed(config) > 0, "{regex}");
    }
}

fn compared(old: PolicyConfig, new: PolicyConfig, test: impl Fn(&Comparison<'_>)) {
    let (old, new) = (old.build().unwrap(), new.build().unwrap());
    test(&compare(&Subject::new(&old), &Subject::new(&new)).unwrap());
}

fn origins(origins: &[&str]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(origins)
}

fn witnesses(comparison: &Comparison<'_>) -> Vec<(Direction, String)> {
    let changes = comparison.origins.iter();
    changes
        .flat_map(|change| {
            let witnesses = change.region.witnesses();
            witnesses.map(|witness| (change.direction, witness.to_owned()))
        })
        .collect()
}

#[test]
fn a_union_of_patterns_is_compared_with_a_pattern() {
    let letters: Vec<String> = ('a'..='z')
        .map(|it| format!("https://{it}*.example.com"))
        .collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    let old = origins(&letters);
    let preview = "https://pr-*.example.com";
    compared(
        old.clone(),
        old.clone().allow_origin(preview),
        |comparison| {
            assert_eq!(witnesses(comparison), []);
            assert!(!comparison.may_widen());
        },
    );
    let new = origins(&["https://*.example.com"]);
    compared(old.clone(), new, |comparison| {
        // The `*` stands for at least one character, and a name can begin with a digit or have several labels.
        let expected = (Direction::Widens, "https://a.example.com".to_owned());
        assert_eq!(witnesses(comparison), [expected]);
    });
    let without_p: Vec<&str> = letters
        .into_iter()
        .filter(|it| !it.contains("//p*"))
        .collect();
    compared(
        origins(&without_p),
        origins(&without_p).allow_origin(preview),
        |comparison| {
            let expected = (Direction::Widens, "https://pr-a.example.com".to_owned());
            assert_eq!(witnesses(comparison), [expected]);
        },
    );
}

#[test]
fn exact_origins_can_cover_a_regular_expression_or_a_pattern() {
    let exact = [
        "https://a.example.com",
        "https://b.example.com",
        "https://c.example.com",
    ];
    let regex = |text| PolicyConfig::new().allow_origin_regexes([text]);
    compared(
        origins(&exact),
        regex(r"https://[abc]\.example\.com"),
        |comparison| {
            assert_eq!(witnesses(comparison), []);
            assert!(
                comparison
                    .settings
                    .iter()
                    .any(|it| it.setting == "allow_origins")
            );
        },
    );
    compared(
        origins(&exact),
        regex(r"https://[a-d]\.example\.com"),
        |comparison| {
            let expected = (Direction::Widens, "https://d.example.com".to_owned());
            assert_eq!(witnesses(comparison), [expected]);
        },
    );
    // A host of 251 bytes leaves room for one letter or digit before it.
    let parent = format!("{}bc.example", "a.".repeat(120));
    assert_eq!(parent.len(), 250);
    let parent = format!("a{parent}");
    let characters: Vec<char> = ('a'..='z').chain('0'..='9').collect();
    let one = |it: &char| format!("https://{it}.{parent}");
    let exact: Vec<String> = characters.iter().map(one).collect();
    let all: Vec<&str> = exact.iter().map(String::as_str).collect();
    let pattern = format!("https://*.{parent}");
    compared(origins(&all[1..]), origins(&[&pattern]), |comparison| {
        assert_eq!(
            witnesses(comparison),
            [(Direction::Widens, exact[0].clone())]
        );
    });
}

#[test]
fn the_lengths_of_labels_and_names_are_a_part_of_a_pattern() {
    let pattern = origins(&["https://*.example.com"]);
    let regex = |text| PolicyConfig::new().allow_origin_regexes([text]);
    compared(
        pattern.clone(),
        regex(r"https://[a-z]+\.example\.com"),
        |comparison| {
            let longest = format!("https://{}.example.com", "a".repeat(64));
            let widened = comparison
                .origins
                .iter()
                .find(|it| it.direction == Direction::Widens);
            let witness = widened.and_then(|it| it.region.witnesses().next());
            assert_eq!(witness, Some(&*longest));
        },
    );
    let labels = r"https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+example\.com";
    compared(pattern.clone(), regex(labels), |comparison| {
        let changes: Vec<_> = comparison.origins.iter().map(|it| it.direction).collect();
        assert_eq!(changes, [Direction::Widens]);
        let witness = comparison.origins[0].region.witnesses().next().unwrap();
        assert_eq!(witness.len(), "https://".len() + 254);
    });
    // Within the limits, there is no difference.
    let short = r"https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,3}example\.com";
    compared(pattern, regex(short), |comparison| {
        let changes: Vec<_> = comparison.origins.iter().map(|it| it.direction).collect();
        assert_eq!(changes, [Direction::Narrows]);
    });
}

#[test]
fn ports_are_compared_as_numbers() {
    let ports = (1..=65_535_u32).filter(|port| *port != 80);
    let ports = ports.map(|port| format!("http://localhost:{port}"));
    let all: Vec<String> = ports.chain(["http://localhost".to_owned()]).collect();
    let any = origins(&["http://localhost:*"]);
    compared(
        PolicyConfig::new().allow_origins(&all),
        any.clone(),
        |comparison| {
            assert_eq!(witnesses(comparison), []);
        },
    );
    let all = all.iter().filter(|it| !it.ends_with(":64999"));
    compared(PolicyConfig::new().allow_origins(all), any, |comparison| {
        let expected = (Direction::Widens, "http://localhost:64999".to_owned());
        assert_eq!(witnesses(comparison), [expected]);
    });
}
