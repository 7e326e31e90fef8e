//! Cycles in a graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Returns a shortest cycle through each edge that is part of one. Each cycle is returned once and starts at its least node.
pub(super) fn cycles(edges: &BTreeSet<(String, String)>) -> BTreeSet<Vec<String>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(from).or_default().push(to);
    }
    let mut cycles = BTreeSet::new();
    for (from, to) in edges {
        if let Some(mut cycle) = shortest_path(&next, to, from) {
            let least = cycle.iter().enumerate().min_by_key(|(_, node)| **node);
            let start = least.map_or(0, |(index, _)| index);
            cycle.rotate_left(start);
            cycles.insert(cycle.into_iter().map(str::to_owned).collect());
        }
    }
    cycles
}

/// Returns the nodes of a shortest path, both ends included.
fn shortest_path<'a>(
    next: &BTreeMap<&'a str, Vec<&'a str>>,
    from: &'a str,
    to: &'a str,
) -> Option<Vec<&'a str>> {
    let mut previous = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            break;
        }
        for &neighbour in next.get(node).into_iter().flatten() {
            if !previous.contains_key(neighbour) {
                previous.insert(neighbour, node);
                queue.push_back(neighbour);
            }
        }
    }
    let mut path = vec![to];
    let mut node = *previous.get(to)?;
    while path.last() != Some(&from) {
        path.push(node);
        node = *previous.get(node)?;
    }
    path.reverse();
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(edges: &[(&str, &str)]) -> Vec<String> {
        let edges = edges
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        let cycles = cycles(&edges.collect());
        cycles.into_iter().map(|cycle| cycle.join("")).collect()
    }

    #[test]
    fn each_cycle_is_found_once() {
        assert_eq!(
            found(&[("a", "b"), ("a", "c"), ("b", "c"), ("c", "d")]),
            [""; 0]
        );
        assert_eq!(found(&[("b", "a"), ("a", "b")]), ["ab"]);
        assert_eq!(
            found(&[("x", "b"), ("b", "c"), ("c", "a"), ("a", "b")]),
            ["abc"]
        );
        // Two cycles that share an edge.
        assert_eq!(
            found(&[("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")]),
            ["ab", "abc"]
        );
    }
}
