use figment::Figment;
use figment::providers::{Env, Format, Toml};
use omnicors::{Policy, PolicyConfig};

fn policy_from_figment(file: &str) -> Result<Policy, Box<dyn std::error::Error>> {
    let config: PolicyConfig = Figment::new()
        .merge(Toml::file(file))
        // APP_CORS__MAX_AGE=60
        .merge(Env::prefixed("APP_").split("__"))
        .extract_inner("cors")?;
    Ok(config.build()?)
}

#[test]
fn a_policy_is_read_through_figment() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.toml");
    std::fs::write(&path, super::document::block("# app.toml, for figment")).unwrap();
    let policy = policy_from_figment(path.to_str().unwrap()).unwrap();
    let expected = PolicyConfig::new()
        .allow_origin("https://app.example.com")
        .allow_credentials(true);
    assert_eq!(policy.config(), expected.build().unwrap().config());
}

/// The test below runs this test in a child process.
#[test]
fn print_the_policy_of_this_process() {
    match policy_from_figment("none.toml") {
        Ok(policy) => println!("<{:?}>", policy.config()),
        Err(error) => println!("<{error}>"),
    }
}

fn printed(variables: &[(&'static str, &'static str)]) -> String {
    let test = "figment::print_the_policy_of_this_process";
    super::environment::printed_by(test, ".".as_ref(), variables.iter().copied())
}

#[test]
fn variables_are_read_through_figment() {
    let mut variables = vec![
        (
            "APP_CORS__ALLOW_ORIGINS",
            "https://a.example, https://b.example",
        ),
        ("APP_CORS__ALLOW_METHODS", "PUT"),
        ("APP_CORS__ALLOW_HEADERS", "[content-type, x-a]"),
        ("APP_CORS__ALLOW_CREDENTIALS", "true"),
        ("APP_CORS__MAX_AGE", "60"),
    ];
    let expected = PolicyConfig::new()
        .allow_origins(["https://a.example", "https://b.example"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "x-a"])
        .allow_credentials(true)
        .max_age(std::time::Duration::from_mins(1));
    let policy = expected.clone().build().unwrap();
    assert_eq!(printed(&variables), format!("{:?}", policy.config()));

    variables.push(("APP_CORS__MAX_AGE", "none"));
    let policy = expected.max_age(None).build().unwrap();
    assert_eq!(printed(&variables), format!("{:?}", policy.config()));

    variables.push(("APP_CORS__MAXAGE", "60"));
    let part = "unknown setting `maxage`: did you mean `max_age`?";
    let message = printed(&variables);
    assert!(message.contains(part), "{message}");
}
