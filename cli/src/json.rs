//! JSON output.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;
use crate::terminal::is_active;

/// Prints a report as JSON.
pub(crate) fn print(report: &impl Serialize) -> Result<(), Failure> {
    Ok(write(&mut anstream::stdout().lock(), report)?)
}

/// Writes a report as JSON.
pub(crate) fn write(out: &mut impl Write, report: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    writeln!(out, "{}", escaped(&text))
}

/// Prints a report as JSON on one line, which a reader of a pipe sees at once.
pub(crate) fn print_line(report: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(report).map_err(Failure::because)?;
    let mut output = anstream::stdout().lock();
    writeln!(output, "{}", escaped(&text))?;
    output.flush()?;
    Ok(())
}

/// Returns the same JSON without characters that change what a terminal shows. Such characters occur only in strings, where an escape
/// sequence stands for the same character.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if !character.is_ascii_whitespace() && is_active(character) {
            // All of them have four digits.
            let sequence = format!("\\u{:04x}", u32::from(character));
            escaped += &sequence;
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_for_terminals_are_escaped_and_the_value_is_the_same() {
        let value =
            serde_json::json!({ "a\u{61c}": ["\u{1b}[8m\n\t\u{7f}\u{9b}31m\u{202e}\u{2028}é"] });
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let text = escaped(&pretty);
        assert!(!text.contains(|it| it != '\n' && is_active(it)), "{text:?}");
        assert!(
            text.contains("\\u009b31m\\u202e") && text.contains('é'),
            "{text}"
        );
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value);
    }
}
