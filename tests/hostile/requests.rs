//! Bytes that a stranger may send, most of which are no request.

/// What is sent on a connection.
pub(crate) struct Hostile {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    /// What must not come back in a header line, in lower case.
    pub(crate) marks: Vec<Vec<u8>>,
}

/// What a server makes of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It answers, or ends the connection.
    Whole,
    /// It may well wait for more: only the end of the connection tells it that nothing comes.
    Half,
    /// The same, and it may answer in HTTP/2.
    Http2,
}

/// Stands in each of these, where a careless server would echo it.
const MARK: &[u8] = b"hostile";

const ORIGIN: &str = "Origin: https://hostile.test\r\n";

/// All of them.
pub(crate) fn all() -> Vec<Hostile> {
    let mut all = Vec::new();
    for group in [
        header_lines,
        lines_of_a_preflight,
        hosts,
        framing,
        request_lines,
        no_http,
    ] {
        for (name, bytes, kind) in group() {
            all.push(Hostile {
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

fn whole(name: &'static str, bytes: impl Into<Vec<u8>>) -> Named {
    (name, bytes.into(), Kind::Whole)
}

fn half(name: &'static str, bytes: impl Into<Vec<u8>>) -> Named {
    (name, bytes.into(), Kind::Half)
}

/// A GET with these lines, each of which has its end.
fn get(lines: &[&[u8]]) -> Vec<u8> {
    let head: &[u8] = b"GET / HTTP/1.1\r\nHost: api.test\r\n";
    [&[head], lines, &[b"\r\n"]].concat().concat()
}

fn preflight(lines: &[&[u8]]) -> Vec<u8> {
    let head: &[u8] = b"OPTIONS / HTTP/1.1\r\nHost: api.test\r\nOrigin: https://example.com\r\n";
    [&[head], lines, &[b"\r\n"]].concat().concat()
}

fn many(part: &str, count: usize) -> Vec<u8> {
    part.repeat(count).into_bytes()
}

/// A line of this length, its name and end apart.
fn long(name: &str, length: usize) -> Vec<u8> {
    [name.as_bytes(), &many("hostile.", length / 8), b"\r\n"].concat()
}

fn header_lines() -> Vec<Named> {
    let lines: [(&str, &[u8]); 11] = [
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
            "a folded line",
            b"Origin: https://example.com\r\n .hostile.test",
        ),
        ("space before the colon", b"Origin : https://hostile.test"),
        ("no name", b": https://hostile.test"),
        ("no colon", b"Origin https://hostile.test"),
        (
            "a name that is not ASCII",
            b"Or\xFFgin: https://hostile.test",
        ),
        ("an Origin of bytes", b"Origin: hostile\x80\xFE\xFF"),
        (
            "lines of the application's own kind",
            b"Access-Control-Allow-Origin: https://hostile.test\r\nVary: hostile",
        ),
    ];
    let long = [
        ("an Origin of 64 kB", long("Origin: https://", 65_536)),
        (
            "an Origin over the limit by little",
            long("Origin: https://", 520),
        ),
        ("another line of 64 kB", long("X-Hostile: ", 65_536)),
        ("10 000 lines", many("X-Hostile: 1\r\n", 10_000)),
        ("90 Origin lines", many(ORIGIN, 90)),
        (
            "two Origin lines of 100 kB",
            [
                long("Origin: https://", 100_000),
                long("origin: https://", 100_000),
            ]
            .concat(),
        ),
    ];
    let elsewhere = [
        whole(
            "a line that ends with LF alone",
            get(&[b"Origin: https://hostile.test\nX-Hostile: 1\n"]),
        ),
        whole(
            "LF alone throughout",
            b"GET / HTTP/1.1\nHost: api.test\nOrigin: https://hostile.test\n\n",
        ),
        whole(
            "a folded first line",
            b"GET / HTTP/1.1\r\n Origin: https://hostile.test\r\nHost: api.test\r\n\r\n",
        ),
    ];
    let lines = lines.map(|(name, line)| whole(name, get(&[line, b"\r\n"])));
    let long = long.map(|(name, lines)| whole(name, get(&[&lines])));
    lines.into_iter().chain(long).chain(elsewhere).collect()
}

fn lines_of_a_preflight() -> Vec<Named> {
    let put: &[u8] = b"Access-Control-Request-Method: PUT\r\n";
    let names = |name, asked_for: &[u8]| {
        let line = [b"Access-Control-Request-Headers: ", asked_for, b"\r\n"].concat();
        whole(name, preflight(&[put, &line]))
    };
    vec![
        names(
            "100 kB of names asked for",
            &[&many("hostile,", 12_500)[..], b"a"].concat(),
        ),
        names(
            "17 kB of names asked for",
            &[&many("hostile,", 2200)[..], b"a"].concat(),
        ),
        names("a name asked for that is no token", b"hostile (name)"),
        names("bytes asked for as names", b"hostile\xFF, \x80"),
        whole(
            "names asked for in 70 fields",
            preflight(&[
                put,
                &many("Access-Control-Request-Headers: hostile\r\n", 70),
            ]),
        ),
        whole(
            "a method asked for that is no token",
            preflight(&[b"Access-Control-Request-Method: HOSTILE()\r\n"]),
        ),
        whole(
            "a method asked for of 1 kB",
            preflight(&[&long("Access-Control-Request-Method: ", 1024)]),
        ),
        whole(
            "two methods asked for",
            preflight(&[put, b"Access-Control-Request-Method: HOSTILE\r\n"]),
        ),
    ]
}

fn hosts() -> Vec<Named> {
    let hosts: [(&str, &[u8]); 4] = [
        ("no Host", b""),
        ("two Hosts", b"Host: api.test\r\nHost: hostile.test\r\n"),
        ("a Host of bytes", b"Host: hostile\xFF/\r\n"),
        ("a Host that is a list", b"Host: a, hostile.test:x\r\n"),
    ];
    let head: &[u8] = b"GET / HTTP/1.1\r\n";
    let get = |host: &[u8]| [head, host, ORIGIN.as_bytes(), b"\r\n"].concat();
    hosts.map(|(name, host)| whole(name, get(host))).into()
}

fn framing() -> Vec<Named> {
    let post = |lines: &str, body: &str| {
        format!("POST /form HTTP/1.1\r\nHost: api.test\r\n{ORIGIN}{lines}\r\n{body}").into_bytes()
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
        whole("Content-Length and Transfer-Encoding", post(&both, &in_chunks)),
        whole("Transfer-Encoding and Content-Length", post(&swapped, &in_chunks)),
        whole("two lengths that differ", post("Content-Length: 0\r\nContent-Length: 5\r\n", &smuggled)),
        whole("a list of lengths", post("Content-Length: 0, 5\r\n", &smuggled)),
        whole("a length with a sign", post("Content-Length: +0\r\n", &smuggled)),
        whole("a negative length", post("Content-Length: -1\r\n", &smuggled)),
        whole("a length that is no number", post("Content-Length: hostile\r\n", &smuggled)),
        whole("a length over 64 bits", post("Content-Length: 99999999999999999999\r\n", &smuggled)),
        whole("space before the colon of a coding", post("Transfer-Encoding : chunked\r\n", &in_chunks)),
        whole("a coding nobody knows", post("Transfer-Encoding: xhostile\r\n", &in_chunks)),
        whole("chunked, and then something else", post("Transfer-Encoding: chunked, identity\r\n", &in_chunks)),
        whole("chunked twice", post(&chunked.repeat(2), &in_chunks)),
        whole("a coding in a folded line", post("Transfer-Encoding:\r\n chunked\r\n", &in_chunks)),
        whole("a chunk over 64 bits", post(chunked, "FFFFFFFFFFFFFFFFFF\r\nhostile")),
        whole("a chunk whose size is none", post(chunked, "hostile\r\n\r\n")),
        whole("a chunk with an extension of 64 kB", post(chunked, &format!("1;{}\r\na\r\n0\r\n\r\n", "hostile".repeat(9000)))),
        whole("an Origin in a trailer", post(chunked, &format!("1\r\na\r\n0\r\n{ORIGIN}\r\n"))),
        whole("a body that HTTP/1.0 cannot have", format!("POST /form HTTP/1.0\r\n{ORIGIN}{chunked}\r\n{in_chunks}")),
        whole("a GET with a body that is a request", {
            let length = smuggled.len();
            get(&[ORIGIN.as_bytes(), format!("Content-Length: {length}\r\n\r\n{smuggled}").as_bytes()])
        }),
        whole("fifty requests at once", pipelined.repeat(25)),
        whole("a request and then none", [get(&[ORIGIN.as_bytes()]), b"hostile\0\r\n\r\n".to_vec()].concat()),
        half("half a request line", "GET /hosti"),
        half("half a line", "GET / HTTP/1.1\r\nHost: api.test\r\nOrigin: https://hostil"),
        half("half a head", format!("GET / HTTP/1.1\r\nHost: api.test\r\n{ORIGIN}")),
        half("half a body", post("Content-Length: 100\r\n", "hostile")),
        half("half a chunk", post(chunked, "64\r\nhostile")),
        half("no body after asking whether it may come", post("Content-Length: 100\r\nExpect: 100-continue\r\n", "")),
        half("an upgrade to what nobody speaks", get(&[b"Connection: upgrade, http2-settings\r\nUpgrade: h2c, hostile\r\nHTTP2-Settings: AA\r\n"])),
        half("nothing at all", ""),
        half("a request and half of one", [get(&[ORIGIN.as_bytes()]), b"GET /hosti".to_vec()].concat()),
    ]
}

fn request_lines() -> Vec<Named> {
    let asked =
        |line: &[u8]| [line, b"\r\nHost: api.test\r\n", ORIGIN.as_bytes(), b"\r\n"].concat();
    let long = many("HOSTILE", 15_000);
    vec![
        whole("an absolute target", asked(b"GET http://hostile.test/ HTTP/1.1")),
        whole("an absolute target of another scheme", asked(b"GET hostile://hostile.test/ HTTP/1.1")),
        whole("an authority for a target", asked(b"GET hostile.test:80 HTTP/1.1")),
        whole("CONNECT", asked(b"CONNECT hostile.test:443 HTTP/1.1")),
        whole("OPTIONS *", asked(b"OPTIONS * HTTP/1.1")),
        whole("a preflight to *", b"OPTIONS * HTTP/1.1\r\nHost: api.test\r\nOrigin: https://hostile.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n"),
        whole("GET *", asked(b"GET * HTTP/1.1")),
        whole("a target of bytes", asked(b"GET /hostile\xFF\xFE HTTP/1.1")),
        whole("a target with NUL", asked(b"GET /hostile\0 HTTP/1.1")),
        whole("a target with a space", asked(b"GET /hostile path HTTP/1.1")),
        whole("a target encoded wrongly", asked(b"GET /hostile%ZZ%00%FF%2e%2e%2f HTTP/1.1")),
        whole("a target without a slash", asked(b"GET hostile HTTP/1.1")),
        whole("a target of two slashes", asked(b"GET //hostile.test/%2e%2e HTTP/1.1")),
        whole("a target with line breaks encoded", asked(b"GET /%0d%0aX-Hostile:%201?%0d%0aX-Hostile:%201 HTTP/1.1")),
        whole("a target that climbs", asked(b"GET /../../../../hostile HTTP/1.1")),
        whole("a target of 100 kB", asked(&[b"GET /", &long[..], b" HTTP/1.1"].concat())),
        whole("a target with a fragment", asked(b"GET /#hostile HTTP/1.1")),
        whole("a method of 100 kB", asked(&[&long[..], b" / HTTP/1.1"].concat())),
        whole("a method of 100 bytes", asked(&[&long[..100], b" / HTTP/1.1"].concat())),
        whole("a method that is no token", asked(b"HOS(TILE / HTTP/1.1")),
        whole("a method of bytes", asked(b"HOS\xFFTILE / HTTP/1.1")),
        whole("a method in lower case", asked(b"options / HTTP/1.1")),
        whole("a method nobody knows", asked(b"HOSTILE / HTTP/1.1")),
        whole("no method", asked(b" / HTTP/1.1")),
        whole("no target", asked(b"GET HTTP/1.1")),
        whole("a version nobody knows", asked(b"GET /hostile HTTP/3.7")),
        whole("no version", asked(b"GET /hostile")),
        whole("a version of bytes", asked(b"GET / HTTP/1.1\xFF")),
        whole("HTTP/1.0 that keeps the connection", b"OPTIONS / HTTP/1.0\r\nConnection: keep-alive\r\nOrigin: https://hostile.test\r\nAccess-Control-Request-Method: PUT\r\n\r\n"),
    ]
}

fn no_http() -> Vec<Named> {
    vec![
        (
            "a preface of HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            Kind::Http2,
        ),
        (
            "HTTP/2, and then none",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET /hostile HTTP/1.1\r\n\r\n".to_vec(),
            Kind::Http2,
        ),
        whole(
            "a hello of TLS",
            b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n",
        ),
        whole("zeros", vec![0; 65_536]),
        whole("ones", vec![0xFF; 65_536]),
        whole("no line ever ends", many("hostile", 100_000)),
        half("a thousand empty lines", many("\r\n", 1000)),
        whole(
            "a response",
            b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://hostile.test\r\n\r\n",
        ),
    ]
}
