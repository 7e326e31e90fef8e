//! Puts the entries of a recording together: a request, the requests after its redirects, and their preflights.

use std::collections::HashMap;

use super::exchange::Exchange;

/// A request of a page.
#[derive(Debug, Default)]
pub(super) struct Recorded<'a> {
    /// The request, and those that follow its redirects. Empty if only the preflight is in the recording.
    pub(super) hops: Vec<&'a Exchange<'a>>,
    pub(super) preflights: Vec<&'a Exchange<'a>>,
}

/// The greatest distance of two entries that belong together. It bounds the work.
const DISTANCE: usize = 500;

/// Returns the requests, in the order of the recording.
pub(super) fn fetches<'a>(exchanges: &'a [Exchange<'a>]) -> Vec<Recorded<'a>> {
    let mut requests: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut preflights: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        if exchange.is_preflight() {
            preflights
                .entry((exchange.url.as_str(), requested_method(exchange)))
                .or_default()
                .push(index);
        } else {
            requests
                .entry(exchange.url.as_str())
                .or_default()
                .push(index);
        }
    }
    let mut is_used = vec![false; exchanges.len()];
    let mut fetches = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        if exchange.is_preflight() || is_used.get(index) != Some(&false) {
            continue;
        }
        let mut fetch = Recorded::default();
        let mut next = Some((index, exchange));
        while let Some((index, exchange)) = next {
            mark(&mut is_used, index);
            let key = (
                exchange.url.as_str(),
                exchange.entry.request.method.as_str(),
            );
            let candidates = preflights.get(&key).map_or(&[][..], Vec::as_slice);
            let preflight = nearest(candidates, index, |candidate| {
                let found = exchanges.get(candidate)?;
                let is_free = is_used.get(candidate) == Some(&false);
                (is_free && belongs(found, exchange)).then_some(found)
            });
            if let Some((index, preflight)) = preflight {
                mark(&mut is_used, index);
                fetch.preflights.push(preflight);
            }
            fetch.hops.push(exchange);
            next = exchange.redirect().and_then(|target| {
                let candidates = requests.get(target.as_str())?;
                let start = candidates.partition_point(|candidate| *candidate <= index);
                let later = candidates.get(start..)?.iter().copied();
                let mut later = later.take_while(|candidate| candidate - index <= DISTANCE);
                let candidate = later.find(|candidate| is_used.get(*candidate) == Some(&false))?;
                let found = exchanges.get(candidate)?;
                (found.entry.pageref == exchange.entry.pageref).then_some((candidate, found))
            });
        }
        fetches.push(fetch);
    }
    let alone = exchanges
        .iter()
        .zip(&is_used)
        .filter(|(exchange, is_used)| exchange.is_preflight() && !**is_used);
    fetches.extend(alone.map(|(preflight, _)| Recorded {
        hops: Vec::new(),
        preflights: vec![preflight],
    }));
    fetches
}

/// Returns the method that a preflight asks for.
pub(super) fn requested_method<'a>(preflight: &'a Exchange<'_>) -> &'a str {
    preflight
        .entry
        .request
        .header("access-control-request-method")
        .unwrap_or_default()
}

/// Returns the header names that a preflight asks for.
pub(super) fn requested_headers<'a>(preflight: &'a Exchange<'_>) -> impl Iterator<Item = &'a str> {
    let names = preflight
        .entry
        .request
        .header("access-control-request-headers")
        .unwrap_or_default();
    names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// Returns true if a request has the headers that a preflight asks for. Recordings without sensitive data have no `Authorization`.
fn belongs(preflight: &Exchange<'_>, request: &Exchange<'_>) -> bool {
    preflight.entry.pageref == request.entry.pageref
        && requested_headers(preflight).all(|name| {
            name.eq_ignore_ascii_case("authorization")
                || request.entry.request.header(name).is_some()
        })
}

/// Returns the accepted candidate that is nearest to an index. Browsers record preflights before or after the request.
fn nearest<T>(
    candidates: &[usize],
    index: usize,
    accept: impl Fn(usize) -> Option<T>,
) -> Option<(usize, T)> {
    // The candidates are in order, so those that are near are next to each other.
    let start = candidates.partition_point(|candidate| *candidate + DISTANCE < index);
    let near = candidates.get(start..).unwrap_or_default().iter().copied();
    let near = near.take_while(|candidate| *candidate <= index + DISTANCE);
    let accepted = near.filter_map(|candidate| Some((candidate, accept(candidate)?)));
    accepted.min_by_key(|(candidate, _)| candidate.abs_diff(index))
}

fn mark(is_used: &mut [bool], index: usize) {
    if let Some(used) = is_used.get_mut(index) {
        *used = true;
    }
}
