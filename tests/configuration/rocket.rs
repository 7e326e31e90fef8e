use omnicors::PolicyConfig;
use omnicors::adapters::rocket::Cors;
use rocket::{Build, Rocket};

fn with_cors(rocket: Rocket<Build>) -> Result<Rocket<Build>, Box<dyn std::error::Error>> {
    let config: PolicyConfig = rocket.figment().extract_inner("cors")?;
    Ok(rocket.attach(Cors::new(config.build()?)))
}

use omnicors::Policy;
use rocket::http::Header;
use rocket::local::blocking::Client;

/// Returns the CORS fields of the response to a preflight from a page of an origin.
fn preflight(origin: &'static str) -> Vec<String> {
    let client = Client::untracked(with_cors(rocket::build()).unwrap()).unwrap();
    let response = client
        .options("/")
        .header(Header::new("origin", origin))
        .header(Header::new("access-control-request-method", "GET"))
        .dispatch();
    let fields = response.headers().iter().map(|field| field.to_string());
    sorted(fields)
}

fn sorted(fields: impl Iterator<Item = String>) -> Vec<String> {
    let mut fields: Vec<_> = fields
        .filter(|field| field.starts_with("access-control-"))
        .collect();
    fields.sort();
    fields
}

/// The test below runs this test in a child process, next to a `Rocket.toml`.
#[test]
fn print_what_rocket_allows() {
    // Without that file there is no policy.
    if rocket::build().figment().find_value("cors").is_ok() {
        let origins = ["https://app.example.com", "http://localhost:5173"];
        println!("<{:?}>", origins.map(preflight));
    }
}

#[test]
fn each_profile_of_rocket_has_its_policy_and_the_environment_changes_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("Rocket.toml");
    std::fs::write(path, super::document::block("# Rocket.toml")).unwrap();
    let printed = |variables: &[(&'static str, &'static str)]| {
        let variables = [("ROCKET_LOG_LEVEL", "off")]
            .iter()
            .chain(variables)
            .copied();
        let test = "rocket::print_what_rocket_allows";
        super::environment::printed_by(test, directory.path(), variables)
    };
    let fields = |policy: &Policy, origin: &str| -> Vec<String> {
        let request = omnicors::RequestParts::new("OPTIONS")
            .origin(origin)
            .request_method("GET");
        let decision = omnicors::evaluate(policy, &request);
        sorted(decision.headers().iter().map(|field| field.to_string()))
    };
    let nothing: Vec<String> = Vec::new();
    let shipped = PolicyConfig::new()
        .allow_origin("https://app.example.com")
        .allow_credentials(true);
    let expected = fields(&shipped.clone().build().unwrap(), "https://app.example.com");
    let found = printed(&[("ROCKET_PROFILE", "release")]);
    assert_eq!(found, format!("{:?}", [&expected, &nothing]));

    let changed = shipped.clone().max_age(std::time::Duration::from_mins(1));
    let expected = fields(&changed.build().unwrap(), "https://app.example.com");
    let variables = [
        ("ROCKET_PROFILE", "release"),
        ("ROCKET_CORS", "{max_age=60}"),
    ];
    assert_eq!(printed(&variables), format!("{:?}", [&expected, &nothing]));

    // Settings that the profile lacks are those of `default`.
    let local = PolicyConfig::new()
        .allow_origin("http://localhost:5173")
        .allow_credentials(true);
    let expected = fields(&local.build().unwrap(), "http://localhost:5173");
    let found = printed(&[("ROCKET_PROFILE", "debug")]);
    assert_eq!(found, format!("{:?}", [&nothing, &expected]));
}
