//! Builds policies from arbitrary settings.
//!
//! * A valid policy round-trips through its config and through JSON, and allows the origins of its patterns.
//! * A fault prints one short line, and its suggestion does not have the same fault.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_core::adapter::prepared_values;
use omnicors_core::{Fault, OriginPattern, Policy, PolicyConfig, Setting};
use omnicors_fuzz::Script;
use omnicors_tests::naive;

fuzz_target!(|data: &[u8]| {
    let script = Script::new(data);
    match script.config().build() {
        Ok(policy) => check_policy(&policy),
        Err(error) => {
            assert!(!error.faults().is_empty(), "an error without a fault");
            let _text = error.to_string();
            for fault in error.faults() {
                check_fault(fault);
            }
        }
    }
});

fn check_policy(policy: &Policy) {
    let config = policy.config();
    let again = config
        .clone()
        .build()
        .expect("the config of a policy builds");
    assert_eq!(
        again.config(),
        config,
        "the config of a policy builds an equal policy"
    );
    let json = serde_json::to_string(&config).expect("a config can be written as JSON");
    let read: PolicyConfig =
        serde_json::from_str(&json).expect("JSON that was written can be read");
    assert_eq!(read, config, "through JSON");
    let _texts = policy.warnings().iter().map(ToString::to_string).count();
    for (name, text) in prepared_values(policy) {
        let is_field_value = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        assert!(is_field_value && text.trim() == text, "{name}: {text:?}");
    }

    let Some(set) = policy.origins() else { return };
    for text in set.patterns() {
        let pattern = OriginPattern::parse(text).expect("the policy contains the pattern");
        assert_eq!(pattern.as_str(), text);
        // An origin that the pattern matches, unless it becomes too long.
        let instance = text
            .replacen("//*.", "//a.", 1)
            .replacen(":*", ":8080", 1)
            .replacen('*', "1", 1);
        let expected = naive::pattern_matches(text, instance.as_bytes());
        assert_eq!(
            set.contains(instance.as_bytes()),
            expected,
            "{text}: {instance}"
        );
        if !text.contains('*') {
            assert!(expected, "{text} allows itself");
        }
    }
}

fn check_fault(fault: &Fault) {
    let text = fault.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() <= 1003, "{text}");
    let items: Vec<&str> = fault.suggested_items().collect();
    if items.is_empty() {
        return;
    }
    let config = PolicyConfig::new().lookup_origins(true);
    let config = match fault.setting() {
        Some(Setting::AllowOrigins) => config.allow_origins(items),
        Some(Setting::AllowMethods) => config.allow_methods(items),
        Some(Setting::AllowHeaders) => config.allow_headers(items),
        Some(Setting::ExposeHeaders) => config.expose_headers(items),
        _ => return,
    };
    // A suggestion can have another fault, for example because it is unsafe, but not the same one.
    if let Err(error) = config.build() {
        for other in error.faults() {
            assert!(
                other.cause() != fault.cause(),
                "{fault}\nsuggestion: {other}"
            );
        }
    }
}
