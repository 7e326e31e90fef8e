//! Converts the bytes of a request to the bytes of its response, without I/O.

use std::panic::{AssertUnwindSafe, catch_unwind};

use httparse::{EMPTY_HEADER, Error, Status};

use crate::cors;
use crate::target::Target;
use crate::{Request, Response, Server};

/// The maximum number of header fields of a request. This is also the default of hyper.
const FIELDS_LIMIT: usize = 100;

/// The next step after some bytes were received.
pub(crate) enum Step {
    /// The request is not complete: at least this number of bytes is needed.
    NeedsBytes(usize),
    /// The request is complete.
    Responds(Exchange),
}

/// A request and its response.
pub(crate) struct Exchange {
    /// The length of the request.
    pub(crate) received: usize,
    /// The bytes of the response.
    pub(crate) response: Vec<u8>,
    /// True if the connection is closed after the response, because the client asked for it, or because the server cannot find the
    /// beginning of the next request.
    pub(crate) closes: bool,
}

impl Exchange {
    /// Returns the response to bytes that are not a request. Their origin is not known, so the response has no CORS headers, and a
    /// page sees a network error.
    pub(crate) fn bad_request(status: u16) -> Self {
        Self {
            received: 0,
            response: Response::new(status).into_bytes(false, true),
            closes: true,
        }
    }
}

impl<A> Server<A>
where
    A: Fn(&Request<'_>) -> Response + Send + Sync + 'static,
{
    pub(crate) fn step(&self, received: &[u8]) -> Step {
        let mut headers = [EMPTY_HEADER; FIELDS_LIMIT];
        let mut head = httparse::Request::new(&mut headers);
        let head_length = match head.parse(received) {
            Ok(Status::Complete(length)) if length <= self.header_limit => length,
            Ok(Status::Partial) if received.len() <= self.header_limit => {
                return Step::NeedsBytes(received.len() + 1);
            }
            Ok(_) | Err(Error::TooManyHeaders) => {
                return Step::Responds(Exchange::bad_request(431));
            }
            Err(_) => return Step::Responds(Exchange::bad_request(400)),
        };
        let (Some(method), Some(target), Some(version)) = (head.method, head.path, head.version)
        else {
            // Unreachable: a complete head has all three.
            return Step::Responds(Exchange::bad_request(400));
        };
        let Some(target) = Target::parse(method, target) else {
            return Step::Responds(Exchange::bad_request(400));
        };
        let request = Request::new(method, target, head.headers);

        let respond_without_body = |status| {
            let respond = || Response::new(status);
            Step::Responds(self.exchange(&request, head_length, true, respond))
        };
        let body_length = match request.body_length() {
            Ok(length) => length,
            Err(status) => return respond_without_body(status),
        };
        let length = head_length + body_length;
        let Some(body) = received.get(head_length..length) else {
            if request.expects_continue() {
                // The client repeats the request without `Expect`:
                // https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
                return respond_without_body(417);
            }
            return Step::NeedsBytes(length);
        };
        let request = request.with_body(body);
        let closes = version == 0 || request.is_last();
        Step::Responds(self.exchange(&request, length, closes, || self.run(&request)))
    }

    fn exchange(
        &self,
        request: &Request<'_>,
        received: usize,
        closes: bool,
        respond: impl FnOnce() -> Response,
    ) -> Exchange {
        let policy = (self.choose_policy)(request);
        let response = cors::respond(&policy, self.lookup_origin.as_deref(), request, respond);
        Exchange {
            received,
            response: response.into_bytes(request.method() == "HEAD", closes),
            closes,
        }
    }

    /// Runs the application. If it panics, returns a response with status 500, which gets the CORS headers as well.
    fn run(&self, request: &Request<'_>) -> Response {
        catch_unwind(AssertUnwindSafe(|| (self.application)(request)))
            .unwrap_or_else(|_| Response::text(500, "the application panicked\n"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use omnicors_core::{Guard, PolicyConfig};

    use super::*;

    fn policy() -> PolicyConfig {
        PolicyConfig::new().allow_origins(["https://a.test"])
    }

    /// Returns the response, and whether the connection is closed after it.
    fn response(request: &str) -> (String, bool) {
        response_with(policy(), request)
    }

    fn response_with(config: PolicyConfig, request: &str) -> (String, bool) {
        let policy = Arc::new(config.build().unwrap());
        let server = Server::new(policy, |request| match request.path() {
            "/panic" => panic!("on purpose"),
            _ => Response::text(200, "hello")
                .header("Vary", "accept, origin")
                .header("Access-Control-Allow-Origin", "*")
                .header("x-split", "a\r\nset-cookie: b"),
        });
        match server.step(request.as_bytes()) {
            Step::NeedsBytes(length) => (format!("needs {length}"), false),
            Step::Responds(exchange) => {
                let text = String::from_utf8(exchange.response).unwrap();
                (text, exchange.closes)
            }
        }
    }

    fn status(request: &str) -> String {
        status_with(policy(), request)
    }

    fn status_with(config: PolicyConfig, request: &str) -> String {
        let (text, _) = response_with(config, request);
        text.split(' ').nth(1).unwrap().to_owned()
    }

    #[test]
    fn the_policy_is_the_authority_and_vary_is_merged() {
        let (text, closes) = response("GET / HTTP/1.1\r\nOrigin: https://a.test\r\n\r\n");
        assert_eq!(
            text,
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nVary: accept, origin\r\n\
             access-control-allow-origin: https://a.test\r\ncontent-length: 5\r\n\r\nhello"
        );
        assert!(!closes);
    }

    #[test]
    fn every_response_to_a_request_has_the_cors_headers() {
        let with = |start: &str, more: &str| {
            response(&format!("{start}\r\norigin: https://a.test\r\n{more}\r\n")).0
        };
        for (text, status) in [
            (with("GET /panic HTTP/1.1", ""), "500"),
            (with("POST / HTTP/1.1", "content-length: 100000\r\n"), "413"),
            (
                with("POST / HTTP/1.1", "transfer-encoding: chunked\r\n"),
                "501",
            ),
            (
                with(
                    "POST / HTTP/1.1",
                    "content-length: 9\r\nexpect: 100-continue\r\n",
                ),
                "417",
            ),
        ] {
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
            assert!(
                text.contains("access-control-allow-origin: https://a.test\r\n"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_response_to_a_preflight_has_no_body() {
        let (text, _) = response(
            "OPTIONS / HTTP/1.1\r\norigin: https://a.test\r\naccess-control-request-method: PUT\r\n\r\n",
        );
        assert!(text.starts_with("HTTP/1.1 204 No Content\r\naccess-control-allow-origin: "));
        assert!(text.ends_with("vary: Origin\r\n\r\n") && !text.contains("content-length"));
    }

    #[test]
    fn the_response_to_head_has_a_length_and_no_body() {
        let (text, _) = response("HEAD / HTTP/1.1\r\n\r\n");
        assert!(text.ends_with("content-length: 5\r\n\r\n"), "{text}");
    }

    #[test]
    fn malformed_and_too_long_requests_get_an_error_status() {
        assert_eq!(status("GET / HTTP/1.1\r\nno line\r\n\r\n"), "400");
        assert_eq!(status("\u{16}\u{3}\u{1}"), "400");
        for lengths in ["+1", "", "1, 1", "1\r\ncontent-length: 2"] {
            assert_eq!(
                status(&format!(
                    "POST / HTTP/1.1\r\ncontent-length: {lengths}\r\n\r\nab"
                )),
                "400"
            );
        }
        let long = "a".repeat(100_000);
        assert_eq!(
            status(&format!("GET / HTTP/1.1\r\norigin: {long}\r\n\r\n")),
            "431"
        );
        assert_eq!(status(&format!("GET / HTTP/1.1\r\norigin: {long}")), "431");
        assert_eq!(
            status(&format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101))),
            "431"
        );
        assert_eq!(
            status(&format!(
                "POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n",
                "9".repeat(99)
            )),
            "413"
        );
    }

    #[test]
    fn an_absolute_target_has_a_path_and_an_invalid_target_gets_400() {
        assert_eq!(status("GET http://api.test/panic HTTP/1.1\r\n\r\n"), "500");
        assert_eq!(status("GET http://api.test HTTP/1.1\r\n\r\n"), "200");
        assert_eq!(status("GET api.test HTTP/1.1\r\n\r\n"), "400");
        assert_eq!(status("GET * HTTP/1.1\r\n\r\n"), "400");
    }

    /// A contradictory host gets 421, as over HTTP/2.
    #[test]
    fn a_request_whose_target_or_host_is_not_served_does_not_run() {
        for (target, host, expected) in [
            ("GET /", "Host: api.test\r\n", "200"),
            ("GET http://api.test/", "Host: api.test\r\n", "200"),
            ("GET HTTP://API.test?a", "Host: api.test\r\n", "200"),
            ("GET http://api.test/", "", "200"),
            ("CONNECT api.test:443", "Host: api.test:443\r\n", "200"),
            ("GET /", "Host: evil.test\r\n", "421"),
            ("GET http://evil.test/", "Host: api.test\r\n", "421"),
            (
                "GET http://api.test@evil.test/",
                "Host: api.test\r\n",
                "421",
            ),
            ("GET http://api.test/", "Host: evil.test\r\n", "421"),
            ("GET http://evil.test/", "", "421"),
            ("CONNECT evil.test:443", "Host: api.test:443\r\n", "421"),
        ] {
            let request = format!("{target} HTTP/1.1\r\n{host}\r\n");
            let status = status_with(policy().allow_hosts(["api.test"]), &request);
            assert_eq!(status, expected, "{request}");
        }
    }

    #[test]
    fn a_page_of_another_host_than_that_of_the_target_is_cross_origin() {
        for (target, expected) in [
            ("/", "200"),
            ("http://api.test/", "200"),
            ("http://evil.test/", "403"),
        ] {
            let request = format!(
                "POST {target} HTTP/1.1\r\nHost: api.test\r\nOrigin: http://api.test\r\n\r\n"
            );
            let status = status_with(policy().guard(Guard::UnsafeMethods), &request);
            assert_eq!(status, expected, "{target}");
        }
    }

    #[test]
    fn an_incomplete_request_needs_more_bytes() {
        assert_eq!(response("GET / HT").0, "needs 9");
        assert_eq!(
            response("POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nab").0,
            "needs 47"
        );
    }

    #[test]
    fn the_connection_is_closed_for_http_1_0_and_on_request() {
        assert!(response("GET / HTTP/1.0\r\n\r\n").1);
        assert!(response("GET / HTTP/1.1\r\nconnection: x, Close\r\n\r\n").1);
    }
}
