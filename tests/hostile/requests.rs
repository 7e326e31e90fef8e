//! Hostile bytes, most of which are not a valid request.

/// The bytes to send on a connection.
pub(crate) struct HostileRequest {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    /// Text that must not be in a field of the response, in lower case.
    pub(crate) marks: Vec<Vec<u8>>,
}

/// The expected reaction of a server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The server responds or closes the connection.
    Complete,
    /// The server may wait for more, until the client closes its side.
    Incomplete,
    /// The same, and the server may respond in HTTP/2.
    Http2,
}

/// A part of each request that a careless server would echo.
const MARK: &[u8] = b"hostile";

const ORIGIN: &str = "Origin: https://hostile.test\r\n";

/// Returns all requests.
pub(crate) fn all() -> Vec<HostileRequest> {
    let mut all = Vec::new();
    for group in [
        header_fields,
        preflight_fields,
        hosts,
        framing,
        request_lines,
        not_http,
    ] {
        for (name, bytes, kind) in group() {
            all.push(HostileRequest {
                name: name.to_owned(),
                bytes,
                kind,
                marks: vec![MARK.to_vec()],
            });
        }
    }
    all
}

type Named = (&'static str, Vec<u8>, Kind);

fn complete(name: &'static str, bytes: impl Into<Vec<u8>>) -> Named {
    (name, bytes.into(), Kind::Complete)
}

fn incomplete(name: &'static str, bytes: impl Into<Vec<u8>>) -> Named {
    (name, bytes.into(), Kind::Incomplete)
}

/// Returns a GET with these field lines, each with its line end.
fn get(fields: &[&[u8]]) -> Vec<u8> {
    let head: &[u8] = b"GET / HTTP/1.1\r\nHost: api.test\r\n";
    [&[head], fields, &[b"\r\n"]].concat().concat()
}

fn preflight(fields: &[&[u8]]) -> Vec<u8> {
    let head: &[u8] = b"OPTIONS / HTTP/1.1\r\nHost: api.test\r\nOrigin: https://example.com\r\n";
    [&[head], fields, &[b"\r\n"]].concat().concat()
}

fn many(part: &str, count: usize) -> Vec<u8> {
    part.repeat(count).into_bytes()
}

/// Returns a field line with a value of this length.
fn long(name: &str, length: usize) -> Vec<u8> {
    [name.as_bytes(), &many("hostile.", length / 8), b"\r\n"].concat()
}

fn header_fields() -> Vec<Named> {
    let fields: [(&str, &[u8]); 11] = [
        ("NUL in a value", b"Origin: https://hostile\0.example.com"),
        ("NUL in a name", b"X-Hos\0tile: hostile"),
        (
            "every control byte in a value",
            b"Origin: hostile\x01\x02\x07\x08\x0B\x0C\x1F\x7F",
        ),
        (
            "CR alone within a value",
            b"Origin: https://example.com\rX-Hostile: 1",
        ),
        (
            "a folded field line",
            b"Origin: https://example.com\r\n .hostile.test",
        ),
        ("space before the colon", b"Origin : https://hostile.test"),
        ("no name", b": https://hostile.test"),
        ("no colon", b"Origin https://hostile.test"),
        (
            "a name that is not ASCII",
            b"Or\xFFgin: https://hostile.test",
        ),
        (
            "an Origin that is not UTF-8",
            b"Origin: hostile\x80\xFE\xFF",
        ),
        (
            "the fields that control the application",
            b"Access-Control-Allow-Origin: https://hostile.test\r\nVary: hostile",
        ),
    ];
    let long = [
        ("an Origin of 64 kB", long("Origin: https://", 65_536)),
        (
            "an Origin slightly over the limit",
            long("Origin: https://", 520),
        ),
        ("another field of 64 kB", long("X-Hostile: ", 65_536)),
        ("10 000 fields", many("X-Hostile: 1\r\n", 10_000)),
        ("90 Origin fields", many(ORIGIN, 90)),
        (
            "two Origin fields of 100 kB",
            [
                long("Origin: https://", 100_000),
                long("origin: https://", 100_000),
            ]
            .concat(),
        ),
    ];
    let elsewhere = [
        complete(
            "a line that ends with LF alone",
            get(&[b"Origin: https://hostile.test\nX-Hostile: 1\n"]),
        ),
        complete(
            "LF alone throughout",
            b"GET / HTTP/1.1\nHost: api.test\nOrigin: https://hostile.test\n\n",
        ),
        complete(
            "a folded first field line",
            b"GET / HTTP/1.1\r\n Origin: https://hostile.test\r\nHost: api.test\r\n\r\n",
        ),
    ];
    let fields = fields.map(|(name, line)| complete(name, get(&[line, b"\r\n"])));
    let long = long.map(|(name, fields)| complete(name, get(&[&fields])));
    fields.into_iter().chain(long).chain(elsewhere).collect()
}

fn preflight_fields() -> Vec<Named> {
    let put: &[u8] = b"Access-Control-Request-Method: PUT\r\n";
    let names = |name, asked_for: &[u8]| {
        let line = [b"Access-Control-Request-Headers: ", asked_for, b"\r\n"].concat();
        complete(name, preflight(&[put, &line]))
    };
    vec![
        names(
            "100 kB of requested headers",
            &[&many("hostile,", 12_500)[..], b"a"].concat(),
        ),
        names(
            "17 kB of requested headers",
            &[&many("hostile,", 2200)[..], b"a"].concat(),
        ),
        names("a requested header that is not a token", b"hostile (name)"),
        names("requested headers that are not UTF-8", b"hostile\xFF, \x80"),
        complete(
            "requested headers in 70 fields",
            preflight(&[
                put,
                &many("Access-Control-Request-Headers: hostile\r\n", 70),
            ]),
        ),
        complete(
            "a requested method that is not a token",
            preflight(&[b"Access-Control-Request-Method: HOSTILE()\r\n"]),
        ),
        complete(
            "a requested method of 1 kB",
            preflight(&[&long("Access-Control-Request-Method: ", 1024)]),
        ),
        complete(
            "two requested methods",
            preflight(&[put, b"Access-Control-Request-Method: HOSTILE\r\n"]),
        ),
    ]
}

fn hosts() -> Vec<Named> {
    let hosts: [(&str, &[u8]); 4] = [
        ("no Host", b""),
        ("two Hosts", b"Host: api.test\r\nHost: hostile.test\r\n"),
        ("a Host that is not UTF-8", b"Host: hostile\xFF/\r\n"),
        ("a Host that is a list", b"Host: a, hostile.test:x\r\n"),
    ];
    let head: &[u8] = b"GET / HTTP/1.1\r\n";
    let get = |host: &[u8]| [head, host, ORIGIN.as_bytes(), b"\r\n"].concat();
    hosts.map(|(name, host)| complete(name, get(host))).into()
}

fn framing() -> Vec<Named> {
    let post = |fields: &str, body: &str| {
        format!("POST /form HTTP/1.1\r\nHost: api.test\r\n{ORIGIN}{fields}\r\n{body}").into_bytes()
    };
    let smuggled = format!("GET /hostile HTTP/1.1\r\nHost: api.test\r\n{ORIGIN}\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let both = format!("Content-Length: 6\r\n{chunked}");
    let swapped = format!("{chunked}Content-Length: 6\r\n");
    let in_chunks = format!("0\r\n\r\n{smuggled}");
    let requests =
        |origin: &str| format!("GET / HTTP/1.1\r\nHost: api.test\r\nOrigin: {origin}\r\n\r\n");
    let pipelined = [
        requests("https://example.com"),
        requests("https://hostile.test"),
    ]
    .concat();
    vec![
        complete("Content-Length and Transfer-Encoding", post(&both, &in_chunks)),
        complete("Transfer-Encoding and Content-Length", post(&swapped, &in_chunks)),
        complete("two lengths that differ", post("Content-Length: 0\r\nContent-Length: 5\r\n", &smuggled)),
        complete("a list of lengths", post("Content-Length: 0, 5\r\n", &smuggled)),
        complete("a length with a sign", post("Content-Length: +0\r\n", &smuggled)),
        complete("a negative length", post("Content-Length: -1\r\n", &smuggled)),
        complete("a length that is not a number", post("Content-Length: hostile\r\n", &smuggled)),
        complete("a length over 64 bits", post("Content-Length: 99999999999999999999\r\n", &smuggled)),
        complete("space before the colon of Transfer-Encoding", post("Transfer-Encoding : chunked\r\n", &in_chunks)),
        complete("an unknown transfer coding", post("Transfer-Encoding: xhostile\r\n", &in_chunks)),
        complete("chunked, and then something else", post("Transfer-Encoding: chunked, identity\r\n", &in_chunks)),
        complete("chunked twice", post(&chunked.repeat(2), &in_chunks)),
        complete("a transfer coding in a folded field line", post("Transfer-Encoding:\r\n chunked\r\n", &in_chunks)),
        complete("a chunk over 64 bits", post(chunked, "FFFFFFFFFFFFFFFFFF\r\nhostile")),
        complete("a chunk with an invalid size", post(chunked, "hostile\r\n\r\n")),
        complete("a chunk with an extension of 64 kB", post(chunked, &format!("1;{}\r\na\r\n0\r\n\r\n", "hostile".repeat(9000)))),
        complete("an Origin in a trailer", post(chunked, &format!("1\r\na\r\n0\r\n{ORIGIN}\r\n"))),
        complete("a chunked body in HTTP/1.0", format!("POST /form HTTP/1.0\r\n{ORIGIN}{chunked}\r\n{in_chunks}")),
        complete("a GET with a body that is a request", {
            let length = smuggled.len();
            get(&[ORIGIN.as_bytes(), format!("Content-Length: {length}\r\n\r\n{smuggled}").as_bytes()])
        }),
        complete("fifty requests at once", pipelined.repeat(25)),
        complete("a request and then invalid bytes", [get(&[ORIGIN.as_bytes()]), b"hostile\0\r\n\r\n".to_vec()].concat()),
        incomplete("half a request line", "GET /hosti"),
        incomplete("half a line", "GET / HTTP/1.1\r\nHost: api.test\r\nOrigin: https://hostil"),
        incomplete("half a head", format!("GET / HTTP/1.1\r\nHost: api.test\r\n{ORIGIN}")),
        incomplete("half a body", post("Content-Length: 100\r\n", "hostile")),
        incomplete("half a chunk", post(chunked, "64\r\nhostile")),
        incomplete("no body after Expect: 100-continue", post("Content-Length: 100\r\nExpect: 100-continue\r\n", "")),
        incomplete("an upgrade to an unknown protocol", get(&[b"Connection: upgrade, http2-settings\r\nUpgrade: h2c, hostile\r\nHTTP2-Settings: AA\r\n"])),
        incomplete("nothing at all", ""),
        incomplete("a request and half of one", [get(&[ORIGIN.as_bytes()]), b"GET /hosti".to_vec()].concat()),
    ]
}

fn request_lines() -> Vec<Named> {
    let with_request_line =
        |line: &[u8]| [line, b"\r\nHost: api.test\r\n", ORIGIN.as_bytes(), b"\r\n"].concat();
    let long = many("HOSTILE", 15_000);
    vec![
        complete("an absolute target", with_request_line(b"GET http://hostile.test/ HTTP/1.1")),
        complete("an absolute target of another scheme", with_request_line(b"GET hostile://hostile.test/ HTTP/1.1")),
        complete("an authority for a target", with_request_line(b"GET hostile.test:80 HTTP/1.1")),
        complete("CONNECT", with_request_line(b"CONNECT hostile.test:443 HTTP/1.1")),
        complete("OPTIONS *", with_request_line(b"OPTIONS * HTTP/1.1")),
        complete("a preflight to *", b"OPTIONS * HTTP/1.1\r\nHost: api.test\r\nOrigin: https://hostile.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n"),
        complete("GET *", with_request_line(b"GET * HTTP/1.1")),
        complete("a target that is not UTF-8", with_request_line(b"GET /hostile\xFF\xFE HTTP/1.1")),
        complete("a target with NUL", with_request_line(b"GET /hostile\0 HTTP/1.1")),
        complete("a target with a space", with_request_line(b"GET /hostile path HTTP/1.1")),
        complete("a target with invalid percent-encoding", with_request_line(b"GET /hostile%ZZ%00%FF%2e%2e%2f HTTP/1.1")),
        complete("a target without a slash", with_request_line(b"GET hostile HTTP/1.1")),
        complete("a target of two slashes", with_request_line(b"GET //hostile.test/%2e%2e HTTP/1.1")),
        complete("a target with encoded line breaks", with_request_line(b"GET /%0d%0aX-Hostile:%201?%0d%0aX-Hostile:%201 HTTP/1.1")),
        complete("a target with parent segments", with_request_line(b"GET /../../../../hostile HTTP/1.1")),
        complete("a target of 100 kB", with_request_line(&[b"GET /", &long[..], b" HTTP/1.1"].concat())),
        complete("a target with a fragment", with_request_line(b"GET /#hostile HTTP/1.1")),
        complete("a method of 100 kB", with_request_line(&[&long[..], b" / HTTP/1.1"].concat())),
        complete("a method of 100 bytes", with_request_line(&[&long[..100], b" / HTTP/1.1"].concat())),
        complete("a method that is not a token", with_request_line(b"HOS(TILE / HTTP/1.1")),
        complete("a method that is not UTF-8", with_request_line(b"HOS\xFFTILE / HTTP/1.1")),
        complete("a method in lower case", with_request_line(b"options / HTTP/1.1")),
        complete("an unknown method", with_request_line(b"HOSTILE / HTTP/1.1")),
        complete("no method", with_request_line(b" / HTTP/1.1")),
        complete("no target", with_request_line(b"GET HTTP/1.1")),
        complete("an unknown version", with_request_line(b"GET /hostile HTTP/3.7")),
        complete("no version", with_request_line(b"GET /hostile")),
        complete("a version that is not ASCII", with_request_line(b"GET / HTTP/1.1\xFF")),
        complete("HTTP/1.0 that keeps the connection", b"OPTIONS / HTTP/1.0\r\nConnection: keep-alive\r\nOrigin: https://hostile.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n"),
    ]
}

fn not_http() -> Vec<Named> {
    vec![
        (
            "an HTTP/2 preface",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            Kind::Http2,
        ),
        (
            "HTTP/2, and then invalid frames",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET /hostile HTTP/1.1\r\n\r\n".to_vec(),
            Kind::Http2,
        ),
        complete(
            "a TLS client hello",
            b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n",
        ),
        complete("zeros", vec![0; 65_536]),
        complete("ones", vec![0xFF; 65_536]),
        complete("100 kB without a line end", many("hostile", 100_000)),
        incomplete("a thousand empty fields", many("\r\n", 1000)),
        complete(
            "a response",
            b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://hostile.test\r\n\r\n",
        ),
    ]
}
