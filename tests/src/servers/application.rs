//! The application of the table: it responds what the request tells it to, so that each server can run it.

/// What the application responds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header lines, in order, names as the request wrote them.
    pub lines: Vec<(String, String)>,
    /// The body.
    pub body: &'static str,
}

/// Responds to a request with these header lines: 200, or what `x-respond-status` says; `x-ran: yes`, and one line for
/// each `x-respond: Name: value`; and the body `ran`,
/// which a 304 does not have.
///
/// # Panics
///
/// If a line that is meant for it cannot be understood.
pub fn application<'a, N, V>(lines: impl IntoIterator<Item = (N, &'a V)>) -> Answer
where
    N: AsRef<str>,
    V: AsRef<[u8]> + ?Sized + 'a,
{
    let mut answer = Answer {
        status: 200,
        lines: vec![("x-ran".to_owned(), "yes".to_owned())],
        body: "ran",
    };
    for (name, value) in lines {
        let text = || str::from_utf8(value.as_ref()).expect("a line of the table's own is text");
        if name.as_ref().eq_ignore_ascii_case("x-respond-status") {
            answer.status = text().parse().expect("a status is a number");
        } else if name.as_ref().eq_ignore_ascii_case("x-respond") {
            let (name, value) = text().split_once(": ").expect("`Name: value`");
            answer.lines.push((name.to_owned(), value.to_owned()));
        }
    }
    if answer.status == 304 {
        // RFC 9110, section 15.4.5.
        answer.body = "";
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_responds_what_it_is_told_to() {
        let answer = application([
            ("Origin", &b"\xFF"[..]),
            ("X-Respond", b"Vary: Accept: x"),
            ("x-respond-status", b"404"),
        ]);
        assert_eq!(answer.status, 404);
        assert_eq!(answer.lines[0], ("x-ran".into(), "yes".into()));
        assert_eq!(answer.lines[1], ("Vary".into(), "Accept: x".into()));
    }
}
