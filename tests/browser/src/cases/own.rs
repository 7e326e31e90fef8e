//! The cases of this package: `cases/*.toml`.

use std::collections::BTreeMap;

use omnicors_browser::{Mode, Redirect};
use omnicors_core::PolicyConfig;
use serde::Deserialize;

use super::{BrowserCase, BrowserCases, Credentials, Hop, On, Page, Ports, split};

const FILES: [(&str, &str); 8] = [
    ("everywhere", include_str!("../../cases/everywhere.toml")),
    ("hosts", include_str!("../../cases/hosts.toml")),
    ("requests", include_str!("../../cases/requests.toml")),
    ("credentials", include_str!("../../cases/credentials.toml")),
    ("exposing", include_str!("../../cases/exposing.toml")),
    ("redirects", include_str!("../../cases/redirects.toml")),
    (
        "fetch_metadata",
        include_str!("../../cases/fetch_metadata.toml"),
    ),
    ("deviations", include_str!("../../cases/deviations.toml")),
];

/// The file whose cases all servers run.
const EVERYWHERE: &str = "everywhere";

/// The files about engines, whose cases only one server runs.
const OF_ENGINES: [&str; 2] = ["fetch_metadata", "deviations"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    policy: BTreeMap<String, PolicyConfig>,
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    policy: String,
    page: String,
    #[serde(default)]
    other_port: bool,
    #[serde(default)]
    sandboxed: bool,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    headers: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    credentials: Credentials,
    #[serde(default)]
    call: Call,
    #[serde(default)]
    via: Vec<Via>,
    api: String,
    #[serde(default)]
    respond: Vec<String>,
    #[serde(default = "ok")]
    status: u16,
    verdict: String,
    readable: Option<Vec<String>>,
    #[serde(default)]
    cannot_carry: BTreeMap<String, String>,
}

/// The call of the page that makes the request.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Call {
    /// `fetch()`.
    #[default]
    Fetch,
    /// `fetch()` with the mode `no-cors`.
    NoCors,
    /// An `XMLHttpRequest` with a listener for upload events.
    Upload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Via {
    host: String,
    policy: Option<String>,
    status: u16,
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> u16 {
    200
}

pub(super) fn load(ports: Ports) -> BrowserCases {
    let mut all = BrowserCases {
        policies: BTreeMap::new(),
        cases: Vec::new(),
    };
    for (name, text) in FILES {
        let text = text.replace("{page}", &ports.page.to_string());
        let text = text.replace("{other}", &ports.other.to_string());
        let file: File =
            toml::from_str(&text).unwrap_or_else(|error| panic!("cases/{name}.toml: {error}"));
        for (policy, config) in file.policy {
            let built = config.build();
            let built = built.unwrap_or_else(|error| panic!("policy `{policy}`: {error}"));
            let twice = all.policies.insert(policy.clone(), built);
            assert!(twice.is_none(), "two policies are named `{policy}`");
        }
        let on = match name {
            EVERYWHERE => On::All,
            name if OF_ENGINES.contains(&name) => On::Axum,
            _ => On::Three,
        };
        all.cases
            .extend(file.case.into_iter().map(|case| case.into_case(on)));
    }
    all
}

impl RawCase {
    fn into_case(self, on: On) -> BrowserCase {
        assert!(
            self.name.split(' ').count() > 2,
            "`{}` is not a sentence",
            self.name
        );
        let via = self.via.into_iter();
        let via = via.map(|via| hop(&via.host, via.policy, Some(via.status)));
        let last = hop(&self.api, None, None);
        BrowserCase {
            name: self.name,
            policy: self.policy,
            page: Page {
                host: self.page,
                other_port: self.other_port,
                sandboxed: self.sandboxed,
            },
            method: self.method,
            headers: self.headers.iter().map(|field| split(field)).collect(),
            body: self.body,
            credentials: self.credentials,
            mode: if self.call == Call::NoCors {
                Mode::NoCors
            } else {
                Mode::Cors
            },
            redirect: Redirect::Follow,
            upload_listener: self.call == Call::Upload,
            hops: via.chain([last]).collect(),
            preflight_response: Vec::new(),
            response: self.respond,
            status: self.status,
            verdict: Some(self.verdict),
            readable: self.readable,
            on,
            cannot_carry: self.cannot_carry,
        }
    }
}

/// Returns the hop to a host; `user:pass@` before the host is the user info of the URL.
fn hop(host: &str, policy: Option<String>, redirect: Option<u16>) -> Hop {
    let without = host.strip_prefix("user:pass@");
    Hop {
        host: without.unwrap_or(host).to_owned(),
        user_info: without.is_some(),
        policy,
        redirect,
    }
}
