use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;

#[test]
#[cfg_attr(miri, ignore = "compares names, which takes Miri minutes")]
fn a_name_in_another_style_is_recognized() {
    for setting in Setting::ALL {
        let expected = can_be_written(setting).then_some(setting);
        let name = setting.as_str();
        let mut camel = String::new();
        for (index, word) in name.split('_').enumerate() {
            let (first, rest) = word.split_at(1);
            if index == 0 {
                camel.push_str(first);
            } else {
                camel.push_str(&first.to_uppercase());
            }
            camel.push_str(rest);
        }
        let pascal = format!("{}{}", camel[..1].to_uppercase(), &camel[1..]);
        for written in [
            name.into(),
            camel,
            pascal,
            name.replace('_', "-"),
            name.replace('_', " "),
            name.to_uppercase(),
            format!("cors_{name}"),
            format!("cors-{name}"),
            format!("Cors.{name}"),
        ] {
            assert_eq!(meant(&written), expected, "{written}");
        }
    }
}

/// The names are from the documentation of the libraries.
#[test]
#[cfg_attr(miri, ignore = "compares names, which takes Miri minutes")]
fn a_name_from_another_library_is_recognized() {
    for (names, setting) in [
        // express, fastify, hapi, koa
        ("origin", "allow_origins"),
        ("methods", "allow_methods"),
        (
            "allowedHeaders exposedHeaders",
            "allow_headers expose_headers",
        ),
        ("credentials maxAge", "allow_credentials max_age"),
        (
            "preflightContinue optionsSuccessStatus",
            "forward_preflights preflight_status",
        ),
        // Flask-CORS, Starlette, Django
        ("CORS_ORIGINS CORS_METHODS", "allow_origins allow_methods"),
        (
            "CORS_EXPOSE_HEADERS CORS_SUPPORTS_CREDENTIALS",
            "expose_headers allow_credentials",
        ),
        ("allow_origins allow_methods", "allow_origins allow_methods"),
        (
            "CORS_ALLOWED_ORIGINS CORS_ALLOW_ALL_ORIGINS",
            "allow_origins allow_origins",
        ),
        (
            "CORS_PREFLIGHT_MAX_AGE CORS_ALLOW_CREDENTIALS",
            "max_age allow_credentials",
        ),
        ("CORS_ORIGIN_WHITELIST", "allow_origins"),
        // Spring, Quarkus, ASP.NET
        (
            "allowedOrigins allowedOriginPatterns",
            "allow_origins allow_origins",
        ),
        (
            "allowedMethods allowCredentials",
            "allow_methods allow_credentials",
        ),
        (
            "exposed-headers access-control-max-age",
            "expose_headers max_age",
        ),
        // rs/cors, gin, jub0bs/cors
        (
            "AllowedOrigins AllowedMethods AllowedHeaders",
            "allow_origins allow_methods allow_headers",
        ),
        (
            "AllowAllOrigins ExposedHeaders OptionsPassthrough",
            "allow_origins expose_headers forward_preflights",
        ),
        (
            "RequestHeaders ResponseHeaders MaxAgeInSeconds",
            "allow_headers expose_headers max_age",
        ),
        ("Credentialed", "allow_credentials"),
        // rocket_cors, actix-cors, tower-http
        (
            "allowed_origins allow_credentials",
            "allow_origins allow_credentials",
        ),
        (
            "supports_credentials max_age_secs",
            "allow_credentials max_age",
        ),
        (
            "allow_origin allow_header expose_header",
            "allow_origins allow_headers expose_headers",
        ),
        ("allow_private_network", "allow_private_network"),
        // nginx, Traefik, Envoy
        ("Access-Control-Allow-Origin", "allow_origins"),
        (
            "accessControlAllowHeaders accessControlExposeHeaders",
            "allow_headers expose_headers",
        ),
        (
            "accessControlAllowMethods accessControlMaxAge",
            "allow_methods max_age",
        ),
        // Misspellings
        (
            "allow_orgins alow_origins allow_oirgins",
            "allow_origins allow_origins allow_origins",
        ),
        ("max_aeg allow_credentails", "max_age allow_credentials"),
        ("allowed_orgins", "allow_origins"),
    ] {
        let names = names.split(' ');
        let mut settings = setting.split(' ');
        for name in names {
            let expected = settings.next().unwrap();
            let found = meant(name).map_or("", Setting::as_str);
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(settings.next(), None);
    }
}

#[test]
#[cfg_attr(miri, ignore = "compares names, which takes Miri minutes")]
fn other_names_are_not_recognized() {
    for name in [
        "",
        "_",
        "cors",
        "cors_",
        "a",
        "foo",
        "port",
        "host",
        "hosts",
        "allow",
        "enabled",
        "send_wildcard",
        "vary_header",
        "vary",
        "allow_ips",
        "allow_clients",
        "timeout",
        "age",
        "page",
        "status",
        "message",
        "allow_null_origin",
        "allow_insecure_origins",
        "decide_origins_outside",
        "ünïcödé",
        "\u{1b}[31m",
        &"allow_origins".repeat(1000),
    ] {
        assert_eq!(meant(name), None, "{name}");
    }
}

/// A name of another library is never recognized as an opt-out.
#[test]
#[cfg_attr(miri, ignore = "compares names, which takes Miri minutes")]
fn no_name_is_recognized_as_a_dangerous_setting() {
    let dangerous = Setting::ALL
        .into_iter()
        .filter(|setting| setting.as_str().starts_with("dangerously_"));
    assert_eq!(dangerous.clone().count(), 4);
    for setting in dangerous {
        assert!(
            OF_OTHER_LIBRARIES
                .iter()
                .all(|&(_, other)| other != setting)
        );
        let name = setting.as_str().strip_prefix("dangerously_").unwrap();
        assert_ne!(meant(name), Some(setting));
    }
}

#[test]
fn names_of_other_libraries_are_unique_and_normalized() {
    for (index, (name, _)) in OF_OTHER_LIBRARIES.iter().enumerate() {
        assert_eq!(normalized(name), *name);
        assert!(Setting::ALL.iter().all(|setting| setting.as_str() != *name));
        let others = OF_OTHER_LIBRARIES.iter().skip(index + 1);
        assert!(others.clone().all(|(other, _)| other != name), "{name}");
    }
}

/// Returns the setting of the nearest candidates, if they have the same.
fn nearest(name: &str) -> Option<Setting> {
    let distance = |candidate: &str| strsim::osa_distance(name, candidate);
    let is_near = |candidate: &str| {
        let distance = distance(candidate);
        distance == 0 || candidate.len() >= 6 && distance <= 1 + candidate.len() / 10
    };
    let near: Vec<_> = candidates().filter(|(name, _)| is_near(name)).collect();
    let least = near.iter().map(|(name, _)| distance(name)).min()?;
    let mut settings = near.iter().filter(|(name, _)| distance(name) == least);
    let (_, first) = *settings.next()?;
    settings
        .all(|(_, setting)| *setting == first)
        .then_some(first)
}

#[test]
#[cfg_attr(miri, ignore = "compares names, which takes Miri minutes")]
fn the_setting_of_the_nearest_names_is_meant() {
    let names: Vec<&str> = candidates().map(|(name, _)| name).collect();
    let mut written = Vec::new();
    for name in &names {
        let (start, end) = name.split_at(name.len() / 2);
        written.extend(["x", "xx", "xxx"].map(|more| format!("{name}{more}")));
        written.push(format!("{start}{}", &end[1..]));
        written.push(format!("x{}", &name[1..]));
        // Names between two names, from the one to the other.
        for other in &names {
            let edits = strsim::osa_distance(name, other);
            if (1..=6).contains(&edits) {
                written.extend((0..other.len()).map(|place| {
                    let place_in_name = place.min(name.len());
                    format!("{}{}", &other[..place], &name[place_in_name..])
                }));
            }
        }
    }
    written.sort();
    written.dedup();
    let mut ties = 0;
    for written in written
        .iter()
        .filter(|written| normalized(written) == **written)
    {
        let expected = nearest(written);
        ties += usize::from(expected.is_none());
        let expected = expected.filter(|setting| can_be_written(*setting));
        assert_eq!(meant(written), expected, "{written}");
    }
    assert!(ties > 0);
}

#[test]
fn a_short_name_is_recognized_only_as_it_is_and_a_long_one_up_to_a_length() {
    assert_eq!(meant("Guard"), Some(Setting::Guard));
    assert_eq!(meant("guarp"), None);
    assert_eq!(meant("orgin"), Some(Setting::AllowOrigins));
    let long = |length: usize| format!("max{}age", "-".repeat(length - 6));
    assert_eq!(meant(&long(64)), Some(Setting::MaxAge));
    assert_eq!(meant(&long(65)), None);
    assert_eq!(meant("allow_origins_if"), None);
    assert_eq!(meant("allow_origins_in"), None);
    let regexes = cfg!(feature = "regex").then_some(Setting::AllowOriginRegexes);
    assert_eq!(meant("allow_origin_regexes"), regexes);
}
