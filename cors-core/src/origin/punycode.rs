//! Labels of international domain names: `xn--` and Punycode ([RFC 3492](https://www.rfc-editor.org/rfc/rfc3492)).

use alloc::string::String;
use alloc::vec::Vec;

/// The prefix of an encoded label ([RFC 5890, section 2.3.2.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1)).
const PREFIX: &str = "xn--";

/// Returns true for a label that begins with `xn--` but does not decode to an international label, so no URL contains it.
///
/// This checks a part of UTS 46, [validity criteria](https://www.unicode.org/reports/tr46/#Validity_Criteria), because a full check
/// needs the Unicode tables.
pub(super) fn is_invalid(label: &str) -> bool {
    label
        .strip_prefix(PREFIX)
        .is_some_and(|encoded| decode(encoded).is_none_or(|decoded| !is_international(&decoded)))
}

/// Returns true for a label that contains characters outside ASCII, and none that is obviously invalid in a name.
fn is_international(label: &str) -> bool {
    let is_disallowed = |character: char| {
        character.is_control() || character.is_whitespace() || is_mapped_to_lower_case(character)
    };
    !label.is_ascii() && !label.contains(is_disallowed)
}

/// Returns true for a character that UTS 46 replaces by its lower case.
///
/// Upper-case characters without a lower case, such as `🅐`, stay. So do those of Cherokee: UTS 46 replaces their lower case by them.
fn is_mapped_to_lower_case(character: char) -> bool {
    let is_cherokee = matches!(character, 'Ꭰ'..='Ᏽ');
    !is_cherokee && !character.to_lowercase().eq([character])
}

/// Returns a label in the form that browsers send: in lower case and, if it is not ASCII, encoded.
///
/// Returns `None` if this needs the mapping tables of UTS 46, that is, if a character [has several forms](is_unambiguous).
pub(super) fn to_ascii(label: &str) -> Option<String> {
    if label.is_ascii() {
        return Some(label.to_ascii_lowercase());
    }
    let label: Vec<char> = label.chars().flat_map(char::to_lowercase).collect();
    let is_hyphenated = |label: &[char]| {
        label.first() == Some(&'-')
            || label.last() == Some(&'-')
            || label.get(2..4) == Some(&['-'; 2])
    };
    if !label.iter().copied().all(is_unambiguous) || is_hyphenated(&label) {
        return None;
    }
    Some(String::from(PREFIX) + &encode(&label)?)
}

/// Returns true for characters that the mapping of UTS 46 does not change, whatever the characters around them.
fn is_unambiguous(character: char) -> bool {
    matches!(character,
        'a'..='z' | '0'..='9' | '-'
        // Latin
        | 'ß'..='ö' | 'ø'..='ÿ'
        | 'ā' | 'ă' | 'ą' | 'ć' | 'č' | 'ď' | 'đ' | 'ē' | 'ę' | 'ě' | 'ğ' | 'ģ' | 'ī' | 'į' | 'ı' | 'ķ' | 'ļ' | 'ł' | 'ń' | 'ņ'
        | 'ň' | 'ő' | 'œ' | 'ŕ' | 'ř' | 'ś' | 'ş' | 'š' | 'ţ' | 'ť' | 'ū' | 'ů' | 'ű' | 'ų' | 'ź' | 'ż' | 'ž' | 'ș' | 'ț'
        // Greek, Cyrillic
        | 'ά'..='ώ' | 'а'..='џ' | 'ґ'
        // Kana, Han, Hangul
        | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '一'..='鿋' | '가'..='힣')
}

// The parameters of Punycode: https://www.rfc-editor.org/rfc/rfc3492#section-5
const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 128;

/// Decodes Punycode by the procedure of [RFC 3492, section 6.2](https://www.rfc-editor.org/rfc/rfc3492#section-6.2).
fn decode(encoded: &str) -> Option<String> {
    let (basic, digits) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut output: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (INITIAL_N, 0_u32, INITIAL_BIAS);
    let mut digits = digits.bytes().peekable();
    while digits.peek().is_some() {
        let old_i = i;
        let mut weight = 1_u32;
        let mut k = BASE;
        loop {
            let digit = digit_value(digits.next()?)?;
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(k, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let length = u32::try_from(output.len()).ok()? + 1;
        bias = adapt(i - old_i, length, old_i == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        output.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(output.into_iter().collect())
}

/// Encodes a text as Punycode by the procedure of [RFC 3492, section 6.3](https://www.rfc-editor.org/rfc/rfc3492#section-6.3).
fn encode(label: &[char]) -> Option<String> {
    let mut output: String = label.iter().filter(|it| it.is_ascii()).collect();
    let basic = u32::try_from(output.len()).ok()?;
    if basic > 0 {
        output.push('-');
    }
    let (mut n, mut delta, mut bias) = (INITIAL_N, 0_u32, INITIAL_BIAS);
    let mut handled = basic;
    let length = u32::try_from(label.len()).ok()?;
    while handled < length {
        let code_points = || label.iter().map(|character| u32::from(*character));
        let next = code_points().filter(|code_point| *code_point >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for code_point in code_points() {
            if code_point < n {
                delta = delta.checked_add(1)?;
            }
            if code_point != n {
                continue;
            }
            let mut q = delta;
            let mut k = BASE;
            loop {
                let threshold = threshold(k, bias);
                if q < threshold {
                    break;
                }
                output.push(digit(threshold + (q - threshold) % (BASE - threshold))?);
                q = (q - threshold) / (BASE - threshold);
                k += BASE;
            }
            output.push(digit(q)?);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled += 1;
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(output)
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

/// Adapts the bias, as in [RFC 3492, section 6.1](https://www.rfc-editor.org/rfc/rfc3492#section-6.1).
fn adapt(delta: u32, length: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

fn digit_value(digit: u8) -> Option<u32> {
    match digit {
        b'a'..=b'z' => Some(u32::from(digit - b'a')),
        b'0'..=b'9' => Some(u32::from(digit - b'0') + 26),
        _ => None,
    }
}

fn digit(value: u32) -> Option<char> {
    char::from_digit(value, BASE).map(|_| {
        // 0 to 25 are letters, 26 to 35 are digits.
        let byte = u8::try_from(value).unwrap_or_default();
        char::from(if byte < 26 {
            b'a' + byte
        } else {
            b'0' + byte - 26
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples of [RFC 3492, section 7.1](https://www.rfc-editor.org/rfc/rfc3492#section-7.1) without upper case.
    const SAMPLES: [(&str, &str); 5] = [
        ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"),
        (
            "почемужеонинеговорятпорусски",
            "b1abfaaepdrnnbgefbadotcwatmq2g4l",
        ),
        (
            "세계의모든사람들이한국어를이해한다면얼마나좋을까",
            "989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c",
        ),
        ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
    ];

    #[test]
    fn the_samples_of_the_rfc_are_encoded_and_decoded() {
        for (label, encoded) in SAMPLES {
            let characters: Vec<char> = label.chars().collect();
            assert_eq!(encode(&characters).as_deref(), Some(encoded));
            assert_eq!(decode(encoded).as_deref(), Some(label));
        }
    }

    #[test]
    fn an_undecodable_label_is_invalid() {
        for label in [
            "xn--",
            "xn---",
            "xn--a",
            "xn--abc-",
            "xn--a-ä",
            "xn--99999999",
            "xn--0",
        ] {
            assert!(is_invalid(label), "{label}");
        }
        for label in [
            "xn--bcher-kva",
            "xn--mnchen-3ya",
            "xn--f9dt7l",
            "xn--327h",
            "xn",
            "a-xn--b",
            "example",
        ] {
            assert!(!is_invalid(label), "{label}");
        }
    }

    #[test]
    fn a_label_is_converted_to_the_form_that_browsers_send() {
        for (label, expected) in [
            ("bücher", Some("xn--bcher-kva")),
            ("BÜCHER", Some("xn--bcher-kva")),
            ("straße", Some("xn--strae-oqa")),
            ("日本", Some("xn--wgv71a")),
            ("Example", Some("example")),
            // UTS 46 removes the first character and maps the other two.
            ("exam\u{200B}ple", None),
            ("ｅxample", None),
            ("bu\u{308}cher", None),
            // `CheckHyphens` of UTS 46.
            ("-ü", None),
            ("ü-", None),
            ("aü--b", None),
            ("a-ü-b", Some("xn--a--b-1ra")),
        ] {
            assert_eq!(to_ascii(label).as_deref(), expected, "{label}");
        }
    }

    /// The expected values are those of Python's codec `punycode`.
    #[test]
    fn a_large_difference_between_characters_adapts_the_bias() {
        for (label, encoded) in [
            ("ぬ侲允べ垮", "s9j0a001rvkbbzo"),
            ("ぜ佺凩ü", "tda963v2rthfc"),
        ] {
            let characters: Vec<char> = label.chars().collect();
            assert_eq!(encode(&characters).as_deref(), Some(encoded));
            assert_eq!(decode(encoded).as_deref(), Some(label));
        }
    }

    /// UTS 46 maps upper case and some spaces, and disallows the other spaces and controls.
    #[test]
    fn a_label_with_a_character_that_no_name_contains_is_invalid() {
        for (label, encoded) in [
            ("Ü", "xn--wca"),
            ("aÜ", "xn--a-kfa"),
            ("ü\u{3000}a", "xn--a-dha2227a"),
            ("ü\u{85}", "xn--fa1v"),
        ] {
            let punycode = encoded.trim_start_matches(PREFIX);
            assert_eq!(decode(punycode).as_deref(), Some(label));
            assert!(is_invalid(encoded), "{label:?}");
        }
    }
}
