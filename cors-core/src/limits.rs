//! The bounds on what a request may bring and a policy may ask for.
//!
//! What is beyond a limit is denied as malformed, without being looked at further: Fetch sets no bounds, but no browser
//! comes near these, and a server must not do work that grows with what a stranger sends.

/// The longest `Origin` line, in bytes. A host has 253 at most, so that an origin of a browser is shorter.
pub const ORIGIN: usize = 512;

/// The longest `Access-Control-Request-Method` line, in bytes.
pub const REQUEST_METHOD: usize = 64;

/// The most `Access-Control-Request-Headers` lines. Browsers send one; intermediaries may split it.
pub const REQUEST_HEADERS_LINES: usize = 4;

/// The longest that all `Access-Control-Request-Headers` lines together may be, in bytes.
pub const REQUEST_HEADERS: usize = 4096;

/// The most empty elements in a list (`a,,b`): RFC 9110, section 5.6.1.2, has a recipient take "a reasonable number".
pub const EMPTY_ELEMENTS: usize = 16;

/// The most shapes (lengths before and behind the `*`) of patterns such as `pr-*.example.com` under one domain. Each
/// costs a look-up, in each request from a host under that domain.
pub const LABEL_SHAPES: usize = 16;

/// The longest max age, in seconds: no browser keeps the answer to a preflight for longer.
pub const MAX_AGE: u32 = 86_400;
