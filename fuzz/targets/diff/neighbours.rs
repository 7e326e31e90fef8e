//! Origins about which the policies of an input may disagree.

use std::collections::BTreeSet;

use omnicors_core::{Origin, limits};
use omnicors_fuzz::{Kind, Script};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::cli::compare::Comparison;

/// The maximum number of origins, so that an input does not take long.
const MOST: usize = 400;

/// The number of texts for each regular expression.
const SAMPLES: usize = 6;

/// The longest text for a regular expression, with some room above the limit of an origin.
const LONGEST_SAMPLE: usize = 600;

/// Returns the origins of the input, origins that the entries of its policies allow, the examples of the comparison, and neighbours of all
/// these.
pub(crate) fn origins(scripts: &[&Script<'_>], comparison: &Comparison<'_>) -> Vec<String> {
    let texts = |kind| scripts.iter().flat_map(move |script| script.texts(kind));
    let mut origins: Vec<String> = texts(Kind::Origin).map(str::to_owned).collect();
    for change in &comparison.origins {
        origins.extend(change.region.witnesses().take(20).map(str::to_owned));
    }
    for entry in texts(Kind::Allow) {
        for part in ["a", "a-1", "a.b"] {
            let text = entry.replacen(":*", ":1", 1);
            origins.push(text.replacen('*', part, 1));
        }
    }
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build();
    for regex in texts(Kind::Regex) {
        if let Ok(expression) = parser.parse(regex) {
            origins.extend((0..SAMPLES).filter_map(|choice| sample(&expression, choice)));
        }
    }
    let is_origin =
        |text: &String| text.len() <= limits::ORIGIN && Origin::parse(text.as_bytes()).is_ok();
    let near = origins.iter().flat_map(|origin| neighbours(origin));
    let mut all: BTreeSet<String> = near.filter(is_origin).take(MOST).collect();
    all.extend(origins.into_iter().filter(is_origin).take(MOST));
    all.into_iter().collect()
}

/// Returns texts that differ from an origin in one place.
fn neighbours(origin: &str) -> Vec<String> {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return vec![format!("{origin}://a"), format!("https://{origin}")];
    };
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => authority.split_at(colon),
        _ => (authority, ""),
    };
    let other_scheme = match scheme {
        "https" => "http",
        _ => "https",
    };
    let middle = (0..=host.len() / 2)
        .rev()
        .find(|at| host.is_char_boundary(*at));
    let (before, after) = host.split_at(middle.unwrap_or(0));
    let without_first: String = host.chars().skip(1).collect();
    let without_last = host.char_indices().last().map_or("", |(at, _)| &host[..at]);
    let without_middle: String = after.chars().skip(1).collect();
    let parent = host.split_once('.').map_or(host, |(_, parent)| parent);
    vec![
        format!("{other_scheme}://{host}{port}"),
        format!("{scheme}x://{host}{port}"),
        format!("{scheme}://a{host}{port}"),
        format!("{scheme}://a.{host}{port}"),
        format!("{scheme}://a.b.{host}{port}"),
        format!("{scheme}://{without_first}{port}"),
        format!("{scheme}://{parent}{port}"),
        format!("{scheme}://{host}a{port}"),
        format!("{scheme}://{host}.{port}"),
        format!("{scheme}://{without_last}{port}"),
        format!("{scheme}://{without_last}z{port}"),
        format!("{scheme}://{before}x{after}{port}"),
        format!("{scheme}://{before}{without_middle}{port}"),
        format!("{scheme}://{before}0{without_middle}{port}"),
        format!("{scheme}://{host}"),
        format!("{scheme}://{host}:1"),
        format!("{scheme}://{host}{port}1"),
    ]
}

/// Returns a text that the expression matches, if it has no assertions inside. Different numbers choose different branches.
fn sample(expression: &Hir, choice: usize) -> Option<String> {
    let mut text = Vec::new();
    let mut choice = choice;
    add(expression, &mut choice, &mut text);
    String::from_utf8(text).ok()
}

fn add(expression: &Hir, choice: &mut usize, text: &mut Vec<u8>) {
    if text.len() > LONGEST_SAMPLE {
        return;
    }
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.extend_from_slice(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.iter().flat_map(|range| range.start()..=range.end());
            let bytes: Vec<u8> = bytes.filter(u8::is_ascii_graphic).collect();
            text.extend(pick(&bytes, choice));
        }
        HirKind::Class(Class::Unicode(_)) => {}
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let counts = [0, 1, 3].map(|more| repetition.min.saturating_add(more).min(most));
            for _ in 0..pick(&counts, choice).unwrap_or(0) {
                add(&repetition.sub, choice, text);
                if text.len() > LONGEST_SAMPLE {
                    return;
                }
            }
        }
        HirKind::Capture(capture) => add(&capture.sub, choice, text),
        HirKind::Concat(parts) => {
            for part in parts {
                add(part, choice, text);
            }
        }
        HirKind::Alternation(branches) => {
            if let Some(branch) = branches.get(*choice % branches.len()) {
                *choice += 1;
                add(branch, choice, text);
            }
        }
    }
}

/// Returns one of the items, and another one the next time.
fn pick<T: Copy>(items: &[T], choice: &mut usize) -> Option<T> {
    let item = items.get(choice.checked_rem(items.len())?).copied();
    // Not 1, so that the choices after each other differ from those of the next number.
    *choice = choice.wrapping_mul(5).wrapping_add(3);
    item
}
