//! The arguments of `omnicors probe`.

use clap::ValueEnum;
use omnicors_browser::Mode;

use super::connection::Connection;
use crate::engine_name::EngineName;
use crate::format::Format;

/// Asks a server as a browser would, and says what a page may read
///
/// Sends the preflight and the request of a page to a server, follows redirects on the same host, and says what the page may read, why
/// not, and what to change on the server, in whatever language it is written. With `--audit`, sends at most 40 requests to find mistakes
/// in the CORS settings of a server of your own.
///
/// Exit codes: 0, the page can read the response, or the audit has nothing to report; 1, the page is blocked, or the audit has findings
/// above `info`; 3, the command could not be run.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[arg(
        value_name = "URL",
        help = "The URL that the page fetches, such as https://api.example/items"
    )]
    pub(super) url: String,
    #[arg(
        long,
        value_name = "ORIGIN",
        required_unless_present = "audit",
        help = "The origin of the page, such as https://app.example; in an audit, an origin that is allowed"
    )]
    pub(super) origin: Option<String>,
    /// The method of the request; in an audit, of the preflights [default: GET; with --audit: PUT]
    #[arg(long, value_name = "METHOD")]
    pub(super) method: Option<String>,
    /// A header that the page sets: 'name: value', or a name. Can be repeated
    #[arg(long = "header", value_name = "HEADER")]
    pub(super) headers: Vec<String>,
    /// The page fetches with `credentials: "include"`
    #[arg(long)]
    pub(super) credentials: bool,
    /// The cookies of the browser, such as 'session=1'. They are sent with `--credentials`
    #[arg(long, value_name = "COOKIES", requires = "credentials")]
    pub(super) cookies: Option<String>,
    /// The engine whose behaviour is followed
    #[arg(long, value_enum, default_value_t = EngineName::Standard)]
    pub(super) engine: EngineName,
    /// The mode of `fetch()`
    #[arg(long, value_enum, default_value_t = ModeName::Cors, conflicts_with = "audit")]
    pub(super) mode: ModeName,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// Shows every header of each request and response, without the values of cookies and of `Authorization`
    #[arg(long)]
    pub(super) verbose: bool,
    /// Looks for mistakes in the CORS settings, with at most 40 requests, one at a time
    #[arg(long)]
    pub(super) audit: bool,
    /// Sends the requests of an audit, or a request that may change something, to a server that is not on loopback
    #[arg(long)]
    pub(super) yes: bool,
    /// Sends the preflight only
    #[arg(long, conflicts_with = "audit")]
    pub(super) preflight_only: bool,
    /// Follows redirects to other hosts
    #[arg(long, conflicts_with = "audit")]
    pub(super) follow_hosts: bool,
    /// In an audit, sends the URL without the query that keeps its responses out of caches
    #[arg(long, requires = "audit")]
    pub(super) exact_url: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ModeName {
    /// The default of `fetch()`
    Cors,
    /// The page sends the request, and cannot read the response
    NoCors,
    /// Other origins are an error
    SameOrigin,
}

impl ModeName {
    pub(super) fn mode(self) -> (Mode, &'static str) {
        match self {
            Self::Cors => (Mode::Cors, "cors"),
            Self::NoCors => (Mode::NoCors, "no-cors"),
            Self::SameOrigin => (Mode::SameOrigin, "same-origin"),
        }
    }
}
