use omnicors_core::adapter::split_host;

/// A host and its port, as a client sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Host<'a> {
    /// The name or address, in any case, without the dot at its end.
    pub(crate) name: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Parses the value of a `Host` field ([RFC 9110, section 7.2](https://www.rfc-editor.org/rfc/rfc9110#section-7.2)).
    pub(crate) fn parse(host: &'a [u8]) -> Option<Self> {
        let (name, port) = split_host(host)?;
        let name = std::str::from_utf8(name).ok()?;
        let is_valid = |byte: u8| byte.is_ascii_graphic() && !b"@/?#\\,".contains(&byte);
        let is_host = if name.starts_with('[') {
            name.find(']') == Some(name.len() - 1)
        } else {
            !name.is_empty() && !name.contains(':')
        };
        (is_host && name.bytes().all(is_valid)).then_some(Self { name, port })
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
            ("a.example.:8080", Some(("a.example", Some(8080)))),
            ("a.example:0443", Some(("a.example", Some(443)))),
            ("a.example:", Some(("a.example", None))),
            ("127.0.0.1:3000", Some(("127.0.0.1", Some(3000)))),
            ("[::1]", Some(("[::1]", None))),
            ("[::1]:3000", Some(("[::1]", Some(3000)))),
            ("[::1]3000", None),
            ("[::1", None),
            ("[::1]]", None),
            ("[", None),
            ("::1", None),
            ("a.example:x", None),
            ("a.example:+1", None),
            ("a.example:80:80", None),
            ("a.example:65536", None),
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
