//! Generates policies.

use omnicors_core::{Origin, Policy, PolicyConfig};

/// A generator of pseudo-random numbers, the same for the same seed (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    pub(super) fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Returns all origins in which the text after `https://` or `http://` consists of at most `longest` bytes of a small alphabet, and some
/// others.
pub(super) fn all_origins(longest: usize) -> Vec<String> {
    let mut authorities = vec![String::new()];
    let mut last = authorities.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|text| "ab.-:1".chars().map(move |byte| format!("{text}{byte}")))
            .collect();
        authorities.extend(last.iter().cloned());
    }
    let schemes = ["https", "http"];
    let texts = schemes.iter().flat_map(|scheme| {
        authorities
            .iter()
            .map(move |rest| format!("{scheme}://{rest}"))
    });
    let others = [
        "null",
        "file://",
        "http://localhost",
        "http://localhost:1",
        "http://a.localhost",
        "http://1.1.1.1",
        "https://1.1.1.1:1",
        "http://127.0.0.1",
        "http://[::1]:1",
        "https://[1::1]",
        "https://_.a",
        "https://a.a.a",
        "https://a.a.b",
        "https://a.b.a",
        "https://b.a.b.a",
        "https://a-.a.b",
        "https://aa.a",
        "https://aab.a",
        "https://a.aa.b",
        "https://1a.b",
        "https://ab.b",
        "https://ba.b",
        "https://bb.b",
        "https://bb:1",
        "https://aa:1",
        "https://1.a:1",
        "https://a.a:1",
        "https://ab.a:11",
        "x://a",
        "x://A",
        "x://ab",
        "x://a:1",
        "ws://a",
        "ws://b:1",
    ];
    let texts = texts.chain(others.map(String::from));
    texts
        .filter(|text| Origin::parse(text.as_bytes()).is_ok())
        .collect()
}

pub(super) const PATTERNS: &[&str] = &[
    "https://*.a",
    "https://*.b",
    "https://*.a.b",
    "https://*.b.a",
    "https://a*.b",
    "https://b*.b",
    "https://1*.b",
    "https://*a.b",
    "https://*b.b",
    "https://a*b.a",
    "https://a*",
    "https://*a",
    "https://b*:1",
    "https://*.a:1",
    "https://*.a:*",
    "https://a*.a:*",
    "https://a:*",
    "https://a.b:*",
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "http://*.localhost",
    "http://*.a",
    "http://a*:*",
    "x://*",
];

pub(super) const REGEXES: &[&str] = &[
    r"https://[ab]",
    r"https://[ab]\.a",
    r"https://[ab]\.[ab]",
    r"https://a+",
    r"https://(a|b)+(\.a)?(:1+)?",
    r"https?://a",
    r"https?://.+\.a",
    r"https://[a-z0-9-]+\.b",
    r"https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+a",
    r"https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+a",
    r"https://[^.]+\.a",
    r"https://.*",
    r"http://.*",
    r".*",
    r"null|https://b",
    r"[a-z]+://a",
    r"(x|ws)://.*",
    r"x://a?b?",
    r"https://a(:\d)?",
    r"https://[^:]*:1",
    r"https://-?a-?",
    r"http://(localhost|a)(:1)?",
    r"http://\[.*",
];

/// Returns the settings of a policy about origins. They may contain faults.
pub(super) fn config(random: &mut Random, origins: &[String]) -> PolicyConfig {
    let mut config = PolicyConfig::new()
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_public_suffix_subdomains(true)
        .dangerously_allow_opaque_origins(random.one_in(3))
        .dangerously_allow_insecure_origins(random.one_in(2))
        .allow_credentials(random.one_in(2))
        .allow_others_without_credentials(random.one_in(8));
    if random.one_in(12) {
        return config.allow_origin("*");
    }
    for _ in 0..random.below(4) {
        config = config.allow_origin(random.pick(PATTERNS));
    }
    for _ in 0..random.below(4) {
        config = config.allow_origin(random.pick(origins));
    }
    for _ in 0..random.below(3) {
        config = config.allow_origin_regexes([random.pick(REGEXES)]);
    }
    config
}

/// Returns two policies, which are often similar.
pub(super) fn pair(
    random: &mut Random,
    mut config: impl FnMut(&mut Random) -> PolicyConfig,
) -> (Policy, Policy) {
    loop {
        let (Ok(old), Ok(mut new)) = (config(random).build(), config(random).build()) else {
            continue;
        };
        if random.one_in(2) {
            // The old policy with another origin.
            let more = new.config();
            let Ok(wider) = old
                .config()
                .allow_origins(more_origins(&more, random))
                .build()
            else {
                continue;
            };
            new = wider;
        }
        return if random.one_in(2) {
            (old, new)
        } else {
            (new, old)
        };
    }
}

fn more_origins(config: &PolicyConfig, random: &mut Random) -> Vec<String> {
    let Ok(policy) = config.clone().build() else {
        return Vec::new();
    };
    let patterns: Vec<String> = policy
        .origins()
        .map(|set| set.patterns().map(String::from).collect())
        .unwrap_or_default();
    if patterns.is_empty() {
        return Vec::new();
    }
    vec![random.pick(&patterns).clone()]
}
