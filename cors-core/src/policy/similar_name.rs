//! Finds the setting that was probably meant by an unknown name.

use alloc::string::String;

use super::setting::Setting;
use crate::edit_distance::distance;

/// The longest name, in bytes, that is compared. The longest name of a setting has 45 bytes.
const LONGEST: usize = 64;

/// Names in other CORS libraries, in the form of [`normalized`], with the setting of the same meaning.
const OF_OTHER_LIBRARIES: &[(&str, Setting)] = &[
    ("allow_all_origins", Setting::AllowOrigins),
    ("allow_any_origin", Setting::AllowOrigins),
    ("allow_origin", Setting::AllowOrigins),
    ("allow_origin_func", Setting::AllowOriginsIf),
    ("allow_origin_pattern", Setting::AllowOrigins),
    ("allow_origin_patterns", Setting::AllowOrigins),
    ("allowed_origin", Setting::AllowOrigins),
    ("allowed_origin_pattern", Setting::AllowOrigins),
    ("allowed_origin_patterns", Setting::AllowOrigins),
    ("allowed_origins", Setting::AllowOrigins),
    ("origin", Setting::AllowOrigins),
    ("origin_whitelist", Setting::AllowOrigins),
    ("origins", Setting::AllowOrigins),
    ("whitelist", Setting::AllowOrigins),
    ("allow_origin_from", Setting::AllowOriginsFrom),
    ("allowed_origins_from", Setting::AllowOriginsFrom),
    ("origins_from", Setting::AllowOriginsFrom),
    ("allow_origin_regex", Setting::AllowOriginRegexes),
    ("allowed_origin_regex", Setting::AllowOriginRegexes),
    ("allowed_origin_regexes", Setting::AllowOriginRegexes),
    ("origin_regex", Setting::AllowOriginRegexes),
    ("origin_regexes", Setting::AllowOriginRegexes),
    ("allow_credential", Setting::AllowCredentials),
    ("allowed_credentials", Setting::AllowCredentials),
    ("credentialed", Setting::AllowCredentials),
    ("credentials", Setting::AllowCredentials),
    ("support_credentials", Setting::AllowCredentials),
    ("supports_credentials", Setting::AllowCredentials),
    ("with_credentials", Setting::AllowCredentials),
    ("allow_method", Setting::AllowMethods),
    ("allowed_method", Setting::AllowMethods),
    ("allowed_methods", Setting::AllowMethods),
    ("method", Setting::AllowMethods),
    ("methods", Setting::AllowMethods),
    ("allow_header", Setting::AllowHeaders),
    ("allowed_header", Setting::AllowHeaders),
    ("allowed_headers", Setting::AllowHeaders),
    ("header", Setting::AllowHeaders),
    ("headers", Setting::AllowHeaders),
    ("request_headers", Setting::AllowHeaders),
    ("expose", Setting::ExposeHeaders),
    ("expose_header", Setting::ExposeHeaders),
    ("exposed", Setting::ExposeHeaders),
    ("exposed_header", Setting::ExposeHeaders),
    ("exposed_headers", Setting::ExposeHeaders),
    ("headers_to_expose", Setting::ExposeHeaders),
    ("response_headers", Setting::ExposeHeaders),
    ("max_age_in_seconds", Setting::MaxAge),
    ("max_age_sec", Setting::MaxAge),
    ("max_age_seconds", Setting::MaxAge),
    ("max_age_secs", Setting::MaxAge),
    ("maxage", Setting::MaxAge),
    ("preflight_max_age", Setting::MaxAge),
    ("preflight_max_age_seconds", Setting::MaxAge),
    ("option_success_status", Setting::PreflightStatus),
    ("options_response_status_code", Setting::PreflightStatus),
    ("options_success_status", Setting::PreflightStatus),
    ("preflight_status_code", Setting::PreflightStatus),
    ("options_passthrough", Setting::ForwardPreflights),
    ("preflight_continue", Setting::ForwardPreflights),
    ("private_network", Setting::AllowPrivateNetwork),
    ("allow_private_network_access", Setting::AllowPrivateNetwork),
];

/// Returns the setting that was probably meant, or `None` if there is none or two are equally similar.
pub(super) fn meant(name: &str) -> Option<Setting> {
    if name.len() > LONGEST {
        return None;
    }
    let name = normalized(name);
    let mut nearest: Option<(usize, Setting)> = None;
    let mut is_tie = false;
    let length = name.chars().count();
    for (candidate, setting) in candidates() {
        let most = 1 + candidate.len() / 10;
        // The distance is at least the difference of the lengths.
        if length.abs_diff(candidate.len()) > most {
            continue;
        }
        let distance = distance(&name, candidate);
        if distance > 0 && (distance > most || candidate.len() < 6) {
            continue;
        }
        match nearest {
            Some((least, _)) if least < distance => {}
            Some((least, other)) if least == distance => is_tie |= other != setting,
            _ => {
                nearest = Some((distance, setting));
                is_tie = false;
            }
        }
    }
    let (_, setting) = nearest?;
    (!is_tie && can_be_written(setting)).then_some(setting)
}

fn candidates() -> impl Iterator<Item = (&'static str, Setting)> {
    let own = Setting::ALL.map(|setting| (setting.as_str(), setting));
    own.into_iter().chain(OF_OTHER_LIBRARIES.iter().copied())
}

/// Returns true if the setting can be read from text.
pub(super) fn can_be_written(setting: Setting) -> bool {
    let needs_feature = setting == Setting::AllowOriginRegexes && !cfg!(feature = "regex");
    let is_code = matches!(setting, Setting::AllowOriginsIf | Setting::AllowOriginsIn);
    !is_code && !needs_feature
}

/// Returns the name in lower case with `_` between words, without the prefixes `cors_` and `access_control_`.
fn normalized(name: &str) -> String {
    let mut words = String::new();
    let mut is_after_lower_case = false;
    for character in name.chars() {
        let is_letter_or_digit = character.is_alphanumeric();
        let begins_word = !is_letter_or_digit || (character.is_uppercase() && is_after_lower_case);
        if begins_word && !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
        if is_letter_or_digit {
            words.extend(character.to_lowercase());
        }
        is_after_lower_case = is_letter_or_digit && !character.is_uppercase();
    }
    let mut rest = words.trim_end_matches('_');
    for prefix in ["cors_", "access_control_"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    rest.into()
}

#[cfg(test)]
mod tests;
