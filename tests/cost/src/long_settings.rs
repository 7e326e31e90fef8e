//! Builds policies with many items in one setting.

use std::hint::black_box;

use omnicors_core::PolicyConfig;

use crate::policies::{config, tenants};

pub(crate) fn build(mut arguments: impl Iterator<Item = String>) {
    let Some(name) = arguments.next() else {
        for (name, _) in LONG_SETTINGS {
            println!("{name}");
        }
        return;
    };
    let count = arguments.next().and_then(|count| count.parse().ok());
    let count: usize = count.expect("how many items");
    let setting = LONG_SETTINGS.iter().find(|(known, _)| *known == name);
    let (_, config) = setting.expect("a setting of this name");
    if let Ok(policy) = black_box(config(count).build()) {
        black_box(policy.warnings());
    }
}

type LongSetting = (&'static str, fn(usize) -> PolicyConfig);

/// Settings with many items, of the kinds that could cost more than linear time.
const LONG_SETTINGS: [LongSetting; 10] = [
    ("exact-origins", |count| {
        origins(count, |number| format!("https://{number}.example.com"))
    }),
    ("exact-origins-and-a-wildcard", |count| {
        origins(count, |number| format!("https://{number}.example.com"))
            .allow_origin("https://*.example.com")
    }),
    ("domains", |count| {
        origins(count, |number| format!("https://*.{number}.example.com"))
    }),
    ("nested-domains", |count| {
        let labels = |number| "a.".repeat(number % 100);
        origins(count, |number| {
            format!("https://*.{}{}.test", labels(number), number / 100)
        })
    }),
    ("parts-of-one-shape", |count| {
        origins(count, |number| format!("https://{number:06}-*.example.com"))
    }),
    ("too-many-shapes", |count| {
        let before = |number| "a".repeat(1 + number % 30);
        origins(count, |number| {
            format!(
                "https://{}*{}.example.com",
                before(number),
                "b".repeat(number / 30 % 30)
            )
        })
    }),
    ("any-origin", |count| origins(count, |_| "*".to_owned())),
    ("ports", |count| {
        origins(count, |number| {
            format!("http://localhost:{}", 65_535 - number)
        })
    }),
    ("headers", |count| {
        one_config().allow_headers((0..count).map(|number| format!("x-{number}")))
    }),
    ("methods", |count| {
        one_config().allow_methods((0..count).map(|number| format!("M{number}")))
    }),
];

fn origins(count: usize, origin: impl Fn(usize) -> String) -> PolicyConfig {
    PolicyConfig::new().allow_origins((0..count).map(origin))
}

fn one_config() -> PolicyConfig {
    config(&tenants(1))
}
