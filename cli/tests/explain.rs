//! `omnicors explain`: its messages.

#[test]
fn the_messages_are_those_of_the_snapshots() {
    trycmd::TestCases::new()
        .case("tests/cmd/explain/*.md")
        .case("docs/explain.md");
}
