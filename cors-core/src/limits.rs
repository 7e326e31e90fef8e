//! The limits on what is read of a request and on what a policy may contain.
//!
//! Fetch sets none, but no browser comes near these, and a server must not do work that grows with what a stranger sends.
//! An `Origin` beyond the limit is denied as malformed; of the other fields, nothing is echoed.

/// The longest `Origin` value, in bytes.
pub const ORIGIN: usize = 512;

/// The longest `Access-Control-Request-Method` value that is echoed, in bytes.
pub const REQUEST_METHOD: usize = 64;

/// The most `Access-Control-Request-Headers` fields that are echoed. Browsers send one; some gateways split it, one name per
/// field.
pub const REQUEST_HEADERS_FIELDS: usize = 64;

/// The most bytes of all `Access-Control-Request-Headers` values together that are echoed.
pub const REQUEST_HEADERS: usize = 16 * 1024;

/// The most bytes of all values of the application's `Access-Control-Expose-Headers` together that are merged.
pub const APPLICATION_EXPOSE_HEADERS: usize = 16 * 1024;

/// The most exact origins that `Timing-Allow-Origin` lists in the response to a request without `Origin`.
pub const TIMING_ORIGINS: usize = 8;

/// The most shapes (lengths before and after the `*`) of patterns such as `pr-*.example.com` under one domain. Each
/// costs a lookup, in each request from a host with one label in front of that domain.
pub const LABEL_SHAPES: usize = 16;

/// With credentials, the most hosts in which a regular expression may end. A part such as `\d` counts as ten, and one for
/// which more than 20 characters can stand (`[a-z]`, `.`) is not a host that is written out.
pub const REGEX_HOSTS: usize = 250;

/// The longest max age, in seconds: no browser keeps the response to a preflight for longer.
pub const MAX_AGE: u32 = 86_400;

/// Returns true if so many `Access-Control-Request-Headers` fields, of so many bytes together, are not echoed.
pub(crate) fn exceeds_request_headers(fields: usize, bytes: usize) -> bool {
    fields > REQUEST_HEADERS_FIELDS || bytes > REQUEST_HEADERS
}
