use std::sync::Arc;

use omnicors_core::ResponseHeaderName;
use omnicors_core::adapter::{is_token, missing_from_vary};
use smallvec::SmallVec;

use crate::field_map::ResponseFieldMap;

/// The names of the request fields that a choice of policies reads: see
/// [`PolicySource::vary_on`](crate::PolicySource::vary_on). They go into `Vary` of every response. A clone is cheap.
///
/// It is empty if one policy or a handle decides all requests.
// One pointer, because it is a member of `ForwardHeaders`; and `None` if it is empty, which costs one comparison.
#[derive(Clone, Debug, Default)]
pub struct VaryNames(Option<Arc<Vec<&'static str>>>);

impl VaryNames {
    /// Returns true if there are no names.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Merges the names into `Vary` of a response that is sent without running the application. For the others, see
    /// [`ForwardHeaders::vary_on`](crate::ForwardHeaders::vary_on).
    ///
    /// If the map has no room for a name, the response allows no origin.
    #[inline]
    pub fn merge_into(&self, headers: &mut impl ResponseFieldMap) {
        // If there is no room, this has made up for it.
        let _ = self.try_merge_into(headers);
    }

    /// Does the same as [`merge_into`](Self::merge_into). Returns `None` if there is no room.
    #[inline]
    pub(crate) fn try_merge_into(&self, headers: &mut impl ResponseFieldMap) -> Option<()> {
        match self.0.as_deref() {
            Some(names) => merge_names(headers, names),
            None => Some(()),
        }
    }

    /// Adds names.
    ///
    /// # Panics
    ///
    /// Panics if one is not a valid header name.
    #[track_caller]
    pub(crate) fn with(&self, names: impl IntoIterator<Item = &'static str>) -> Self {
        let mut all = self.0.as_deref().cloned().unwrap_or_default();
        for name in names {
            assert!(
                is_token(name.as_bytes()),
                "{name:?} is not a valid header name: pass each name by itself, as in `.vary_on([\"x-tenant\", \"origin\"])`"
            );
            all.push(name);
        }
        Self((!all.is_empty()).then(|| Arc::new(all)))
    }
}

#[cold]
fn merge_names<M: ResponseFieldMap>(headers: &mut M, names: &[&'static str]) -> Option<()> {
    let merged = names.iter().try_for_each(|name| merge_vary(headers, name));
    if merged.is_none() {
        // A response must not allow an origin if it has no room to say what that depends on.
        headers.remove(ResponseHeaderName::AccessControlAllowOrigin);
    }
    merged
}

/// Adds to `Vary` the names that it does not have yet. Returns `None` if there is no room.
pub(crate) fn merge_vary<M: ResponseFieldMap>(headers: &mut M, names: &'static str) -> Option<()> {
    let missing: SmallVec<[&str; 3]> =
        missing_from_vary(names, || headers.values(ResponseHeaderName::Vary)).collect();
    // Usually all of them are missing, and then they are one value.
    if missing.len() == names.split(", ").count() {
        return headers.append(ResponseHeaderName::Vary, M::constant(names));
    }
    for name in missing {
        headers.append(ResponseHeaderName::Vary, M::constant(name))?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field_map::tests::Map;

    fn values(headers: Map) -> Vec<String> {
        headers.fields.into_iter().map(|(_, value)| value).collect()
    }

    fn vary(existing: &[&str], ours: &'static str) -> Vec<String> {
        let mut headers = Map::with_room(9);
        for value in existing {
            headers.fields.push(("Vary", (*value).to_owned()));
        }
        merge_vary(&mut headers, ours).unwrap();
        values(headers)
    }

    #[test]
    fn vary_is_merged_without_duplicates() {
        assert_eq!(vary(&[], "Origin"), ["Origin"]);
        assert_eq!(
            vary(&["accept-encoding"], "Origin"),
            ["accept-encoding", "Origin"]
        );
        assert_eq!(
            vary(&["accept-encoding, origin"], "Origin"),
            ["accept-encoding, origin"]
        );
        assert_eq!(
            vary(
                &["accept", "ORIGIN"],
                "Origin, Access-Control-Request-Method"
            ),
            ["accept", "ORIGIN", "Access-Control-Request-Method"]
        );
        assert_eq!(vary(&["*"], "Origin"), ["*"]);
    }

    #[test]
    fn names_are_merged_without_duplicates() {
        let names = VaryNames::default();
        let names = names.with(["X-Tenant", "origin"]).with(["x-tenant"]);
        for (existing, expected) in [
            (&[][..], &["X-Tenant", "origin"][..]),
            (&["accept, x-tenant"], &["accept, x-tenant", "origin"]),
            (&["Origin", "X-TENANT"], &["Origin", "X-TENANT"]),
            (&["*"], &["*"]),
        ] {
            let mut headers = Map::with_room(9);
            let fields = existing.iter().map(|value| ("Vary", (*value).to_owned()));
            headers.fields.extend(fields);
            names.merge_into(&mut headers);
            assert_eq!(values(headers), expected);
        }
    }

    #[test]
    fn a_response_without_room_for_a_name_allows_no_origin() {
        let names = VaryNames::default().with(["x-tenant", "x-user"]);
        for (room, expected) in [
            (1, &[][..]),
            (2, &["vary"]),
            (3, &["access-control-allow-origin", "vary", "vary"]),
        ] {
            let mut headers = Map::with_room(room);
            let field = ("access-control-allow-origin", "*".to_owned());
            headers.fields.push(field);
            let merged = names.try_merge_into(&mut headers);
            assert_eq!(merged.is_some(), room == 3);
            let names: Vec<_> = headers.fields.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn no_names_are_empty() {
        assert!(VaryNames::default().is_empty());
        assert!(VaryNames::default().with([]).is_empty());
        assert!(!VaryNames::default().with(["origin"]).is_empty());
    }

    #[test]
    #[should_panic(expected = r#""x-tenant, origin" is not a valid header name"#)]
    fn a_list_in_one_text_is_a_mistake() {
        let _ = VaryNames::default().with(["x-tenant, origin"]);
    }
}
