//! The raw settings of a policy, what they say, found by plain means, and a server that has them.

use std::time::Duration;

use omnicors_core::{Decision, Policy, PolicyConfig, RequestParts, ResponseHeaders, evaluate};
use omnicors_tests::naive;
use omnicors_tests::oracle::ServerResponse;
use omnicors_tests::servers::{apply, is_tenant};

/// The raw settings of a policy, and what they say.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub(crate) struct Settings {
    pub(crate) origins: Vec<&'static str>,
    pub(crate) outside: bool,
    pub(crate) credentials: bool,
    pub(crate) methods: Vec<&'static str>,
    pub(crate) headers: Vec<&'static str>,
    pub(crate) exposed: Vec<&'static str>,
    pub(crate) max_age: Option<u32>,
    pub(crate) timing: bool,
    pub(crate) preflight_status: u16,
    pub(crate) forward_preflights: bool,
    pub(crate) refuse: bool,
    pub(crate) private_network: bool,
    pub(crate) allow_null: bool,
    pub(crate) allow_insecure: bool,
}

impl Settings {
    pub(crate) fn build(&self) -> Policy {
        let config = PolicyConfig::new()
            .allow_origins(self.origins.iter().copied())
            .decide_origins_outside(self.outside)
            .allow_credentials(self.credentials)
            .allow_methods(self.methods.iter().copied())
            .allow_headers(self.headers.iter().copied())
            .expose_headers(self.exposed.iter().copied())
            .max_age(self.max_age.map(|age| Duration::from_secs(age.into())))
            .timing_allow_origin(self.timing)
            .preflight_status(self.preflight_status)
            .forward_preflights(self.forward_preflights)
            .refuse_disallowed_origins(self.refuse)
            .allow_private_network(self.private_network)
            .dangerously_allow_null_origin(self.allow_null)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_insecure_origins(self.allow_insecure)
            .dangerously_allow_public_suffix_subdomains(true);
        match config.build() {
            Ok(policy) => policy,
            Err(error) => panic!("{self:?}: {error}"),
        }
    }

    fn allows_any_origin(&self) -> bool {
        self.origins == ["*"]
    }

    pub(crate) fn allows_origin(&self, origin: &str) -> bool {
        if origin == "null" && self.allows_any_origin() {
            // `*` is for everyone; with credentials there is no `*`, and `null` is another danger.
            return !self.credentials || self.allow_null;
        }
        let is_left_to_caller = self.outside
            && naive::is_origin(origin.as_bytes())
            && (!self.credentials || self.allow_insecure || is_secure(origin));
        naive::any_matches(&self.origins, origin.as_bytes())
            || (is_left_to_caller && is_tenant(origin))
    }

    pub(crate) fn allows_method(&self, method: &str) -> bool {
        ["GET", "HEAD", "POST"].contains(&method)
            || self.methods.contains(&"*")
            || self.methods.contains(&method)
    }

    /// `name` is in lower case.
    pub(crate) fn allows_header(&self, name: &str) -> bool {
        let is_covered = name != "authorization" || self.credentials;
        (self.headers.contains(&"*") && is_covered)
            || self
                .headers
                .iter()
                .any(|listed| listed.eq_ignore_ascii_case(name))
    }

    pub(crate) fn readable_headers(&self, response: &ServerResponse) -> Vec<String> {
        let safelisted = [
            "cache-control",
            "content-language",
            "content-length",
            "content-type",
            "expires",
            "last-modified",
            "pragma",
        ];
        let mut readable: Vec<String> = response
            .headers
            .iter()
            .map(|(name, _)| String::from_utf8_lossy(name).to_ascii_lowercase())
            .filter(|name| {
                let is_exposed = self
                    .exposed
                    .iter()
                    .any(|exposed| *exposed == "*" || exposed.eq_ignore_ascii_case(name));
                safelisted.contains(&name.as_str()) || (is_exposed && name != "set-cookie")
            })
            .collect();
        readable.sort();
        readable.dedup();
        readable
    }

    pub(crate) fn echoes(&self) -> bool {
        self.credentials && (self.methods.contains(&"*") || self.headers.contains(&"*"))
    }

    /// The server: the core's decision, applied to what an application responds that means to allow everything.
    pub(crate) fn serve<'a>(
        &self,
        policy: &Policy,
        method: &'a str,
        lines: &'a [(String, Vec<u8>)],
    ) -> (RequestParts<'a>, ServerResponse) {
        let mut parts =
            RequestParts::from_lines(method, lines.iter().map(|line| (&line.0, &line.1)));
        if let Some(origin) = policy.origin_to_decide(&parts) {
            assert!(self.outside);
            parts = parts.origin_verdict(is_tenant(origin.as_str()));
        }
        let response = match evaluate(policy, &parts) {
            Decision::Answer { status, headers } => respond(status, &headers, &[]),
            Decision::Forward { headers } => respond(200, &headers, &APPLICATION_LINES),
        };
        (parts, response)
    }
}

const APPLICATION_LINES: [(&str, &str); 15] = [
    ("content-type", "text/plain"),
    ("cache-control", "no-store"),
    ("etag", "\"1\""),
    ("x-total", "42"),
    ("x-request-id", "7"),
    ("x-secret", "1"),
    ("set-cookie", "a=b"),
    ("vary", "accept-encoding"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-methods", "*"),
    ("access-control-allow-headers", "*"),
    ("access-control-expose-headers", "*"),
    ("access-control-max-age", "7"),
    ("access-control-allow-private-network", "true"),
];

fn respond(status: u16, headers: &ResponseHeaders<'_>, lines: &[(&str, &str)]) -> ServerResponse {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    let mut lines: Vec<(String, Vec<u8>)> = lines.iter().map(own).collect();
    apply(headers, &mut lines);
    let lines = lines.into_iter();
    ServerResponse {
        status,
        headers: lines
            .map(|(name, value)| (name.into_bytes(), value))
            .collect(),
    }
}

/// Secure Contexts, "Is origin potentially trustworthy?", as far as the origins below go.
fn is_secure(origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    !["http", "ws", "ftp"].contains(&scheme)
        || host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host == "[::1]"
}
