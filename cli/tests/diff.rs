//! The messages of `omnicors diff`, and the examples of its documentation.

#[test]
fn messages_of_diff_are_as_documented() {
    trycmd::TestCases::new()
        .case("tests/cmd/diff/*.md")
        .case("docs/diff.md");
}
