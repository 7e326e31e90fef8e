use omnicors::adapters::tokio::{PolicyFile, PolicyFileError};
use omnicors::adapters::tower::{CorsLayer, PolicyHandle};

fn cors_from_file(path: &str) -> Result<CorsLayer, PolicyFileError> {
    let (policy, _): (PolicyHandle, _) = PolicyFile::watch(path, |outcome| match outcome {
        Ok(_) => println!("the CORS policy in force is that of the file"),
        Err(error) => eprintln!("the CORS policy in force stays: {error:#}"),
    })?;
    Ok(CorsLayer::new(policy))
}

#[test]
fn a_file_of_each_format_is_followed_and_is_the_policy_in_code() {
    let directory = tempfile::tempdir().unwrap();
    for (name, first_line) in [
        ("cors.toml", "# cors.toml"),
        ("cors.yaml", "# cors.yaml"),
        ("cors.json", "{"),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, super::document::block(first_line)).unwrap();
        assert!(cors_from_file(path.to_str().unwrap()).is_ok(), "{name}");
        let policy = PolicyFile::read(&path).unwrap();
        assert_eq!(
            policy.config(),
            super::code::policy_in_code().config(),
            "{name}"
        );
    }
}

#[test]
fn mistakes_print_what_the_document_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    std::fs::write(&path, super::document::block("# A file with mistakes")).unwrap();
    let error = PolicyFile::read(&path).unwrap_err().to_string();
    let expected = super::document::block("/etc/app/cors.toml: the CORS policy has 3 faults:");
    let expected = expected.replace("/etc/app/cors.toml", path.to_str().unwrap());
    assert_eq!(error, expected);
}
