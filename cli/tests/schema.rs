//! Runs the commands of `cmd/schema`, and compares what they write.

#[test]
fn schema_writes_what_the_file_says() {
    trycmd::TestCases::new().case("tests/cmd/schema/*.trycmd");
}
