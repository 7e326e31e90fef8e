//! The settings of a policy file. `PolicyConfig` reads values of any type, so that each mistake is a fault. The schema accepts the same
//! values without a fault of type.

use omnicors_core::Setting;
use serde_json::{Value, json};

/// Returns the schema of a setting, or `None` if files cannot have it.
pub(super) fn property(setting: Setting) -> Option<Value> {
    let (kind, description) = described(setting)?;
    let mut property = match kind {
        Kind::List(examples) => json!({
            "anyOf": [
                { "type": "array", "items": { "type": "string" } },
                { "type": "string", "description": "The items, with commas or spaces between them." },
            ],
            "default": [],
            "examples": [examples],
        }),
        Kind::Expressions => json!({
            "anyOf": [
                { "type": "array", "items": { "type": "string" } },
                { "type": "string", "description": "One regular expression." },
            ],
            "default": [],
            "examples": [["https://.+\\.example\\.com"]],
        }),
        Kind::Path => json!({ "type": "string", "examples": ["origins.txt"] }),
        Kind::Flag => json!({
            "anyOf": [
                { "type": "boolean" },
                { "type": "string", "pattern": "^\\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\\s*$" },
            ],
            "default": false,
        }),
        Kind::MaxAge => json!({
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": omnicors_core::limits::MAX_AGE },
                { "type": "string", "pattern": "^\\s*([0-9]+|[Nn][Oo][Nn][Ee])\\s*$" },
            ],
            "default": 600,
        }),
        Kind::Status => json!({
            "anyOf": [
                { "type": "integer", "minimum": 200, "maximum": 299 },
                { "type": "string", "pattern": "^\\s*[+]?0*2[0-9][0-9]\\s*$" },
            ],
            "default": 204,
        }),
        Kind::Guard => json!({
            "anyOf": [
                { "enum": ["off", "unsafe-methods", "all"] },
                { "type": "string", "pattern": "^\\s*(off|unsafe-methods|all)\\s*$" },
            ],
            "default": "off",
        }),
    };
    if let Value::Object(map) = &mut property {
        map.insert("description".to_owned(), description.into());
    }
    Some(property)
}

/// The values of a setting.
enum Kind {
    /// A list, with an example.
    List(&'static [&'static str]),
    Expressions,
    Path,
    Flag,
    MaxAge,
    Status,
    Guard,
}

#[expect(clippy::too_many_lines, reason = "a description for each setting")]
fn described(setting: Setting) -> Option<(Kind, &'static str)> {
    Some(match setting {
        Setting::AllowOrigins => (
            Kind::List(&["https://example.com", "https://*.example.com"]),
            "The origins (scheme, host, port) whose pages may read responses. `https://*.example.com` allows all subdomains, \
             `https://preview-*.example.com` a part of a label, and `http://localhost:*` any port. `*` alone allows any origin.",
        ),
        Setting::AllowOriginsFrom => (
            Kind::Path,
            "The path of a list of more origins, one per line, relative to the policy file.",
        ),
        Setting::AllowOriginRegexes => (
            Kind::Expressions,
            "Regular expressions for origins. Each must match a whole origin.",
        ),
        Setting::LookupOrigins => (
            Kind::Flag,
            "Lets the program decide about all other origins, for example with a database.",
        ),
        Setting::StaticOrigin => (
            Kind::Flag,
            "Sends the single origin of `allow_origins` with every response, without `Vary`, for caches that do not store responses \
             with `Vary`. Only for exactly one origin that never changes.",
        ),
        Setting::AllowCredentials => (
            Kind::Flag,
            "Lets pages send requests with cookies and other credentials, and read the responses.",
        ),
        Setting::AllowOthersWithoutCredentials => (
            Kind::Flag,
            "Lets the pages of all other origins read responses as well, without credentials.",
        ),
        Setting::AllowMethods => (
            Kind::List(&["PUT", "PATCH", "DELETE"]),
            "The allowed methods, in upper case. `GET`, `HEAD` and `POST` are always allowed. `*` allows any method.",
        ),
        Setting::AllowHeaders => (
            Kind::List(&["content-type", "authorization"]),
            "The request headers that a page may set. List `content-type` if pages send JSON. `*` allows any header, but without \
             credentials not `authorization`.",
        ),
        Setting::ExposeHeaders => (
            Kind::List(&["etag", "x-request-id"]),
            "The response headers that a page may read, in addition to the safelisted ones. `*` exposes any header, and works only \
             without credentials.",
        ),
        Setting::MergeExposeHeaders => (
            Kind::Flag,
            "Keeps the names that the application itself sends in `Access-Control-Expose-Headers`.",
        ),
        Setting::MaxAge => (
            Kind::MaxAge,
            "The number of seconds for which a browser may keep the response to a preflight, up to 86400, or `none` to send no \
             `Access-Control-Max-Age`.",
        ),
        Setting::TimingAllowOrigin => (
            Kind::Flag,
            "Lets pages see the detailed timing of their requests (`Timing-Allow-Origin`).",
        ),
        Setting::AllowPrivateNetwork => (
            Kind::Flag,
            "Allows requests from public pages to a private network, for browsers that send \
             `Access-Control-Request-Private-Network`.",
        ),
        Setting::PreflightStatus => (
            Kind::Status,
            "The status of the response to an allowed preflight, from 200 to 299.",
        ),
        Setting::ForwardPreflights => (
            Kind::Flag,
            "Forwards preflights to the application, and sets the headers on its response.",
        ),
        Setting::Guard => (
            Kind::Guard,
            "Whose requests are run: `off`, or a 403 for requests of pages whose origin is not listed, if they have a method other than \
             GET, HEAD and OPTIONS or open a WebSocket (`unsafe-methods`), and for their other CORS requests as well (`all`).",
        ),
        Setting::GuardReportOnly => (
            Kind::Flag,
            "Runs the application for requests that the guard would reject, and only reports them.",
        ),
        Setting::AllowNavigationsFrom => (
            Kind::List(&["https://login.example.com"]),
            "The origins that may send a form or another navigation in spite of the guard, without being allowed to read responses: an \
             identity provider, for example.",
        ),
        Setting::AllowHosts => (
            Kind::List(&["api.example.com", "localhost:3000"]),
            "The values of `Host` that are served; other requests get a 421. An entry without a port allows any port. This protects a \
             server on localhost from DNS rebinding.",
        ),
        Setting::DangerouslyAllowOpaqueOrigins => (
            Kind::Flag,
            "Permits `null` and `file://` in `allow_origins`. Any site can create a page with the origin `null`.",
        ),
        Setting::DangerouslyAllowAnyOriginWithCredentials => (
            Kind::Flag,
            "Permits any origin with credentials: any site can then read everything that its visitors can read here. With a guard, it \
             also permits patterns and expressions that match any site: requests of any site then pass the guard.",
        ),
        Setting::DangerouslyAllowInsecureOrigins => (
            Kind::Flag,
            "Permits origins without https with credentials, and in `allow_navigations_from`: anyone who controls a visitor's network can \
             impersonate them.",
        ),
        Setting::DangerouslyAllowPublicSuffixSubdomains => (
            Kind::Flag,
            "Permits wildcards under a public suffix, such as `https://*.co.uk`, with credentials or a guard, and in \
             `allow_navigations_from`: anyone can register a name there.",
        ),
        // `allow_origins_if` and `allow_origins_in` can only be set in code. A test checks that no other setting is missing.
        _ => return None,
    })
}
