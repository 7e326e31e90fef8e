//! Parses origins that a page can have, which are the ones that a policy can list.

use super::host::HostKind;
use super::punycode;
use super::{Origin, OriginError, OriginPatternError};

/// Parses an origin that a page can have.
pub(super) fn parse_page_origin(text: &str) -> Result<Origin<'_>, OriginPatternError> {
    let origin = Origin::try_from(text)?;
    let Some(host) = origin.host() else {
        return Ok(origin);
    };
    if origin.kind() == HostKind::OtherName {
        // The URL standard allows empty labels, but DNS has no such names.
        if host.split('.').rev().skip(1).any(str::is_empty) || host == "." {
            return Err(OriginPatternError::EmptyLabel);
        }
        if let Some(delimiter) = host.chars().find(|it| matches!(it, ',' | ';' | '"')) {
            return Err(OriginPatternError::Delimiter(delimiter));
        }
        if host.ends_with(['\'', '`']) {
            return Err(OriginPatternError::Quoted);
        }
    }
    if host.split('.').any(punycode::is_invalid) {
        return Err(OriginPatternError::Punycode);
    }
    Ok(origin)
}

/// Checks that pages can have the scheme.
pub(super) fn check_scheme(scheme: &str) -> Result<(), OriginPatternError> {
    let is_scheme_character =
        |character| matches!(character, 'a'..='z' | '0'..='9' | '+' | '-' | '.');
    if scheme.contains('*') {
        Err(OriginPatternError::WildcardInScheme)
    } else if scheme == "file" {
        Err(OriginError::FileScheme.into())
    } else if scheme.contains(|character: char| character.is_ascii_uppercase()) {
        Err(OriginError::UpperCase.into())
    } else if scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.chars().all(is_scheme_character)
    {
        Ok(())
    } else {
        Err(OriginError::Scheme.into())
    }
}
