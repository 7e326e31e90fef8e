//! The words that all formats use.

use crate::compare::{
    Access, Direction, EntryText, Form, Gained, GainedNames, Gate, Grant, GrantsChange,
    Incomparable, ServerChange, SettingChange, Side, Tier,
};

/// Returns the heading of the origins that only one policy allows.
pub(super) fn origins(direction: Direction, access: Access) -> &'static str {
    match (direction, access) {
        (Direction::Narrows, Access::WithCredentials) => {
            "no longer allowed origins, which were allowed with credentials"
        }
        (Direction::Narrows, Access::WithoutCredentials) => {
            "no longer allowed origins, which were allowed without credentials"
        }
        (Direction::Narrows, Access::OnlyCredentials) => {
            "no longer allowed with credentials, still allowed without"
        }
        (_, Access::WithCredentials) => "newly allowed origins, with credentials",
        (_, Access::WithoutCredentials) => "newly allowed origins, without credentials",
        (_, Access::OnlyCredentials) => "newly allowed with credentials, allowed without before",
    }
}

/// Returns an entry as text.
pub(super) fn entry(entry: &EntryText) -> String {
    let mut text = match entry.form {
        Form::Any => return any(entry.gate).to_owned(),
        Form::Pattern => entry.text.clone(),
        Form::Regex => format!("regular expression {}", entry.text),
    };
    if let Gate::Origin {
        allow_insecure: false,
        ..
    } = entry.gate
    {
        text += " (only https, loopback and applications)";
    }
    text
}

fn any(gate: Gate) -> &'static str {
    match gate {
        Gate::Origin {
            allow_opaque: false,
            ..
        } => "any origin except `null` and `file://`",
        _ => "any origin",
    }
}

/// Returns the origins to which changes of grants apply.
pub(super) fn subjects(change: &GrantsChange) -> String {
    let subject = |tiers: &(Tier, Tier)| match tiers {
        (Tier::Listed, Tier::Listed) => "origins that both policies list",
        (Tier::Listed, Tier::Others) => "origins that only the old policy lists",
        (Tier::Others, Tier::Listed) => "origins that only the new policy lists",
        (Tier::Others, Tier::Others) => "origins that neither policy lists",
    };
    let subjects: Vec<&str> = change.tiers.iter().map(subject).collect();
    subjects.join(", and ")
}

/// Returns what is granted.
pub(super) fn grant(grant: &Grant) -> String {
    match grant {
        Grant::Method(gained) => names("method", gained),
        Grant::Header(gained) => names("request header", gained),
        Grant::ExposedHeader(gained) => names("readable response header", gained),
        Grant::ApplicationExposed(_) => {
            "response headers that the application exposes (merge_expose_headers)".to_owned()
        }
        Grant::ApplicationExposedAny => {
            "all response headers, if the application exposes `*` (merge_expose_headers)".to_owned()
        }
        Grant::Timing => "detailed resource timing (timing_allow_origin)".to_owned(),
        Grant::PrivateNetwork => {
            "requests to a private network, in older browsers (allow_private_network)".to_owned()
        }
    }
}

fn names(kind: &str, gained: &Gained) -> String {
    match gained.names {
        GainedNames::One => format!("{kind} {}", gained.witness),
        GainedNames::Any => format!("any other {kind}, for example {}", gained.witness),
        GainedNames::LongerThan(bytes) => format!("{kind}s of more than {bytes} bytes"),
    }
}

/// Returns what the server does differently.
pub(super) fn server(change: &ServerChange) -> String {
    match change {
        ServerChange::Requests(direction, method, origin) => format!(
            "{} of origins that are not listed {} (guard), for example {method} from {origin}",
            if *method == "GET" {
                "CORS requests with GET and HEAD"
            } else {
                "requests"
            },
            run(*direction)
        ),
        ServerChange::Navigations(direction, origin) => format!(
            "forms and other navigations from {origin} {} (allow_navigations_from)",
            run(*direction)
        ),
        ServerChange::Hosts(direction, host) => {
            format!(
                "requests for the host {host} {} (allow_hosts)",
                run(*direction)
            )
        }
        ServerChange::Preflights(Direction::Narrows) => {
            "preflights no longer reach the application (forward_preflights)".to_owned()
        }
        ServerChange::Preflights(_) => {
            "preflights of any origin reach the application (forward_preflights)".to_owned()
        }
        ServerChange::TimingWithoutOrigin(direction, origin) => {
            let verb = match direction {
                Direction::Narrows => "no longer see",
                _ => "see",
            };
            let pages = if origin == "*" {
                "all pages".to_owned()
            } else {
                format!("pages of {origin}")
            };
            format!("{pages} {verb} the timing of images, scripts and styles (timing_allow_origin)")
        }
    }
}

fn run(direction: Direction) -> &'static str {
    match direction {
        Direction::Narrows => "no longer run the application",
        _ => "run the application",
    }
}

/// Returns a setting that differs.
pub(super) fn setting(change: &SettingChange) -> String {
    let SettingChange { setting, old, new } = change;
    let effect = match *setting {
        "allow_origins" => "written differently, allows the same origins",
        "allow_hosts" => "written differently, serves the same hosts",
        "guard_report_only" => "whether requests are only reported",
        "guard" | "allow_navigations_from" => "the same requests run the application",
        "max_age" => "how long browsers may keep the response to a preflight, in seconds",
        "preflight_status" => "the status of the response to a preflight",
        "static_origin" => "whether caches may give one response to all pages",
        _ => "allows nothing by itself",
    };
    format!("{setting}: {old} -> {new} ({effect})")
}

/// Returns why the policies cannot be compared in some respect.
pub(super) fn incomparable(reason: &Incomparable) -> String {
    let policy = |side: &Side| match side {
        Side::Old => "the old policy",
        Side::New => "the new policy",
    };
    match reason {
        Incomparable::Lookup(side) => format!(
            "{} looks origins up (lookup_origins), and the file does not say which origins the lookup allows",
            policy(side)
        ),
        Incomparable::Predicate(side) => format!(
            "{} asks a function of the program (allow_origins_if) about origins",
            policy(side)
        ),
        Incomparable::DynamicOrigins(side) => format!(
            "{} asks a set of the program (allow_origins_in) about origins",
            policy(side)
        ),
        Incomparable::OriginsTooLarge => "the patterns and regular expressions of the policies are too large to compare; use \
             smaller repetition counts, or write patterns in allow_origins instead"
            .to_owned(),
        Incomparable::GrantsTooLarge(..) => "the patterns and regular expressions of the policies are too large to find an origin \
             that both allow, so it is not known whether the change of methods or headers applies to any origin"
            .to_owned(),
    }
}
