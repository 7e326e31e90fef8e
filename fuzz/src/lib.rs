//! The input format of the fuzz targets other than `image`: a script of lines. The first byte of a line is its [`Kind`]; the rest is its text.
//!
//! The format consists of lines so that the table of cases can be written as seeds, and so that a fuzzer can use a dictionary.
//!
//! Run all targets with `cargo xtask fuzz SECONDS`.

pub mod image;

use omnicors_core::{Guard, PolicyConfig};
use omnicors_tests::settings::Settings;

/// The kind of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An item of `allow_origins`.
    Allow = b'o',
    /// An item of `allow_origin_regexes`, for the target `diff`.
    Regex = b'x',
    /// An item of `allow_methods`.
    AllowMethod = b'm',
    /// An item of `allow_headers`.
    AllowHeader = b'h',
    /// An item of `expose_headers`.
    Expose = b'e',
    /// The max age in seconds. Other texts set no max age.
    MaxAge = b'a',
    /// The status of responses to preflights.
    PreflightStatus = b'p',
    /// One letter for each boolean setting that is on.
    Switches = b's',
    /// The method of a request.
    Method = b'M',
    /// An `Origin` field, or the origin of a page.
    Origin = b'O',
    /// An `Access-Control-Request-Method` field.
    RequestMethod = b'R',
    /// An `Access-Control-Request-Headers` field.
    RequestHeaders = b'H',
    /// A `Host` field.
    Host = b'A',
    /// A `Sec-Fetch-Site` field.
    SecFetchSite = b'F',
    /// The result of an origin lookup: `y` for allowed, `n` for not allowed, `b` for not begun, `t` for timed out, other texts for
    /// failed.
    LookupResult = b'V',
    /// A header that a page sets: `name:value`.
    PageHeader = b'X',
    /// The credentials mode of a page: `i` for `include`, `o` for `omit`, other texts for `same-origin`.
    Credentials = b'C',
}

/// A script of lines.
#[derive(Clone, Debug)]
pub struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    /// Creates a script. All bytes are valid.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the texts of all lines of a kind.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.0
            .split(|byte| *byte == b'\n')
            .filter_map(move |line| line.strip_prefix(&[kind as u8]))
    }

    /// Returns the texts of all lines of a kind that are UTF-8.
    pub fn texts(&self, kind: Kind) -> impl Iterator<Item = &'a str> + use<'a> {
        self.all(kind).filter_map(|line| str::from_utf8(line).ok())
    }

    /// Returns the text of the first line of a kind.
    pub fn first(&self, kind: Kind) -> Option<&'a [u8]> {
        self.all(kind).next()
    }

    /// Returns the number in the first line of a kind.
    fn number(&self, kind: Kind) -> Option<u32> {
        str::from_utf8(self.first(kind)?).ok()?.parse().ok()
    }

    /// Returns the settings of a policy, which can contain mistakes.
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
            guard: if is_on(b'r') { Guard::All } else { Guard::Off },
            private_network: is_on(b'v'),
            allow_opaque: is_on(b'n'),
            allow_insecure: is_on(b'i'),
        }
    }

    /// Returns the settings as a policy config. Unsafe settings are off unless a switch turns them on.
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
    /// Adds a line. A text with line breaks makes several lines, which is a valid script as well.
    pub fn line(&mut self, kind: Kind, text: impl AsRef<[u8]>) {
        self.0.push(kind as u8);
        self.0.extend_from_slice(text.as_ref());
        self.0.push(b'\n');
    }

    /// Returns the script.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
