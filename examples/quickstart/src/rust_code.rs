//! Writes a policy as Rust.

use std::fmt::Write as _;

use toml::{Table, Value};

/// The width of a line, as of rustfmt.
const WIDTH: usize = 100;

/// Returns a function `policy` that builds the policy. `settings` is a serialized config: one setting per line, without those that
/// have their default.
pub(crate) fn policy_function(settings: &str) -> String {
    let mut code =
        "fn policy() -> Result<Policy, PolicyError> {\n    PolicyConfig::new()\n".to_owned();
    for line in settings.lines() {
        let Ok(setting) = line.parse::<Table>() else {
            continue;
        };
        for (name, value) in &setting {
            write_call(&mut code, name, value);
        }
    }
    code.push_str("        .build()\n}");
    code
}

fn write_call(code: &mut String, name: &str, value: &Value) {
    let argument = match value {
        Value::Integer(seconds) if name == "max_age" => {
            format!("std::time::Duration::from_secs({seconds})")
        }
        // The text "none".
        Value::String(_) if name == "max_age" => "None".to_owned(),
        Value::String(guard) if name == "guard" => {
            let variant = match guard.as_str() {
                "all" => "All",
                "unsafe-methods" => "UnsafeMethods",
                _ => "Off",
            };
            format!("omnicors::Guard::{variant}")
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(literal).collect();
            let line = format!("        .{name}([{}])\n", items.join(", "));
            if line.len() <= WIDTH {
                code.push_str(&line);
            } else {
                let items = items.iter().map(|item| format!("            {item},\n"));
                let items: String = items.collect();
                // Writing to a String does not fail.
                let _written = write!(code, "        .{name}([\n{items}        ])\n");
            }
            return;
        }
        other => literal(other),
    };
    let _written = writeln!(code, "        .{name}({argument})");
}

fn literal(value: &Value) -> String {
    match value {
        // Rust escapes the same characters as TOML, or more.
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_value_is_written_as_rustfmt_formats_it() {
        let origins: Vec<_> = (0..4)
            .map(|n| format!("\"https://a-long-name-{n}.example.com\""))
            .collect();
        let settings = format!(
            "allow_origins = [{}]\nallow_methods = [\"PUT\"]\nallow_credentials = true\nmax_age = 60\npreflight_status = 200\nguard = \"unsafe-methods\"\n",
            origins.join(", ")
        );
        assert_eq!(
            policy_function(&settings),
            "fn policy() -> Result<Policy, PolicyError> {
    PolicyConfig::new()
        .allow_origins([
            \"https://a-long-name-0.example.com\",
            \"https://a-long-name-1.example.com\",
            \"https://a-long-name-2.example.com\",
            \"https://a-long-name-3.example.com\",
        ])
        .allow_methods([\"PUT\"])
        .allow_credentials(true)
        .max_age(std::time::Duration::from_secs(60))
        .preflight_status(200)
        .guard(omnicors::Guard::UnsafeMethods)
        .build()
}"
        );
    }
}
