//! The arguments.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs of arguments are the help text, which is plain text"
)]

use std::path::PathBuf;

use omnicors_browser::Mode;
use omnicors_core::LookupResult;
use serde::Serialize;

use crate::engine_name::EngineName;
use crate::format::Format;
use crate::policy_source::Table;

/// Explains what happens to a request of a page: the preflight, the response, and the browsers' consoles
///
/// The policy is the server. The command sends the request that you describe to it as a browser would, and prints each step of the
/// decision with its section of the standard, what the page may read, and what to change if it may not.
///
/// Ends with 1 if the page is blocked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy file: .toml, .json, .yaml or .yml
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) table: Table,
    /// The origin of the page, such as https://app.example.com, or null
    ///
    /// Without it, the request is one that no page makes, as from curl.
    #[arg(long, value_name = "ORIGIN")]
    pub(super) origin: Option<String>,
    /// The method
    #[arg(long, value_name = "METHOD", default_value = "GET")]
    pub(super) method: String,
    /// A header that the page sets: a name, or a name with a value
    ///
    /// The value matters only for accept, accept-language, content-language, content-type and range. The name content-type alone stands
    /// for content-type: application/json. Without --origin, this is a header of any program, such as 'sec-fetch-site: cross-site'.
    #[arg(long = "header", value_name = "NAME[: VALUE]")]
    pub(super) headers: Vec<String>,
    /// The page sends cookies to other origins: credentials: "include"
    #[arg(long)]
    pub(super) credentials: bool,
    /// The host of your server, such as api.example.com, localhost:8080 or http://192.168.1.5:8080
    ///
    /// Without a scheme, it is http on loopback and if the page is an http page of the same host, and https elsewhere.
    #[arg(long, value_name = "HOST")]
    pub(super) host: Option<String>,
    /// The kind of the request
    #[arg(long, value_enum, default_value_t = RequestMode::Cors)]
    pub(super) mode: RequestMode,
    /// The engine whose steps are shown; the others are compared with it
    #[arg(long, value_enum, default_value_t = EngineName::Standard)]
    pub(super) engine: EngineName,
    /// What the lookup says about the origin, if the policy looks up origins
    #[arg(long, value_enum, value_name = "RESULT")]
    pub(super) lookup: Option<Lookup>,
    /// The format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RequestMode {
    /// fetch() and XMLHttpRequest, fonts, and elements with `crossorigin`
    Cors,
    /// Images, scripts and fetch() with mode: "no-cors"
    NoCors,
    /// A link or a form
    Navigate,
    /// The handshake of a WebSocket
    Websocket,
}

impl From<RequestMode> for Mode {
    fn from(mode: RequestMode) -> Self {
        match mode {
            RequestMode::Cors => Self::Cors,
            RequestMode::NoCors => Self::NoCors,
            RequestMode::Navigate => Self::Navigate,
            RequestMode::Websocket => Self::WebSocket,
        }
    }
}

/// The result of a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Lookup {
    /// The origin is allowed
    Allowed,
    /// The origin is not allowed
    NotAllowed,
    /// The lookup failed, for example because the database was down
    Failed,
    /// The lookup took too long
    TimedOut,
}

impl From<Lookup> for LookupResult {
    fn from(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Allowed => Self::Allowed,
            Lookup::NotAllowed => Self::NotAllowed,
            Lookup::Failed => Self::Failed,
            Lookup::TimedOut => Self::TimedOut,
        }
    }
}
