//! The requests that pages make to each server.

use omnicors_browser::Credentials;

/// A page that makes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    /// The page whose origin the server is meant to allow.
    Allowed,
    /// A page of another site.
    Foreign,
    /// A page whose host ends like the allowed one.
    EndsAlike,
    /// A page whose host begins like the allowed one.
    BeginsAlike,
    /// A page of the allowed host, on another port.
    OtherPort,
    /// A sandboxed frame, whose origin is `null`.
    Sandboxed,
}

impl From {
    /// All pages.
    pub const ALL: [Self; 6] = [
        Self::Allowed,
        Self::Foreign,
        Self::EndsAlike,
        Self::BeginsAlike,
        Self::OtherPort,
        Self::Sandboxed,
    ];

    /// Returns the host of the page.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Allowed | Self::OtherPort | Self::Sandboxed => "app.localhost",
            Self::Foreign => "foreign.localhost",
            Self::EndsAlike => "notapp.localhost",
            Self::BeginsAlike => "app.localhost.foreign.localhost",
        }
    }
}

/// A request of a page.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// A unique sentence.
    pub name: &'static str,
    /// The page.
    pub from: From,
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// The headers that the page sets.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body, if there is one.
    pub body: Option<&'static str>,
    /// The credentials mode: `same-origin`, the default, or `include`.
    pub credentials: Credentials,
}

const fn get(name: &'static str, from: From, path: &'static str) -> PageRequest {
    PageRequest {
        name,
        from,
        method: "GET",
        path,
        headers: &[],
        body: None,
        credentials: Credentials::SameOrigin,
    }
}

impl PageRequest {
    const fn credentials(self) -> Self {
        let credentials = Credentials::Include;
        Self {
            credentials,
            ..self
        }
    }

    const fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    const fn body(self, body: &'static str) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }
}

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
const LOGIN: &[(&str, &str)] = &[("Authorization", "Bearer 1")];

/// All requests.
pub const ALL: [PageRequest; 26] = [
    get("the allowed page reads", From::Allowed, "/items"),
    get("a foreign page reads", From::Foreign, "/items"),
    get(
        "a page whose host ends alike reads",
        From::EndsAlike,
        "/items",
    ),
    get(
        "a page whose host begins alike reads",
        From::BeginsAlike,
        "/items",
    ),
    get("a page on another port reads", From::OtherPort, "/items"),
    get("a sandboxed frame reads", From::Sandboxed, "/items"),
    get(
        "the allowed page reads with credentials",
        From::Allowed,
        "/items",
    )
    .credentials(),
    get(
        "a foreign page reads with credentials",
        From::Foreign,
        "/items",
    )
    .credentials(),
    get(
        "a page whose host ends alike reads with credentials",
        From::EndsAlike,
        "/items",
    )
    .credentials(),
    get(
        "a page whose host begins alike reads with credentials",
        From::BeginsAlike,
        "/items",
    )
    .credentials(),
    get(
        "a sandboxed frame reads with credentials",
        From::Sandboxed,
        "/items",
    )
    .credentials(),
    get("text is sent", From::Allowed, "/items")
        .method("POST")
        .headers(&[("Content-Type", "text/plain")])
        .body("4"),
    get("JSON is sent", From::Allowed, "/items")
        .method("POST")
        .headers(JSON)
        .body("[4]"),
    get("a foreign page sends JSON", From::Foreign, "/items")
        .method("POST")
        .headers(JSON)
        .body("[4]"),
    get(
        "an item is replaced with credentials",
        From::Allowed,
        "/items",
    )
    .method("PUT")
    .headers(JSON)
    .body("[4]")
    .credentials(),
    get(
        "a foreign page replaces an item with credentials",
        From::Foreign,
        "/items",
    )
    .method("PUT")
    .headers(JSON)
    .body("[4]")
    .credentials(),
    get("an item is deleted", From::Allowed, "/items").method("DELETE"),
    get("the allowed page uses PATCH", From::Allowed, "/items")
        .method("PATCH")
        .body("[4]"),
    get("the header X-Trace is sent", From::Allowed, "/items").headers(&[("X-Trace", "1")]),
    get("the header X-Other is sent", From::Allowed, "/items").headers(&[("X-Other", "1")]),
    get("a path is not found", From::Allowed, "/missing"),
    get("the application fails", From::Allowed, "/fails"),
    get("a request is redirected", From::Allowed, "/redirect"),
    get("a login is missing", From::Allowed, "/private"),
    get("a login is sent", From::Allowed, "/private").headers(LOGIN),
    get("a foreign page sends a login", From::Foreign, "/private").headers(LOGIN),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_request_has_a_name_of_its_own() {
        let names: BTreeSet<_> = ALL.iter().map(|request| request.name).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn each_page_makes_requests() {
        let pages: BTreeSet<_> = ALL.iter().map(|request| request.from).collect();
        assert!(pages.into_iter().eq(From::ALL));
    }
}
