use config::{Config, Environment, File, FileFormat};
use omnicors::{Policy, PolicyConfig};

fn policy_from_config(file: &str) -> Result<Policy, Box<dyn std::error::Error>> {
    let config: PolicyConfig = Config::builder()
        .add_source(File::new(file, FileFormat::Toml))
        // APP__CORS__MAX_AGE=60
        .add_source(Environment::with_prefix("APP").separator("__"))
        .build()?
        .get("cors")?;
    Ok(config.build()?)
}

#[test]
fn a_policy_is_read_through_config() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.toml");
    std::fs::write(&path, super::document::block("# app.toml, for config")).unwrap();
    let policy = policy_from_config(path.to_str().unwrap()).unwrap();
    let expected = PolicyConfig::new()
        .allow_origins(["https://app.example.com", "https://admin.example.com"])
        .allow_credentials(true);
    assert_eq!(policy.config(), expected.build().unwrap().config());
}

#[test]
fn variables_are_read_through_config() {
    let read = |pairs: &[(&str, &str)]| {
        let variables = pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        let source = Environment::with_prefix("APP")
            .separator("__")
            .source(Some(variables.collect()));
        let config = Config::builder().add_source(source).build().unwrap();
        config.get::<PolicyConfig>("cors").unwrap().build()
    };
    let policy = read(&[
        (
            "APP__CORS__ALLOW_ORIGINS",
            "https://a.example, https://b.example",
        ),
        ("APP__CORS__ALLOW_CREDENTIALS", "true"),
        ("APP__CORS__MAX_AGE", "60"),
        ("APP__CORS__PREFLIGHT_STATUS", "200"),
    ]);
    let expected = PolicyConfig::new()
        .allow_origins(["https://a.example", "https://b.example"])
        .allow_credentials(true)
        .max_age(std::time::Duration::from_mins(1))
        .preflight_status(200);
    assert_eq!(policy.unwrap().config(), expected.build().unwrap().config());
    let error = read(&[("APP__CORS__ORIGIN", "https://a.example")]).unwrap_err();
    let expected = "unknown setting `origin`: did you mean `allow_origins`?";
    assert_eq!(error.faults()[0].to_string(), expected);
}
