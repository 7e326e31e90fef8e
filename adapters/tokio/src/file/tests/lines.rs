//! The line of each fault, in every format.

use super::*;

fn message(name: &str, content: &str, table: Option<&str>) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, content).unwrap();
    let read = match table {
        Some(table) => PolicyFile::read_table(&path, table),
        None => PolicyFile::read(&path),
    };
    let prefix = format!("{}/", directory.path().display());
    read.unwrap_err().to_string().replace(&prefix, "")
}

/// Returns the start of each line of a message, up to the name of the setting.
fn starts(message: &str) -> Vec<&str> {
    let lines = message.lines().skip(1);
    lines
        .map(|line| {
            let end = line
                .find(": `")
                .or(line.find(": invalid"))
                .or(line.find(" `"));
            line[..end.unwrap_or(line.len())].trim_start()
        })
        .collect()
}

#[test]
fn every_fault_has_its_line_and_column_in_toml() {
    let message = message(
        "cors.toml",
        "\
# Ünïcödé
allow_origins = [
    'https://a.example', # the first
    \"https://B.example\", 5,
]
max_age = 100000
allowHeaders = ['x']
allow_credentials = 'maybe'
  'expose_headers' = ['ä', [],
'x y']
allow_methods = 'GET,patch'
decide_origins_outside = true
preflight_status = 2_000
",
        None,
    );
    assert!(
        message.starts_with("cors.toml: the CORS policy has 11 faults:\n"),
        "{message}"
    );
    assert_eq!(
        starts(&message),
        [
            "cors.toml:7:1: unknown setting",
            "cors.toml:4:5: allow_origins[1]",
            "cors.toml:4:26: allow_origins[2]",
            "cors.toml:6:11: max_age",
            "cors.toml:8:21: allow_credentials",
            "cors.toml:9:23: expose_headers[0]",
            "cors.toml:9:28: expose_headers[1]",
            "cors.toml:10:1: expose_headers[2]",
            "cors.toml:11:17: allow_methods[1]",
            "cors.toml:12:1: lookup_origins",
            "cors.toml:13:20: preflight_status",
        ],
        "{message}"
    );
}

#[test]
fn a_fault_of_a_missing_setting_has_no_line() {
    let text = message("cors.toml", "allow_methods = ['PUT']", None);
    assert_eq!(starts(&text), ["cors.toml: allow_origins"]);
}

#[test]
fn a_table_in_any_form_has_the_lines_of_the_file() {
    for (content, expected) in [
        (
            "x = 1\n[server.cors]\nallow_origins = ['a']",
            "app.toml:3:18: allow_origins[0]",
        ),
        (
            "[server]\ncors = {allow_origins = ['a']}",
            "app.toml:2:26: allow_origins[0]",
        ),
        (
            "[server]\n\ncors.allow_origins = 'a'",
            "app.toml:3:22: allow_origins[0]",
        ),
        (
            "[other]\nallow_origins = 'b'\n['server'.\"cors\"]\nallow_origins = 'a'",
            "app.toml:4:17: allow_origins[0]",
        ),
    ] {
        assert_eq!(
            starts(&message("app.toml", content, Some("server.cors"))),
            [expected]
        );
    }
}

#[cfg(feature = "json")]
#[test]
fn every_fault_has_its_line_and_column_in_json() {
    let content = r#"{"a": "\"cors\": {",
  "cors": {
    "allow_origins": [ "https://a.example",
      "https://B.example" ,7],
    "max_age" :
       100000, "allow\u004frigins": [],
    "allow_methods": "PUT patch",
    "allow_credentials": {"x": [1]}, "max_age": 5
  }}"#;
    let message = message("app.json", content, Some("cors"));
    assert_eq!(
        starts(&message),
        [
            "app.json:6:16: unknown setting",
            "app.json:4:7: allow_origins[1]",
            "app.json:4:28: allow_origins[2]",
            "app.json:6:8: max_age",
            "app.json:7:22: allow_methods[1]",
            "app.json:8:26: allow_credentials",
            "app.json:8:38: max_age",
        ],
        "{message}"
    );
}

#[cfg(feature = "yaml")]
#[test]
fn every_fault_has_its_line_and_column_in_yaml() {
    let content = "\
# Ünïcödé 🦀
all: &all
  - https://a.example
  - https://B.example
server:
  cors:
    allow_origins: *all
    allow_methods: [PUT, patch, {a: b},
       [x]]
    'allowHeaders': x
    max_age: 10m
    expose_headers: >-
      etag
      x:y
    allow_headers:
    preflight_status: 404
    decide_origins_outside: no
";
    let message = message("app.yaml", content, Some("server.cors"));
    assert_eq!(
        starts(&message),
        [
            "app.yaml:10:5: unknown setting",
            "app.yaml:4:5: allow_origins[1]",
            "app.yaml:8:26: allow_methods[1]",
            "app.yaml:8:33: allow_methods[2]",
            "app.yaml:9:8: allow_methods[3]",
            "app.yaml:11:14: max_age",
            "app.yaml:13:7: expose_headers[1]",
            "app.yaml:15:18: allow_headers",
            "app.yaml:16:23: preflight_status",
            "app.yaml:17:5: lookup_origins",
        ],
        "{message}"
    );
}

#[cfg(feature = "yaml")]
#[test]
fn an_unquoted_star_in_yaml_says_to_quote_it() {
    for (content, quoted) in [
        ("allow_origins: *", "\"*\""),
        ("allow_origins: [*]", "\"*\""),
        ("allow_origins: [ * ]", "\"*\""),
        ("allow_origins:\n  - *\n", "\"*\""),
        ("allow_origins: # any\n  *\n", "\"*\""),
        (
            "allow_credentials: false\nallow_headers: *\nmax_age: 5",
            "\"*\"",
        ),
        ("allow_origins: *.example.com", "\"*.example.com\""),
        ("allow_origins: [a, *://b.example, x]", "\"*://b.example\""),
        ("cors: {allow_origins: *}", "\"*\""),
    ] {
        let message = message("cors.yaml", content, None);
        let hint = format!("`*` begins an alias in YAML; quote it: `{quoted}`");
        assert!(message.contains(&hint), "{content}: {message}");
        assert!(
            message.starts_with("cors.yaml: the policy file is malformed: line "),
            "{message}"
        );
    }
    let long = format!("allow_origins: *{}", ".".repeat(100_000));
    assert!(message("cors.yaml", &long, None).len() < 2048);
    // Other errors have no such hint.
    for content in ["allow_origins: [", "allow_origins: \"*\" x", "a: *b"] {
        let message = message("cors.yaml", content, None);
        assert!(!message.contains("quote it"), "{content}: {message}");
    }
}

#[test]
fn a_program_can_read_the_place_of_each_fault() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    let list = directory.path().join("origins.txt");
    fs::write(&list, "\nhttps://B.example").unwrap();
    fs::write(
        &path,
        "allow_origins_from = 'origins.txt'\nmax_age = -1\nmaxage = 5",
    )
    .unwrap();
    let error = PolicyFile::read(&path).unwrap_err();
    let PolicyFileError::Faults(_, faults) = &error else {
        panic!("{error}");
    };
    let found: Vec<_> = faults
        .iter()
        .map(|found| {
            (
                found.path(),
                found.line(),
                found.column(),
                found.fault().suggestion(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (&*path, Some(3), Some(1), Some("max_age")),
            (&*path, Some(2), Some(11), None),
            (&*list, Some(2), None, Some("https://b.example")),
        ]
    );
}

/// This would take minutes if the cost were quadratic.
#[test]
fn many_faults_in_one_line_are_located_quickly() {
    let items = "'https://Upper.example/', ".repeat(20_000);
    let begin = std::time::Instant::now();
    let text = message("cors.toml", &format!("allow_origins = [{items}]"), None);
    assert!(text.contains("cors.toml:1:18: allow_origins[0]"), "{text}");
    #[cfg(feature = "json")]
    {
        let items = vec!["\"https://Upper.example/\""; 20_000].join(",");
        message(
            "cors.json",
            &format!("{{\"allow_origins\": [{items}]}}"),
            None,
        );
        let names = (0..20_000).map(|number| format!("\"x{number}\": 0"));
        message(
            "cors.json",
            &format!("{{{}}}", names.collect::<Vec<_>>().join(",")),
            None,
        );
    }
    #[cfg(feature = "yaml")]
    {
        let items = vec!["https://Upper.example/"; 20_000].join(",");
        message("cors.yaml", &format!("allow_origins: [{items}]"), None);
    }
    // This takes 4 s on a slow machine. With a search from the start of the line for each fault, it would take minutes.
    assert!(begin.elapsed() < Duration::from_secs(60));
}

#[test]
fn the_path_of_a_json_schema_is_not_a_fault_in_any_format() {
    for (name, content, expected) in [
        (
            "cors.toml",
            "\"$schema\" = './cors.schema.json'\nallow_origins = ['https://a.example']\nmax_age = 'a'",
            "cors.toml:3:11: max_age",
        ),
        #[cfg(feature = "json")]
        (
            "cors.json",
            "{\"$schema\": \"./cors.schema.json\",\n\"allow_origins\": [\"https://a.example\"], \"max_age\": \"a\"}",
            "cors.json:2:52: max_age",
        ),
        #[cfg(feature = "yaml")]
        (
            "cors.yaml",
            "$schema: ./cors.schema.json\nallow_origins: https://a.example\nmax_age: a\n",
            "cors.yaml:3:10: max_age",
        ),
    ] {
        assert_eq!(starts(&message(name, content, None)), [expected]);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        fs::write(
            &path,
            content
                .replace("'a'", "5")
                .replace("\"a\"", "5")
                .replace(" a\n", " 5\n"),
        )
        .unwrap();
        PolicyFile::read(&path).unwrap();
    }
}

#[cfg(feature = "json")]
#[test]
fn a_trailing_comma_is_the_place_of_the_error() {
    let content = "{\n  \"allow_origins\": [\"https://a.example\"], \n\n}";
    let message = message("cors.json", content, None);
    assert!(
        message.contains("line 2, column 41: trailing comma"),
        "{message}"
    );
}
