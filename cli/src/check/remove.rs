//! Removes an item of a list from the text of a file.

use std::ops::Range;

use super::scalar::Syntax;

/// Returns the part of the text to replace, and the text to write instead, so that the item is removed and comments stay. Returns
/// `None` if that is not possible without a change of something else.
pub(super) fn remove(
    text: &str,
    item: Range<usize>,
    syntax: Syntax,
) -> Option<(Range<usize>, String)> {
    let before = text.get(..item.start)?;
    let after = text.get(item.end..)?;
    let line_before = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    if syntax == Syntax::Yaml && line_before.trim() == "-" {
        return block_item(text, item, line_before.len());
    }
    let next = after.trim_start();
    let next_at = item.end + (after.len() - next.len());
    match next.chars().next() {
        // The item, the comma, and the space after it.
        Some(',') => {
            let rest = text.get(next_at + 1..)?;
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let end = next_at + 1 + blanks;
            Some((whole_line(text, item.start..end), String::new()))
        }
        // The last item, and the comma before it.
        Some(']' | '"' | '\'') | None => last_item(before, item),
        _ if after.starts_with(['\n', '\r']) => last_item(before, item),
        // A comment between the item and the comma.
        Some('#') => None,
        // Items that are separated by spaces.
        Some(_) => Some((item.start..next_at, String::new())),
    }
}

fn last_item(before: &str, item: Range<usize>) -> Option<(Range<usize>, String)> {
    let kept = before.trim_end();
    match kept.chars().next_back()? {
        // A comment may end with a comma.
        ',' if !line_has_comment(kept) => Some((kept.len() - 1..item.end, String::new())),
        // The only item.
        '[' => Some((item, String::new())),
        // Items that are separated by spaces, on one line.
        _ if kept.len() < before.len()
            && !before.get(kept.len()..)?.contains('\n')
            && !is_start(kept) =>
        {
            Some((kept.len()..item.end, String::new()))
        }
        _ => None,
    }
}

/// Returns true if a value begins after the text.
fn is_start(before: &str) -> bool {
    before.ends_with([':', '=', '"', '\'', ',', '#', '-', '|', '>'])
}

fn line_has_comment(text: &str) -> bool {
    text.rsplit('\n')
        .next()
        .is_some_and(|line| line.contains('#'))
}

/// Returns the whole line, with its end, if nothing else is on it.
fn whole_line(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
    let starts_line = before
        .get(..before.len() - indent)
        .is_some_and(|rest| rest.ends_with('\n'));
    let end = ["\r\n", "\n"]
        .into_iter()
        .find(|end| after.starts_with(end));
    match end {
        Some(end) if starts_line => range.start - indent..range.end + end.len(),
        _ => range,
    }
}

/// Removes an item of a list of YAML that has one item per line. A comment after it stays. `indent` is the length of the line before
/// the item.
fn block_item(text: &str, item: Range<usize>, indent: usize) -> Option<(Range<usize>, String)> {
    let start = item.start - indent;
    let dash = text.get(start..item.start)?;
    let spaces = dash.get(..dash.find('-')?)?;
    let is_sibling = |line: &str| {
        let rest = line.strip_prefix(spaces);
        rest.is_some_and(|rest| rest.starts_with("- "))
    };
    let before = text.get(..start)?.lines().next_back();
    let after = text.get(item.end..)?;
    let (rest, following) = after.split_once('\n').unwrap_or((after, ""));
    let next = following.lines().next();
    // A list of one item would become nothing, which is not a list.
    if !before.is_some_and(is_sibling) && !next.is_some_and(is_sibling) {
        return None;
    }
    let end_of_line = item.end + rest.len();
    let trimmed = rest.trim();
    if trimmed.is_empty() {
        let end = (end_of_line + 1).min(text.len());
        return Some((start..end, String::new()));
    }
    trimmed.starts_with('#').then(|| {
        let comment = item.end + (rest.len() - rest.trim_start().len());
        (start..comment, spaces.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(text: &str, item: &str, syntax: Syntax) -> Option<String> {
        let start = text.find(item).unwrap();
        let (range, new) = remove(text, start..start + item.len(), syntax)?;
        let mut text = text.to_owned();
        text.replace_range(range, &new);
        Some(text)
    }

    #[test]
    fn an_item_is_removed_with_its_comma_and_comments_stay() {
        use Syntax::{Json, Toml, Yaml};
        for (syntax, text, item, expected) in [
            (Toml, "a = ['GET', 'PUT']", "'GET'", Some("a = ['PUT']")),
            (Toml, "a = ['PUT', 'GET']", "'GET'", Some("a = ['PUT']")),
            (Toml, "a = ['PUT', 'GET',]", "'GET'", Some("a = ['PUT', ]")),
            (Toml, "a = ['GET']", "'GET'", Some("a = []")),
            (
                Toml,
                "a = [ 'GET' ]\nb = 1",
                "'GET'",
                Some("a = [  ]\nb = 1"),
            ),
            (
                Toml,
                "a = [\n  'GET',\n  'PUT',\n]",
                "'GET'",
                Some("a = [\n  'PUT',\n]"),
            ),
            (
                Toml,
                "a = [\r\n  'GET',\r\n  'PUT',\r\n]",
                "'GET'",
                Some("a = [\r\n  'PUT',\r\n]"),
            ),
            (
                Toml,
                "a = [\n  'GET', # reads\n  'PUT',\n]",
                "'GET'",
                Some("a = [\n  # reads\n  'PUT',\n]"),
            ),
            (Toml, "a = [\n  'PUT', # writes,\n  'GET'\n]", "'GET'", None),
            (Toml, "a = [\n  'PUT',\n  'GET' # reads\n]", "'GET'", None),
            (Toml, "a = 'GET, PUT'", "GET", Some("a = 'PUT'")),
            (Toml, "a = 'PUT, GET'", "GET", Some("a = 'PUT'")),
            (Toml, "a = 'PUT GET'", "GET", Some("a = 'PUT'")),
            (Toml, "a = 'GET PUT'", "GET", Some("a = 'PUT'")),
            (
                Json,
                "{\"a\": [\n  \"PUT\",\n  \"GET\"\n]}",
                "\"GET\"",
                Some("{\"a\": [\n  \"PUT\"\n]}"),
            ),
            (Yaml, "a:\n  - GET\n  - PUT\n", "GET", Some("a:\n  - PUT\n")),
            (Yaml, "a:\n- PUT\n- GET", "GET", Some("a:\n- PUT\n")),
            (
                Yaml,
                "a:\n  - GET # reads\n  - PUT\n",
                "GET",
                Some("a:\n  # reads\n  - PUT\n"),
            ),
            (Yaml, "a:\n  - GET\nb: 1\n", "GET", None),
            (Yaml, "a: [GET, PUT]\n", "GET", Some("a: [PUT]\n")),
            (Yaml, "a: GET, PUT\n", "GET", Some("a: PUT\n")),
            (Yaml, "a: PUT, GET\nb: 1\n", "GET", Some("a: PUT\nb: 1\n")),
            (Yaml, "a: PUT GET\n", "GET", Some("a: PUT\n")),
            (Yaml, "a: GET\n", "GET", None),
        ] {
            assert_eq!(removed(text, item, syntax).as_deref(), expected, "{text}");
        }
    }
}
