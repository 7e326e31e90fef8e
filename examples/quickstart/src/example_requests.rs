//! Requests that show the effect of a policy. They are derived from the policy.

use std::iter;

use omnicors_core::adapter::prepared_values;
use omnicors_core::{Origin, Policy, ResponseHeaderName};

pub(crate) struct ExampleRequest {
    pub(crate) description: String,
    method: &'static str,
    fields: Vec<(&'static str, String)>,
}

pub(crate) fn example_requests(policy: &Policy) -> Vec<ExampleRequest> {
    let allowed = allowed_origin(policy);
    // If the policy has `*`, a name that it matches.
    let methods = listed(policy, ResponseHeaderName::AccessControlAllowMethods, "PUT");
    let headers = listed(
        policy,
        ResponseHeaderName::AccessControlAllowHeaders,
        "x-any",
    );
    // A method that needs a preflight, if there is one.
    let method = methods
        .iter()
        .copied()
        .find(|method| !["GET", "HEAD", "POST"].contains(method))
        .unwrap_or("POST");
    let header = headers.first().copied();
    let with_header = header.map_or_else(String::new, |name| format!(" with {name}"));
    let other_method = ["PATCH", "DELETE", "PUT"]
        .into_iter()
        .find(|method| !methods.contains(method))
        .unwrap_or("REPORT");

    vec![
        ExampleRequest::new("GET", format!("A page of {allowed} sends a GET.")).from(&allowed),
        ExampleRequest::new("GET", "A page of another site sends a GET.")
            .from("https://other.test"),
        ExampleRequest::new("GET", "A page of a site with a similar name sends a GET.")
            .from(&similar_origin(&allowed)),
        ExampleRequest::new(
            "GET",
            "A page in a sandboxed frame sends a GET. Its origin is `null`.",
        )
        .from("null"),
        ExampleRequest::new(
            "OPTIONS",
            format!("The preflight before a page of {allowed} sends a {method}{with_header}."),
        )
        .from(&allowed)
        .preflight(method, header),
        ExampleRequest::new(
            "OPTIONS",
            format!("The preflight before a {other_method}, which the policy does not list."),
        )
        .from(&allowed)
        .preflight(other_method, None),
        ExampleRequest::new(
            "OPTIONS",
            format!("The preflight before a {method} with x-other."),
        )
        .from(&allowed)
        .preflight(method, Some("x-other")),
        ExampleRequest::new(
            "OPTIONS",
            "The page sends an OPTIONS request itself. This is not a preflight.",
        )
        .from(&allowed),
        ExampleRequest::new(
            "GET",
            "A request without Origin: a link, a program, or another server.",
        ),
    ]
}

impl ExampleRequest {
    fn new(method: &'static str, description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            method,
            fields: Vec::new(),
        }
    }

    fn from(mut self, origin: &str) -> Self {
        self.fields.push(("Origin", origin.to_owned()));
        self
    }

    /// Makes this the preflight for a method and a header.
    fn preflight(mut self, method: &str, header: Option<&str>) -> Self {
        self.fields
            .push(("Access-Control-Request-Method", method.to_owned()));
        if let Some(header) = header {
            self.fields
                .push(("Access-Control-Request-Headers", header.to_owned()));
        }
        self
    }

    /// Returns the header fields that the library reads.
    pub(crate) fn fields<'a>(&'a self, host: &'a str) -> Vec<(&'a str, &'a str)> {
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        fields.chain(iter::once(("Host", host))).collect()
    }

    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the curl command that sends the request.
    pub(crate) fn curl(&self, host: &str) -> String {
        let method = match self.method {
            "GET" => String::new(),
            method => format!(" -X {method}"),
        };
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| format!(" -H '{name}: {value}'"));
        format!(
            "curl -i{method} http://{host}/items{}",
            fields.collect::<String>()
        )
    }
}

/// Returns an origin that matches the first pattern of the policy, or an arbitrary one if the policy has no patterns.
fn allowed_origin(policy: &Policy) -> String {
    let pattern = policy
        .origins()
        .and_then(|origins| origins.patterns().find(|pattern| *pattern != "null"))
        .unwrap_or("https://example.com");
    // Replaces wildcards by text that they match.
    pattern
        .replace("//*.", "//app.")
        .replace(":*", ":3000")
        .replace('*', "1")
}

fn similar_origin(origin: &str) -> String {
    Origin::parse(origin.as_bytes()).map_or_else(
        |_| origin.to_owned(),
        |origin| {
            format!(
                "{}://{}.evil.test",
                origin.scheme(),
                origin.host().unwrap_or(origin.authority())
            )
        },
    )
}

/// Returns the names in a field of the policy's preflight response. `*` becomes `any`.
fn listed<'a>(policy: &'a Policy, header: ResponseHeaderName, any: &'a str) -> Vec<&'a str> {
    prepared_values(policy)
        .filter(|(name, _)| *name == header)
        .flat_map(|(_, text)| text.split(", "))
        .map(|name| if name == "*" { any } else { name })
        .collect()
}
