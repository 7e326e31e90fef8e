//! What all targets read: a script of lines, each a letter that says what it is, and its text.
//!
//! Lines rather than a binary format, so that the table of cases can be written as seeds, and a dictionary helps.

use omnicors_core::PolicyConfig;
use omnicors_tests::settings::Settings;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An origin pattern that is listed.
    Allow = b'o',
    /// A method that is listed.
    AllowMethod = b'm',
    /// A request header that is listed.
    AllowHeader = b'h',
    /// A response header that is listed.
    Expose = b'e',
    /// The max age, in seconds; anything else for none.
    MaxAge = b'a',
    /// The status for preflights.
    PreflightStatus = b'p',
    /// A letter for each switch that is on.
    Switches = b's',
    /// The method of a request.
    Method = b'M',
    /// An `Origin` line; of a page, its origin.
    Origin = b'O',
    /// An `Access-Control-Request-Method` line.
    RequestMethod = b'R',
    /// An `Access-Control-Request-Headers` line.
    RequestHeaders = b'H',
    /// A `Host` line.
    Host = b'A',
    /// A `Sec-Fetch-Site` line.
    SecFetchSite = b'F',
    /// What the caller decides about the origin: `y` or anything else.
    OriginVerdict = b'V',
    /// A header that a page sets: `name:value`.
    PageHeader = b'X',
    /// The credentials mode of a page: `i`nclude, `o`mit, or anything else.
    Credentials = b'C',
}

/// The lines.
#[derive(Clone, Debug)]
pub struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    /// Any bytes are a script.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The texts of the lines of this kind.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.0
            .split(|byte| *byte == b'\n')
            .filter_map(move |line| line.strip_prefix(&[kind as u8]))
    }

    /// The same, as far as they are UTF-8.
    pub fn texts(&self, kind: Kind) -> impl Iterator<Item = &'a str> + use<'a> {
        self.all(kind).filter_map(|line| str::from_utf8(line).ok())
    }

    /// The text of the first line of this kind.
    pub fn first(&self, kind: Kind) -> Option<&'a [u8]> {
        self.all(kind).next()
    }

    /// A number in the first line of this kind.
    fn number(&self, kind: Kind) -> Option<u32> {
        str::from_utf8(self.first(kind)?).ok()?.parse().ok()
    }

    /// The settings of a policy, in which anything may be wrong.
    pub fn settings(&self) -> Settings {
        let switches = self.first(Kind::Switches).unwrap_or_default();
        let is_on = |switch: u8| switches.contains(&switch);
        let list = |kind| self.texts(kind).map(str::to_owned).collect();
        Settings {
            origins: list(Kind::Allow),
            lookup: is_on(b'd'),
            static_origin: is_on(b's'),
            credentials: is_on(b'c'),
            others: is_on(b'o'),
            methods: list(Kind::AllowMethod),
            headers: list(Kind::AllowHeader),
            exposed: list(Kind::Expose),
            merge_exposed: is_on(b'm'),
            max_age: self.number(Kind::MaxAge),
            timing: is_on(b't'),
            preflight_status: self
                .number(Kind::PreflightStatus)
                .and_then(|status| status.try_into().ok())
                .unwrap_or(204),
            forward_preflights: is_on(b'f'),
            refuse: is_on(b'r'),
            private_network: is_on(b'v'),
            allow_opaque: is_on(b'n'),
            allow_insecure: is_on(b'i'),
        }
    }

    /// The same with none of the dangers opted in to but those that switches name.
    pub fn config(&self) -> PolicyConfig {
        let switches = self.first(Kind::Switches).unwrap_or_default();
        let is_on = |switch: u8| switches.contains(&switch);
        self.settings()
            .config()
            .dangerously_allow_any_origin_with_credentials(is_on(b'y'))
            .dangerously_allow_public_suffix_subdomains(is_on(b'u'))
    }
}

/// Writes a script.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Adds a line. One that is more than a line is another script, and just as good a seed.
    pub fn line(&mut self, kind: Kind, text: impl AsRef<[u8]>) {
        self.0.push(kind as u8);
        self.0.extend_from_slice(text.as_ref());
        self.0.push(b'\n');
    }

    /// The script.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
