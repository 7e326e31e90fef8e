//! The causes of failures that have nothing to do with CORS.

/// Returns the cause of a failure, from the browser's name of the error.
///
/// The names are Chromium's [net errors](https://chromium.googlesource.com/chromium/src/+/HEAD/net/base/net_error_list.h).
pub(super) fn cause(error: Option<&str>) -> String {
    let Some(error) = error else {
        return "there is no response: the server could not be reached, or the browser, an extension or the Content Security Policy of the page stopped the request".to_owned();
    };
    let text = match error.strip_prefix("net::").unwrap_or(error) {
        "" => {
            return "the browser did not send it: an extension, the Content Security Policy of the page, or a rule of the browser blocked it"
                .to_owned();
        }
        "ERR_BLOCKED_BY_CLIENT" | "ERR_BLOCKED_BY_ADMINISTRATOR" => {
            "an extension, such as an ad blocker, or a setting of the browser blocked it"
        }
        "ERR_BLOCKED_BY_CSP" => "the Content Security Policy of the page blocked it",
        "ERR_BLOCKED_BY_ORB" => "the response is not of the kind that the element can load",
        "ERR_BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS"
        | "ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS" => {
            "the browser did not allow the page to reach a local address"
        }
        "ERR_ABORTED" => "the page or the user cancelled it",
        "ERR_CONNECTION_REFUSED" => "nothing listens at this address",
        "ERR_NAME_NOT_RESOLVED" => "the host name was not found",
        "ERR_EMPTY_RESPONSE" | "ERR_CONNECTION_CLOSED" | "ERR_CONNECTION_RESET" => {
            "the server closed the connection without a response"
        }
        "ERR_TIMED_OUT" | "ERR_CONNECTION_TIMED_OUT" => "the server did not respond in time",
        "ERR_INTERNET_DISCONNECTED" | "ERR_NETWORK_CHANGED" | "ERR_ADDRESS_UNREACHABLE" => {
            "the network was not available"
        }
        "ERR_TOO_MANY_REDIRECTS" => "there were too many redirects",
        "ERR_UNSAFE_PORT" => "browsers do not connect to this port",
        other if other.starts_with("ERR_BLOCKED_BY_RESPONSE") => {
            "`Cross-Origin-Resource-Policy` or `Cross-Origin-Embedder-Policy` blocked the response"
        }
        other if other.starts_with("ERR_CERT_") || other.starts_with("ERR_SSL_") => {
            "the TLS connection failed"
        }
        _ => return error.to_owned(),
    };
    format!("{text} ({error})")
}
