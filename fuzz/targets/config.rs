//! Settings to a policy: what is accepted round-trips and admits what it says; what is refused says why, and the fix that it
//! proposes is one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_core::adapter::prepared_values;
use omnicors_core::{Fault, OriginPattern, Policy, PolicyConfig, Setting};
use omnicors_fuzz::Script;
use omnicors_tests::naive;

fuzz_target!(|data: &[u8]| {
    let script = Script::new(data);
    match script.config().build() {
        Ok(policy) => accepted(&policy),
        Err(error) => {
            assert!(!error.faults().is_empty(), "an error without a fault");
            let _told = error.to_string();
            for fault in error.faults() {
                refused(fault);
            }
        }
    }
});

fn accepted(policy: &Policy) {
    let config = policy.config();
    let again = config.clone().build().expect("what was built builds again");
    assert_eq!(again.config(), config, "a policy of its own settings");
    let json = serde_json::to_string(&config).expect("settings are data");
    let read: PolicyConfig = serde_json::from_str(&json).expect("it was just written");
    assert_eq!(read, config, "through JSON");
    let _told = policy.warnings().iter().map(ToString::to_string).count();
    for (name, text) in prepared_values(policy) {
        let is_field_value = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        assert!(is_field_value && text.trim() == text, "{name}: {text:?}");
    }

    let Some(set) = policy.origins() else { return };
    for text in set.patterns() {
        let pattern = OriginPattern::parse(text).expect("it was accepted");
        assert_eq!(pattern.as_str(), text);
        // Something that it stands for, if its labels are not too long for one more.
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
            assert!(expected, "{text} admits itself");
        }
    }
}

fn refused(fault: &Fault) {
    let shown = fault.to_string();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(shown.len() <= 1003, "{shown}");
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
    // A suggestion may have another fault, such as a danger; but not the same again.
    if let Err(error) = config.build() {
        for other in error.faults() {
            assert!(
                other.cause() != fault.cause(),
                "{fault}\nsuggestion: {other}"
            );
        }
    }
}
