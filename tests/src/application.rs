//! The application that every server runs: the request says what it responds.

/// The response of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedResponse {
    /// The status.
    pub status: u16,
    /// The header fields, in order, names as in the request.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: &'static str,
}

/// Responds to a request with these header fields: the status in `x-respond-status`, or 200; `x-ran: yes`, and one field for
/// each `x-respond: Name: value`; and the body `ran`, except for a 304.
///
/// # Panics
///
/// Panics if the value of such a field is malformed.
pub fn application<'a, N, V>(fields: impl IntoIterator<Item = (N, &'a V)>) -> PlannedResponse
where
    N: AsRef<str>,
    V: AsRef<[u8]> + ?Sized + 'a,
{
    let mut planned = PlannedResponse {
        status: 200,
        fields: vec![("x-ran".to_owned(), "yes".to_owned())],
        body: "ran",
    };
    for (name, value) in fields {
        let text = || str::from_utf8(value.as_ref()).expect("the fields of the table are text");
        if name.as_ref().eq_ignore_ascii_case("x-respond-status") {
            planned.status = text().parse().expect("a status is a number");
        } else if name.as_ref().eq_ignore_ascii_case("x-respond") {
            let (name, value) = text().split_once(": ").expect("`Name: value`");
            planned.fields.push((name.to_owned(), value.to_owned()));
        }
    }
    if planned.status == 304 {
        // <https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5>
        planned.body = "";
    }
    planned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_request_decide_the_response() {
        let planned = application([
            ("Origin", &b"\xFF"[..]),
            ("X-Respond", b"Vary: Accept: x"),
            ("x-respond-status", b"404"),
        ]);
        assert_eq!(planned.status, 404);
        assert_eq!(planned.fields[0], ("x-ran".into(), "yes".into()));
        assert_eq!(planned.fields[1], ("Vary".into(), "Accept: x".into()));
    }
}
