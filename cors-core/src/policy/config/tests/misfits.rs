//! Unknown settings and values of the wrong type are faults among the others.

use alloc::borrow::ToOwned as _;
use alloc::string::ToString as _;
use alloc::vec;
use std::time::Instant;

use serde::de::IntoDeserializer as _;
use serde::de::value::{EnumAccessDeserializer, Error, MapDeserializer};

use super::*;
use crate::Fault;

#[test]
fn an_unknown_setting_is_the_first_fault_with_the_setting_that_was_meant() {
    let first = "unknown setting `allowOrigins`: did you mean `allow_origins`?";
    for config in [
        from_toml("max_age = 100000\nallowOrigins = ['https://a.example']"),
        from_json(r#"{"max_age": 100000, "allowOrigins": ["https://a.example"]}"#),
        from_yaml("max_age: 100000\nallowOrigins: [https://a.example]"),
    ] {
        let found = faults(config);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0], first);
        assert!(found[1].starts_with("max_age: `100000`"), "{found:?}");
    }
}

/// The key is the one that editors read: <https://code.visualstudio.com/docs/languages/json#_mapping-in-the-json>.
#[test]
fn the_path_of_a_json_schema_is_not_a_setting() {
    let expected = PolicyConfig::new().allow_origin("https://a.example");
    for config in [
        from_toml("'$schema' = './cors.schema.json'\nallow_origins = ['https://a.example']"),
        from_json(r#"{"$schema": "./cors.schema.json", "allow_origins": ["https://a.example"]}"#),
        from_yaml("$schema: ./cors.schema.json\nallow_origins: [https://a.example]"),
    ] {
        assert_eq!(config.as_ref(), Ok(&expected));
    }
    // Only this name.
    for name in ["schema", "$Schema", "$schema_", "$"] {
        let found = faults(from_json(&format!(r#"{{"{name}": "a"}}"#)));
        let start = format!("unknown setting `{name}`");
        assert!(found[0].starts_with(&start), "{found:?}");
    }
}

#[test]
fn an_unknown_setting_does_not_hide_other_faults() {
    // The origins are missing, and no unknown name resembles `allow_origins`.
    let found = faults(from_json(r#"{"foo": 1, "allow_metods": ["PUT"]}"#));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].starts_with("unknown setting `foo`; the most common settings are allow_origins"),
        "{found:?}"
    );
    assert_eq!(
        found[1],
        "unknown setting `allow_metods`: did you mean `allow_methods`?"
    );
    assert!(found[2].starts_with("allow_origins: invalid: no origin"));
}

#[test]
fn a_fault_of_an_unknown_setting_has_its_name_and_the_probable_name() {
    let error = from_toml("maxAge = 1").unwrap().build().unwrap_err();
    let fault = &error.faults()[0];
    assert_eq!(fault.cause(), &FaultCause::UnknownSetting);
    assert_eq!(fault.text(), "maxAge");
    assert_eq!(fault.setting(), Some(Setting::MaxAge));
    assert_eq!(fault.suggestion(), Some("max_age"));
    assert_eq!(
        (fault.kind(), fault.index(), fault.variable()),
        (FaultKind::Invalid, None, None)
    );
    let error = from_toml("nothing = 1").unwrap().build().unwrap_err();
    let fault = &error.faults()[0];
    assert_eq!((fault.setting(), fault.suggestion()), (None, None));
}

#[test]
fn every_value_of_the_wrong_type_is_a_fault() {
    let config = from_json(
        r#"{"allow_origins": true, "allow_credentials": 3, "allow_methods": {"PUT": true}, "allow_headers": 5,
            "expose_headers": null, "max_age": [], "preflight_status": "ok", "lookup_origins": "maybe"}"#,
    );
    let list = "expected a list of strings, or one string with commas or spaces between the items";
    assert_eq!(
        faults(config),
        [
            format!("allow_origins: `true` is invalid: {list}"),
            "allow_credentials: `3` is invalid: expected true or false".to_owned(),
            format!("allow_methods: `a table` is invalid: {list}"),
            format!("allow_headers: `5` is invalid: {list}"),
            format!("expose_headers: `null` is invalid: {list}"),
            "max_age: `a list` is invalid: expected a number of seconds, or \"none\"".to_owned(),
            "preflight_status: `ok` is invalid: expected a number from 200 to 299".to_owned(),
            "lookup_origins: `maybe` is invalid: expected true or false".to_owned(),
        ]
    );
}

#[test]
fn an_item_that_is_not_a_string_is_a_fault_and_the_others_keep_their_index() {
    let config = from_json(
        r#"{"allow_origins": [1, "https://a.example", null, ["x"], "https://B.example", {}, "c.example"],
            "allow_methods": ["put", false, "patch"]}"#,
    );
    let found = faults(config);
    let starts: Vec<_> = found
        .iter()
        .map(|fault| fault.split_once(": ").unwrap().0)
        .collect();
    assert_eq!(
        starts,
        [
            "allow_origins[0]",
            "allow_origins[2]",
            "allow_origins[3]",
            "allow_origins[5]",
            "allow_methods[1]",
            "allow_origins[4]",
            "allow_origins[6]",
            "allow_methods[0]",
            "allow_methods[2]",
        ],
        "{found:?}"
    );
    assert!(found[0].contains("`1` is invalid: expected a string; write it in quotes"));
}

#[test]
fn items_that_could_not_be_read_are_not_reported_as_missing() {
    assert_eq!(faults(from_json(r#"{"allow_origins": [true]}"#)).len(), 1);
    assert_eq!(
        faults(from_json(r#"{"origins": ["https://a.example"]}"#)).len(),
        1
    );
    assert_eq!(faults(from_toml("allow_origins_from = 'x'")).len(), 1);
}

#[test]
fn a_repeated_setting_is_a_fault() {
    // The parsers of TOML and YAML report it themselves.
    assert!(from_toml("max_age = 1\nmax_age = 2").is_err());
    let text = r#"{"allow_origins": "https://a.example", "max_age": 1, "max_age": 2}"#;
    assert_eq!(
        faults(from_json(text)),
        ["max_age: invalid: the setting is written twice; remove one of the two"]
    );
}

#[test]
fn settings_that_text_cannot_express_are_faults() {
    let found = faults(from_json(
        r#"{"allow_origins_if": "f", "allow_origins_from": "x", "allow_origins_in": "s"}"#,
    ));
    assert!(found[0].starts_with("allow_origins_if: invalid: it can only be set in code"));
    assert!(found[1].starts_with("allow_origins_in: invalid: it can only be set in code"));
    assert!(
        found[2].starts_with("allow_origins_from: `x` is invalid: it works only in a policy file")
    );
    assert_eq!(found.len(), 3);
    #[cfg(not(feature = "regex"))]
    {
        let found = faults(from_json(r#"{"allow_origin_regexes": ["x"]}"#));
        assert!(found[0].contains("need the feature `regex`"), "{found:?}");
        // The suggestion must not be a fault.
        let found = faults(from_json(r#"{"allowed_origin_regex": ["x"]}"#));
        assert!(!found[0].contains("did you mean"), "{found:?}");
    }
}

#[test]
fn a_list_can_be_one_string_with_commas_or_spaces_in_every_format() {
    let list = "https://a.example, https://b.example\n\thttps://c.example,";
    let json = serde_json::to_string(list).unwrap();
    let expected = PolicyConfig::new()
        .allow_origins([
            "https://a.example",
            "https://b.example",
            "https://c.example",
        ])
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type"])
        .expose_headers(["etag", "link"]);
    for config in [
        from_toml(&format!(
            "allow_origins = {json}\nallow_methods = 'PUT DELETE'\nallow_headers = 'content-type'\nexpose_headers = 'etag,link'"
        )),
        from_json(&format!(
            r#"{{"allow_origins": {json}, "allow_methods": "PUT DELETE", "allow_headers": "content-type", "expose_headers": "etag,link"}}"#
        )),
        from_yaml(&format!(
            "allow_origins: {json}\nallow_methods: PUT DELETE\nallow_headers: content-type\nexpose_headers: etag,link"
        )),
    ] {
        assert_eq!(config.as_ref(), Ok(&expected));
    }
    for empty in ["", " ", ",", " ,\n"] {
        let json = serde_json::to_string(empty).unwrap();
        let config = from_json(&format!(r#"{{"allow_headers": {json}}}"#));
        assert_eq!(config, Ok(PolicyConfig::new()), "{empty:?}");
    }
    // The items of a list are not split.
    let found = faults(from_json(
        r#"{"allow_origins": ["https://a.example,https://b.example"]}"#,
    ));
    assert!(found[0].ends_with("; write each item separately"));
}

#[test]
#[cfg(feature = "regex")]
fn one_string_is_one_regular_expression() {
    let expression = r"https://[a-z]{1,3}\.(a|b)\.example";
    let config = from_json(
        &serde_json::json!({"allow_origin_regexes": format!(" {expression}\n")}).to_string(),
    );
    assert_eq!(
        config,
        Ok(PolicyConfig::new().allow_origin_regexes([expression]))
    );
}

/// `serde_json` passes numbers in this way if its feature `arbitrary_precision` is enabled, by any crate.
#[test]
fn numbers_of_arbitrary_precision_are_read() {
    let read = |setting: &'static str, number: &'static str| {
        let number = MapDeserializer::<_, Error>::new(
            [("$serde_json::private::Number", number)].into_iter(),
        );
        let pairs = vec![(setting, number)];
        let map = MapDeserializer::new(
            pairs
                .into_iter()
                .map(|(name, value)| (name, Wrapped(value))),
        );
        <PolicyConfig as serde::Deserialize>::deserialize(map)
            .map_err(|error: Error| error.to_string())
    };
    assert_eq!(
        read("max_age", "3600"),
        Ok(PolicyConfig::new().max_age(Duration::from_secs(3600)))
    );
    assert!(faults(read("max_age", "1.5"))[0].starts_with("max_age: `1.5` is invalid"));
}

/// A deserializer as the value of a map.
struct Wrapped<D>(D);

impl<'de, D: serde::Deserializer<'de, Error = Error>> serde::de::IntoDeserializer<'de, Error>
    for Wrapped<D>
{
    type Deserializer = D;

    fn into_deserializer(self) -> D {
        self.0
    }
}

#[test]
fn names_and_values_are_printed_in_one_short_line() {
    let long = "\u{1b}[31m\n\u{200b}".repeat(if cfg!(miri) { 20 } else { 4_000 });
    let quoted = serde_json::to_string(&long).unwrap();
    for text in [
        format!("{{{quoted}: 1}}"),
        format!(r#"{{"allow_credentials": {quoted}}}"#),
        format!(r#"{{"max_age": {quoted}}}"#),
        format!(r#"{{"allow_origins": {quoted}}}"#),
        format!(r#"{{"allow_origins_from": {quoted}}}"#),
        r#"{"max_age": 1e300, "allow_origins": [1e300]}"#.to_owned(),
    ] {
        let message = from_json(&text).unwrap().build().unwrap_err().to_string();
        assert!(message.len() < 3000, "{}", message.len());
        assert!(message.lines().count() < 25, "{message}");
        assert!(!message.contains(['\u{1b}', '\u{200b}']), "{message:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "takes Miri too long")]
fn the_time_to_read_many_unknown_settings_is_proportional_to_their_number() {
    let names = (0..50_000).map(|number| format!(r#""allow_orign_{number}": 1"#));
    let text = format!("{{{}}}", names.collect::<Vec<_>>().join(","));
    let begin = Instant::now();
    let error = from_json(&text).unwrap().build().unwrap_err();
    assert_eq!(error.faults().len(), 50_001);
    // This takes 0.3 s on a slow machine without optimization. A search for names similar to each would take a minute.
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_key_that_is_not_a_string_is_an_unknown_setting() {
    let map = MapDeserializer::<_, Error>::new([(5_u64, true.into_deserializer())].into_iter());
    let config: Result<PolicyConfig, Error> = serde::Deserialize::deserialize(map);
    let found = faults(config.map_err(|error| error.to_string()));
    assert!(found[0].starts_with("unknown setting `5`"), "{found:?}");
}

#[test]
fn a_table_is_not_a_number() {
    for value in [r#"{"seconds": "60"}"#, r#"{"60": "60"}"#, "{}"] {
        let text = format!(r#"{{"allow_origins": "*", "max_age": {value}}}"#);
        let found = faults(from_json(&text));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("max_age: `a table`"), "{found:?}");
    }
}

#[test]
fn a_value_of_a_type_that_no_format_has_is_an_error() {
    let variant = EnumAccessDeserializer::new("x".into_deserializer());
    let fields = MapDeserializer::new([("max_age", Wrapped(variant))].into_iter());
    let error = <PolicyConfig as serde::Deserialize>::deserialize(fields).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("expected the value of a setting"),
        "{error}"
    );
}

#[test]
fn the_first_hundred_unknown_settings_have_a_suggestion() {
    let names = (0..102).map(|number| {
        let separator = ["-", " "][number % 2].repeat(1 + number / 2);
        format!(r#""max{separator}age": 1"#)
    });
    let text = format!("{{{}}}", names.collect::<Vec<_>>().join(","));
    let error = from_json(&text).unwrap().build().unwrap_err();
    let unknown = error
        .faults()
        .iter()
        .filter(|fault| *fault.cause() == FaultCause::UnknownSetting);
    let suggestions: Vec<_> = unknown.map(|fault| fault.suggestion()).collect();
    assert_eq!(suggestions.len(), 102);
    assert!(suggestions[..100].iter().all(|it| *it == Some("max_age")));
    assert_eq!(suggestions[100..], [None; 2]);
}

#[test]
fn the_number_of_listed_origins_includes_those_that_could_not_be_read() {
    let text = r#"{"allow_origins": ["https://a.example", 1, true], "allow_methods": [2], "max_age": "x"}"#;
    let config = from_json(text).unwrap();
    assert_eq!(crate::adapter::count_origins(&config), 3);
    let error = config
        .allow_origin("https://d.example/")
        .build()
        .unwrap_err();
    let of_origins = error
        .faults()
        .iter()
        .filter(|fault| fault.setting() == Some(Setting::AllowOrigins));
    let indices: Vec<_> = of_origins.map(Fault::index).collect();
    assert_eq!(indices, [Some(1), Some(2), Some(3)]);
}
