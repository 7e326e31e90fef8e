//! What every application does.

/// The fields of a response with items.
pub(crate) const FIELDS: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("x-total", "3"),
    ("x-request-id", "7"),
    ("cache-control", "no-store"),
];

/// The body of a response with items.
pub(crate) const ITEMS: &str = "[1, 2, 3]";

/// The methods that the right policy allows.
pub(crate) const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

/// The headers that the right policy allows.
pub(crate) const HEADERS: [&str; 3] = ["authorization", "content-type", "x-trace"];

/// The header that the right policy exposes.
pub(crate) const EXPOSED: &str = "x-total";

/// The number of seconds for which the right policy lets a browser store a preflight.
pub(crate) const MAX_AGE: u32 = 60;

/// Returns true if a request with this `Authorization` may not have this path.
pub(crate) fn needs_login(path: &str, authorization: Option<&[u8]>) -> bool {
    path == "/private" && authorization != Some(b"Bearer 1")
}

/// Returns the status of a response with items.
pub(crate) fn status(method: &str) -> u16 {
    if method == "POST" { 201 } else { 200 }
}

/// Returns the target of a redirect.
pub(crate) fn location(query: &str) -> String {
    format!("/items?{query}")
}
