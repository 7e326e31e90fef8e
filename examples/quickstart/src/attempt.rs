//! Requests that show what a policy does, made to fit the policy that is in force.

use std::iter;

use omnicors_core::adapter::prepared_values;
use omnicors_core::{Origin, Policy, ResponseHeaderName};

/// A request to try.
pub(crate) struct Attempt {
    pub(crate) what: String,
    method: &'static str,
    lines: Vec<(&'static str, String)>,
}

pub(crate) fn attempts(policy: &Policy) -> Vec<Attempt> {
    let ours = allowed_origin(policy);
    // For `*`, something that it stands for.
    let methods = listed(policy, ResponseHeaderName::AccessControlAllowMethods, "PUT");
    let headers = listed(
        policy,
        ResponseHeaderName::AccessControlAllowHeaders,
        "x-any",
    );
    let method = methods.first().copied().unwrap_or("POST");
    let header = headers.first().copied();
    let with_header = header.map_or_else(String::new, |name| format!(", with {name}"));
    let other_method = ["PATCH", "DELETE", "PUT"]
        .into_iter()
        .find(|method| !methods.contains(method))
        .unwrap_or("REPORT");

    vec![
        Attempt::new("GET", format!("A page of {ours} reads.")).from(&ours),
        Attempt::new("GET", "A page of another site.").from("https://other.test"),
        Attempt::new("GET", "A page of a site that only looks alike.").from(&look_alike(&ours)),
        Attempt::new(
            "GET",
            "A page without an origin of its own, in a sandboxed frame.",
        )
        .from("null"),
        Attempt::new(
            "OPTIONS",
            format!(
                "A page of {ours} wants to {method}{with_header}: its browser asks first, by a preflight."
            ),
        )
        .from(&ours)
        .asking(method, header),
        Attempt::new("OPTIONS", format!("It wants to {other_method}."))
            .from(&ours)
            .asking(other_method, None),
        Attempt::new("OPTIONS", format!("It wants to {method}, with x-other."))
            .from(&ours)
            .asking(method, Some("x-other")),
        Attempt::new("OPTIONS", "It sends an OPTIONS of its own: no preflight.").from(&ours),
        Attempt::new(
            "GET",
            "No Origin: a link that is followed, a program, another server.",
        ),
    ]
}

impl Attempt {
    fn new(method: &'static str, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            method,
            lines: Vec::new(),
        }
    }

    fn from(mut self, origin: &str) -> Self {
        self.lines.push(("Origin", origin.to_owned()));
        self
    }

    fn asking(mut self, method: &str, header: Option<&str>) -> Self {
        self.lines
            .push(("Access-Control-Request-Method", method.to_owned()));
        if let Some(header) = header {
            self.lines
                .push(("Access-Control-Request-Headers", header.to_owned()));
        }
        self
    }

    /// What the library sees of it.
    pub(crate) fn fields<'a>(&'a self, host: &'a str) -> Vec<(&'a str, &'a str)> {
        let fields = self
            .lines
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        fields.chain(iter::once(("Host", host))).collect()
    }

    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    /// How to send it.
    pub(crate) fn curl(&self, host: &str) -> String {
        let method = match self.method {
            "GET" => String::new(),
            method => format!(" -X {method}"),
        };
        let lines = self
            .lines
            .iter()
            .map(|(name, value)| format!(" -H '{name}: {value}'"));
        format!(
            "curl -i{method} http://{host}/items{}",
            lines.collect::<String>()
        )
    }
}

/// An origin that the policy allows, unless it is left to something else than a list.
fn allowed_origin(policy: &Policy) -> String {
    let pattern = policy
        .origins()
        .and_then(|origins| origins.patterns().find(|pattern| *pattern != "null"))
        .unwrap_or("https://example.com");
    // For a wildcard, something that it stands for.
    pattern
        .replace("//*.", "//app.")
        .replace(":*", ":3000")
        .replace('*', "1")
}

fn look_alike(origin: &str) -> String {
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

/// The names that the policy lists, as it will send them.
fn listed<'a>(policy: &'a Policy, header: ResponseHeaderName, any: &'a str) -> Vec<&'a str> {
    prepared_values(policy)
        .filter(|(name, _)| *name == header)
        .flat_map(|(_, text)| text.split(", "))
        .map(|name| if name == "*" { any } else { name })
        .collect()
}
