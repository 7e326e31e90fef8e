use omnicors::{Policy, PolicyConfig, PolicyError};

fn policy_from_environment() -> Result<Policy, PolicyError> {
    PolicyConfig::from_env("CORS_").build()
}

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// The tests below run this test in a child process.
#[test]
fn print_the_policy_of_this_process() {
    match policy_from_environment() {
        Ok(policy) => println!("<{:?}>", policy.config()),
        Err(error) => println!("<{error}>"),
    }
}

/// Runs a test of this program in a child process with these variables, and returns what it prints between `<` and `>`.
/// Changing the variables of this process is unsafe, because other tests read them.
pub(crate) fn printed_by<V: AsRef<OsStr>>(
    test: &str,
    directory: &Path,
    variables: impl IntoIterator<Item = (&'static str, V)>,
) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .current_dir(directory)
        .envs(variables)
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let (_, after) = output.split_once('<').expect(&output);
    after.rsplit_once('>').expect(&output).0.to_owned()
}

fn printed<V: AsRef<OsStr>>(variables: impl IntoIterator<Item = (&'static str, V)>) -> String {
    let test = "environment::print_the_policy_of_this_process";
    printed_by(test, Path::new("."), variables)
}

/// Returns the variables of the block with `export`.
fn exported() -> Vec<(&'static str, &'static str)> {
    let first = r#"export CORS_ALLOW_ORIGINS="https://app.example.com, https://*.example.org""#;
    let lines = super::document::block(first).lines();
    lines
        .map(|line| {
            let (name, value) = line
                .strip_prefix("export ")
                .unwrap()
                .split_once('=')
                .unwrap();
            (name, value.trim_matches('"'))
        })
        .collect()
}

fn expected() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(["https://app.example.com", "https://*.example.org"])
        .allow_credentials(true)
        .allow_methods(["PUT", "DELETE"])
        .max_age(std::time::Duration::from_hours(1))
}

#[test]
fn the_environment_of_the_process_is_read() {
    let variables = exported();
    assert_eq!(variables.len(), 4);
    let policy = expected().build().unwrap();
    assert_eq!(printed(variables), format!("{:?}", policy.config()));
}

#[test]
fn a_shell_exports_the_same_variables() {
    let script = format!(
        "{}\nenv",
        super::document::block(&format!(
            "export {}=\"{}\"",
            exported()[0].0,
            exported()[0].1
        ))
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let pairs = output.lines().filter_map(|line| line.split_once('='));
    let config = PolicyConfig::from_pairs("CORS_", pairs);
    assert_eq!(
        config.build().unwrap().config(),
        expected().build().unwrap().config()
    );
}

#[test]
fn faults_name_the_variables_of_the_process() {
    let variables = [
        ("CORS_ORIGINS", "https://app.example.com"),
        ("CORS_ALLOW_METHODS", "PUT,patch"),
    ];
    assert_eq!(
        printed(variables),
        super::document::block("the CORS policy has 2 faults:")
    );
}

#[cfg(unix)]
#[test]
fn a_variable_of_the_process_that_is_not_unicode_is_a_fault() {
    use std::os::unix::ffi::OsStrExt as _;

    let value = OsStr::from_bytes(b"https://\xff.example");
    let printed = printed([("CORS_ALLOW_ORIGINS", value)]);
    let expected = "CORS_ALLOW_ORIGINS: invalid: not valid Unicode (UTF-8)";
    assert!(printed.ends_with(expected), "{printed}");
}
