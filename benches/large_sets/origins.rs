//! Generates origins like those of the tenants of a platform, and questions about them.

/// Parts of names, so that the origins differ in length and beginning.
const WORDS: [&str; 8] = [
    "blue", "river", "garden", "coffee", "studio", "north", "paper", "atelier",
];

/// The origins that a set is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Members,
    Strangers,
}

impl Kind {
    /// Returns the name in arguments.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Strangers => "strangers",
        }
    }
}

/// Returns the first `count` origins.
pub(crate) fn members(count: usize) -> Vec<String> {
    (0..count as u64).map(origin).collect()
}

/// Returns the number of questions of a turn. Together, their answers touch more memory than the caches hold, if the set is that large.
pub(crate) fn questions_for(count: usize) -> usize {
    if count < 50_000 { 1 << 17 } else { 1 << 20 }
}

/// Questions in random order. Their text is in one buffer.
pub(crate) struct Questions {
    text: String,
    ends: Vec<usize>,
}

impl Questions {
    pub(crate) fn new(kind: Kind, members: usize, count: usize) -> Self {
        let members = members as u64;
        let mut questions = Self {
            text: String::new(),
            ends: Vec::new(),
        };
        for question in 0..count as u64 {
            let random = mixed(question ^ 0x5EED_0000_0000);
            let number = match kind {
                Kind::Members => random % members,
                // They have the same form as the members, and up to two digits more.
                Kind::Strangers => members + random % (members * 99),
            };
            questions.text += &origin(number);
            questions.ends.push(questions.text.len());
        }
        questions
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let origin = self.text.get(start..end).unwrap_or_default();
            start = end;
            origin
        })
    }
}

/// Returns the origin with this number. Different numbers have different origins.
fn origin(number: u64) -> String {
    let random = mixed(number);
    let word = |index: u64| {
        let index = usize::try_from(index % 8).unwrap_or_default();
        WORDS.get(index).copied().unwrap_or_default()
    };
    let (first, second) = (word(random), word(random / 8));
    match random / 64 % 20 {
        // Twelve of twenty are tenants of one platform.
        0..=11 => format!("https://shop-{number}.example"),
        12..=14 => format!("https://{first}-{number}.shops.example"),
        15..=18 => format!("https://www.{first}{second}{number}.test"),
        _ => format!("https://{first}{number}.example:8443"),
    }
}

/// The function of [SplitMix64](https://prng.di.unimi.it/splitmix64.c): a random number for each number.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}
