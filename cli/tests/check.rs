//! Runs the commands of `cmd/check` and of `docs/check.md`, and compares what they write and change.

#[test]
fn check_writes_and_changes_what_the_files_say() {
    trycmd::TestCases::new()
        .insert_var("[VERSION]", env!("CARGO_PKG_VERSION"))
        .unwrap()
        .case("tests/cmd/check/*.trycmd")
        .case("tests/cmd/check/*.toml")
        .case("docs/check.md");
}
