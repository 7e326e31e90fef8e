use std::sync::Arc;

use omnicors_core::ResponseHeaderName;
use omnicors_core::adapter::{is_token, missing_from_vary};
use smallvec::SmallVec;

use crate::field_map::ResponseFieldMap;

/// The names of the request fields that a choice of policies reads, for `Vary` of every response.
///
/// They are set with [`PolicySource::vary_on`](crate::PolicySource::vary_on) or read with
/// [`ChoiceRequest::header`](crate::ChoiceRequest::header), and are a part of a [`Choice`](crate::Choice). There are none for a
/// source that is one policy or a handle. Cloning is cheap.
///
/// ```
/// use omnicors_adapter::VaryNames;
///
/// assert!(VaryNames::default().is_empty());
/// ```
// One pointer, because it is a member of `ForwardHeaders`. `None` without names, which is checked for every request.
#[derive(Clone, Debug, Default)]
pub struct VaryNames(Option<Arc<Vec<&'static str>>>);

impl VaryNames {
    /// Returns true if this holds no names.
    ///
    /// ```
    /// use omnicors_adapter::VaryNames;
    ///
    /// assert!(VaryNames::default().is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Merges the names into `Vary` of a response.
    ///
    /// Call this for a response that is sent without running the application. For a forwarded request, call
    /// [`ForwardHeaders::vary_on`](crate::ForwardHeaders::vary_on).
    ///
    /// If the map has no room for a name, `Access-Control-Allow-Origin` is removed from it.
    ///
    /// ```
    /// use omnicors_adapter::{ResponseFieldMap, VaryNames};
    ///
    /// /// Completes the response to a preflight.
    /// fn complete(headers: &mut impl ResponseFieldMap, names: &VaryNames) {
    ///     names.merge_into(headers);
    /// }
    /// ```
    #[inline]
    pub fn merge_into(&self, headers: &mut impl ResponseFieldMap) {
        // If the map was full, `merge_names` has removed `Access-Control-Allow-Origin`.
        let _ = self.try_merge_into(headers);
    }

    /// Does the same as [`merge_into`](Self::merge_into). Returns `None` if the map is full.
    #[inline]
    pub(crate) fn try_merge_into(&self, headers: &mut impl ResponseFieldMap) -> Option<()> {
        match self.0.as_deref() {
            Some(names) => merge_names(headers, names),
            None => Some(()),
        }
    }

    /// Adds the names that this does not have yet. They are valid header names.
    pub(crate) fn and_read(&self, names: &[&'static str]) -> Self {
        let has = |name: &str| {
            let mut own = self.0.iter().flat_map(|own| own.iter());
            own.any(|other| other.eq_ignore_ascii_case(name))
        };
        if names.iter().all(|name| has(name)) {
            return self.clone();
        }
        let mut all = self.0.as_deref().cloned().unwrap_or_default();
        all.extend(names.iter().filter(|name| !has(name)));
        Self(Some(Arc::new(all)))
    }

    /// Returns the names.
    #[cfg(any(feature = "tracing", test))]
    pub(crate) fn names(&self) -> &[&'static str] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Returns true if both are the same allocation.
    #[cfg(test)]
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        let pair = self.0.as_ref().zip(other.0.as_ref());
        pair.is_some_and(|(own, other)| Arc::ptr_eq(own, other))
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
                "{name:?} is not a valid header name: pass each name separately, as in `.vary_on([\"x-tenant\", \"origin\"])`"
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
        // A cache could give the response to another origin, because `Vary` is incomplete.
        headers.remove(ResponseHeaderName::AccessControlAllowOrigin);
    }
    merged
}

/// Adds the names that `Vary` does not have yet. Returns `None` if the map is full.
pub(crate) fn merge_vary<M: ResponseFieldMap>(headers: &mut M, names: &'static str) -> Option<()> {
    let missing: SmallVec<[&str; 3]> =
        missing_from_vary(names, || headers.values(ResponseHeaderName::Vary)).collect();
    // Usually all of them are missing. Then they become one field.
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
    fn names_that_were_read_are_added_once() {
        let names = VaryNames::default();
        assert!(names.and_read(&[]).is_empty());
        let names = names.with(["x-tenant"]);
        for (read, expected) in [
            (&["X-Tenant"][..], &["x-tenant"][..]),
            (&["origin", "X-TENANT"], &["x-tenant", "origin"]),
        ] {
            let mut headers = Map::with_room(9);
            names.and_read(read).merge_into(&mut headers);
            assert_eq!(values(headers), expected);
        }
    }

    #[test]
    fn names_are_empty_until_one_is_added() {
        assert!(VaryNames::default().is_empty());
        assert!(VaryNames::default().with([]).is_empty());
        assert!(!VaryNames::default().with(["origin"]).is_empty());
    }

    #[test]
    #[should_panic(expected = r#""x-tenant, origin" is not a valid header name"#)]
    fn a_comma_separated_list_in_one_name_panics() {
        let _ = VaryNames::default().with(["x-tenant, origin"]);
    }
}
