//! The settings of a policy, a naive computation of what they allow, and a server that uses them.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use omnicors_browser::Credentials;
use omnicors_core::{
    Decision, Guard, LookupResult, Policy, PolicyConfig, PolicyError, RequestParts,
    ResponseHeaders, evaluate, limits,
};

use crate::apply::apply;
use crate::cases::lookup_result;
use crate::naive;

/// The response of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerResponse {
    /// The status code.
    pub status: u16,
    /// The header fields, in order, names in lower case. A name may occur several times.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl ServerResponse {
    /// Returns the response in the types of the crate `http`, with an empty body.
    #[must_use]
    pub fn to_http(&self) -> Response<Bytes> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(name, value.as_slice());
        }
        response.body(Bytes::new()).expect("the fields are valid")
    }
}

/// Returns the fields of a request.
#[must_use]
pub fn fields_of(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let fields = headers.iter();
    fields
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect()
}

/// Returns why no policy allows this origin of a page unless it allows all pages in the same way; `None` for all other origins.
///
/// This is the whole list of exceptions.
fn exception(origin: &str) -> Option<&'static str> {
    if origin.len() > limits::ORIGIN {
        return Some("the documented limit");
    }
    if origin.starts_with("http") && origin.ends_with(":0") {
        return Some("browsers block port 0: https://fetch.spec.whatwg.org/#port-blocking");
    }
    None
}

/// The settings of a policy, and what they allow.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate setting")]
pub struct Settings {
    /// `allow_origins`.
    pub origins: Vec<String>,
    /// `lookup_origins`; [`lookup_result`] is the lookup.
    pub lookup: bool,
    /// `static_origin`.
    pub static_origin: bool,
    /// `allow_credentials`.
    pub credentials: bool,
    /// `allow_others_without_credentials`.
    pub others: bool,
    /// `allow_methods`.
    pub methods: Vec<String>,
    /// `allow_headers`.
    pub headers: Vec<String>,
    /// `expose_headers`.
    pub exposed: Vec<String>,
    /// `merge_expose_headers`.
    pub merge_exposed: bool,
    /// `max_age`, in seconds.
    pub max_age: Option<u32>,
    /// `timing_allow_origin`.
    pub timing: bool,
    /// `preflight_status`.
    pub preflight_status: u16,
    /// `forward_preflights`.
    pub forward_preflights: bool,
    /// `guard`.
    pub guard: Guard,
    /// `allow_private_network`.
    pub private_network: bool,
    /// `dangerously_allow_opaque_origins`.
    pub allow_opaque: bool,
    /// `dangerously_allow_insecure_origins`.
    pub allow_insecure: bool,
}

impl Settings {
    /// Builds the policy.
    ///
    /// # Errors
    /// Returns the faults of the settings.
    pub fn build(&self) -> Result<Policy, PolicyError> {
        self.config().build()
    }

    /// Returns the config of these settings. It opts in to everything that has no setting here.
    pub fn config(&self) -> PolicyConfig {
        PolicyConfig::new()
            .allow_origins(&self.origins)
            .lookup_origins(self.lookup)
            .static_origin(self.static_origin)
            .allow_credentials(self.credentials)
            .allow_others_without_credentials(self.others)
            .allow_methods(&self.methods)
            .allow_headers(&self.headers)
            .expose_headers(&self.exposed)
            .merge_expose_headers(self.merge_exposed)
            .max_age(self.max_age.map(|age| Duration::from_secs(age.into())))
            .timing_allow_origin(self.timing)
            .preflight_status(self.preflight_status)
            .forward_preflights(self.forward_preflights)
            .guard(self.guard)
            .allow_private_network(self.private_network)
            .dangerously_allow_opaque_origins(self.allow_opaque)
            .dangerously_allow_any_origin_with_credentials(true)
            .dangerously_allow_insecure_origins(self.allow_insecure)
            .dangerously_allow_public_suffix_subdomains(true)
    }

    fn allows_any_origin(&self) -> bool {
        // `*` may be repeated.
        !self.origins.is_empty() && self.origins.iter().all(|origin| origin == "*")
    }

    /// Returns true if pages of this origin may read responses to requests without credentials.
    pub fn allows_without_credentials(&self, origin: &str) -> bool {
        self.others || self.allows_origin(origin)
    }

    /// Returns true if pages of this origin may read responses to requests in this credentials mode.
    pub fn allows_response(&self, origin: &str, credentials: Credentials) -> bool {
        if credentials == Credentials::Include {
            self.credentials && self.allows_origin(origin)
        } else {
            self.allows_without_credentials(origin)
        }
    }

    /// Returns true if the policy lists this origin, so that its pages may also read responses to requests with credentials.
    pub fn allows_origin(&self, origin: &str) -> bool {
        if self.allows_any_origin() && !self.credentials {
            // The response has `*`, whatever `Origin` is.
            return true;
        }
        if exception(origin).is_some() {
            return false;
        }
        if naive::is_opaque(origin.as_bytes()) && !self.allow_opaque {
            return false;
        }
        let is_looked_up =
            self.lookup && (!self.credentials || self.allow_insecure || is_secure(origin));
        let matches = |pattern: &String| {
            if pattern.contains('*') && pattern != "*" {
                naive::pattern_matches(pattern, origin.as_bytes())
            } else {
                pattern == "*" || pattern == origin
            }
        };
        self.origins.iter().any(matches)
            || (is_looked_up && lookup_result(origin) == LookupResult::Allowed)
    }

    /// Returns true if pages of this origin see the timing of requests without `Origin`, such as images.
    pub fn allows_timing_without_origin(&self, origin: &str) -> bool {
        if self.allows_any_origin() {
            return self.timing && !self.credentials;
        }
        let exact = self.origins.iter().filter(|listed| !listed.contains('*'));
        let exact: BTreeSet<&str> = exact.map(String::as_str).collect();
        // The documented limit of the list.
        self.timing && exact.len() <= 8 && exact.contains(origin)
    }

    /// Returns true if pages of this origin may use this normalized method.
    pub fn allows_method(&self, origin: &str, method: &str) -> bool {
        let is_echoed = self.credentials && self.allows_origin(origin);
        let is_within_limit = !is_echoed || method.len() <= limits::REQUEST_METHOD;
        ["GET", "HEAD", "POST"].contains(&method)
            || (has(&self.methods, "*") && is_within_limit)
            || (has(&self.methods, method) && !(is_echoed && has(&self.methods, "*")))
    }

    /// Returns those of these header names, in lower case, that pages of this origin must not send.
    pub fn denied_headers<'a>(&self, origin: &str, names: &[&'a str]) -> Vec<&'a str> {
        let is_echoed = self.credentials && self.allows_origin(origin);
        let is_within_limit = !is_echoed || names.join(",").len() <= limits::REQUEST_HEADERS;
        let has_wildcard = has(&self.headers, "*") && is_within_limit;
        let is_allowed = |name: &str| {
            let is_covered = name != "authorization" || is_echoed;
            (has_wildcard && is_covered)
                || self
                    .headers
                    .iter()
                    .any(|listed| listed.eq_ignore_ascii_case(name))
        };
        let names = names.iter().copied();
        names.filter(|name| !is_allowed(name)).collect()
    }

    /// Returns the names of the headers of this response that an allowed page can read, in lower case, sorted.
    pub fn readable_headers(&self, headers: &HeaderMap) -> Vec<String> {
        let safelisted = [
            "cache-control",
            "content-language",
            "content-length",
            "content-type",
            "expires",
            "last-modified",
            "pragma",
        ];
        // The application sends `*`.
        let exposes_any = self.merge_exposed && !self.credentials;
        let mut readable: Vec<String> = headers
            .keys()
            .map(ToString::to_string)
            .filter(|name| {
                let is_exposed = self
                    .exposed
                    .iter()
                    .any(|exposed| *exposed == "*" || exposed.eq_ignore_ascii_case(name));
                let is_exposed = is_exposed
                    || exposes_any
                    || (self.merge_exposed && APPLICATION_EXPOSES.contains(&name.as_str()));
                safelisted.contains(&name.as_str()) || (is_exposed && name != "set-cookie")
            })
            .collect();
        readable.sort();
        readable
    }

    /// Returns true if the response to a preflight echoes fields of the request.
    pub fn echoes(&self) -> bool {
        self.credentials && (has(&self.methods, "*") || has(&self.headers, "*"))
    }

    /// Serves a request: applies the core's decision to the response of an application that tries to allow everything.
    pub fn serve<'a>(
        &self,
        policy: &Policy,
        method: &'a str,
        fields: &'a Vec<(String, Vec<u8>)>,
    ) -> (RequestParts<'a>, ServerResponse) {
        let mut parts = RequestParts::read(policy, method, fields);
        if let Some(origin) = policy.origin_to_look_up(&parts) {
            assert!(self.lookup, "the policy looks no origins up");
            parts = parts.lookup_result(lookup_result(origin.as_str()));
        }
        let response = respond(&evaluate(policy, &parts), 200, &APPLICATION_FIELDS);
        (parts, response)
    }
}

/// The names that the application exposes besides `*`, in lower case.
const APPLICATION_EXPOSES: [&str; 1] = ["x-secret"];

const APPLICATION_FIELDS: [(&str, &str); 15] = [
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
    ("access-control-expose-headers", "X-Secret, *"),
    ("access-control-max-age", "7"),
    ("access-control-allow-private-network", "true"),
];

/// Returns the response to a request: that of the decision, or that of the application with the headers of the decision.
pub fn respond(decision: &Decision<'_>, status: u16, fields: &[(&str, &str)]) -> ServerResponse {
    let (status, headers, fields): (_, &ResponseHeaders<'_>, _) = match decision {
        Decision::Respond { status, headers } => (*status, headers, &[][..]),
        Decision::Forward { headers } => (status, headers, fields),
    };
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    let mut headers_sent: Vec<(String, Vec<u8>)> = fields.iter().map(own).collect();
    apply(headers, &mut headers_sent);
    ServerResponse {
        status,
        headers: headers_sent,
    }
}

fn has(list: &[String], text: &str) -> bool {
    list.iter().any(|listed| listed == text)
}

/// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>, for the origins of the tests.
fn is_secure(origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return naive::is_opaque(origin.as_bytes());
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
