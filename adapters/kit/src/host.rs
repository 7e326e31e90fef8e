/// A host and its port, as a client sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Host<'a> {
    /// The name or address, in any case, without the dot at its end.
    pub(crate) name: &'a str,
    /// The digits of the port.
    pub(crate) port: Option<&'a str>,
}

impl<'a> Host<'a> {
    /// Parses the value of a `Host` field ([RFC 9110, section 7.2](https://www.rfc-editor.org/rfc/rfc9110#section-7.2)).
    pub(crate) fn parse(host: &'a [u8]) -> Option<Self> {
        let host = std::str::from_utf8(host).ok()?;
        let is_valid = |byte: u8| byte.is_ascii_graphic() && !b"@/?#\\,".contains(&byte);
        if !host.bytes().all(is_valid) {
            return None;
        }
        let (name, port) = if host.starts_with('[') {
            let (address, rest) = host.split_at(host.find(']')? + 1);
            match rest {
                "" => (address, None),
                _ => (address, Some(rest.strip_prefix(':')?)),
            }
        } else {
            let (name, port) = match host.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (host, None),
            };
            (name.strip_suffix('.').unwrap_or(name), port)
        };
        // RFC 3986 allows an empty port, which is the default port.
        let port = port.filter(|port| !port.is_empty());
        let is_number = port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        (!name.is_empty() && is_number).then_some(Self { name, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_name_and_may_have_a_port() {
        for (text, expected) in [
            ("a.example", Some(("a.example", None))),
            ("A.example.", Some(("A.example", None))),
            ("a.example.:8080", Some(("a.example", Some("8080")))),
            ("a.example:", Some(("a.example", None))),
            ("127.0.0.1:3000", Some(("127.0.0.1", Some("3000")))),
            ("[::1]", Some(("[::1]", None))),
            ("[::1]:3000", Some(("[::1]", Some("3000")))),
            ("[::1]3000", None),
            ("[::1", None),
            ("::1", None),
            ("a.example:x", None),
            ("a.example:+1", None),
            (":80", None),
            (".", None),
            ("", None),
            ("a b", None),
            ("a/b", None),
            ("a,b", None),
            ("u@a", None),
            ("\u{e9}.example", None),
        ] {
            let parsed = Host::parse(text.as_bytes()).map(|host| (host.name, host.port));
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
