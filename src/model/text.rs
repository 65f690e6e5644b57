//! Text rules that several fields share: folding for search and order, URL-safe names.

/// Longest name of an organization, in characters.
pub const NAME_MAX_CHARS: usize = 50;

/// The form in which texts are compared without regard to case, in every script. A part of a text folds to a part of the
/// folded text, so that substrings are found.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Whether a sigma ends a word depends on what follows it, which a substring does not know.
    text.chars().flat_map(char::to_lowercase).map(|character| if character == 'ς' { 'σ' } else { character }).collect()
}

/// True for a name that stands as one segment of a URL path: 1 to 50 characters, no `/`, no control characters,
/// not `.` or `..`, no space at either end.
pub fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    (1..=NAME_MAX_CHARS).contains(&length)
        && text != "."
        && text != ".."
        && text.trim() == text
        && !text.chars().any(|character| character == '/' || character.is_control())
}

/// A URL-safe name made from a title: lower-case ASCII letters, digits and single dashes; empty where the title has none.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == NAME_MAX_CHARS - 12 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// True for an absolute `http` or `https` URL of at most 2048 characters. It is stored and shown, never fetched.
pub fn is_http_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    text.len() <= 2048 && !host.is_empty() && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// True for at most `max_chars` characters that hold no control character but tabs and ends of lines.
pub fn is_text(text: &str, max_chars: usize) -> bool {
    let fits = |character: char| !character.is_control() || matches!(character, '\t' | '\n' | '\r');
    text.chars().count() <= max_chars && text.chars().all(fits)
}

/// True for 1 to `max_chars` characters that hold no control character and are not blank.
pub fn is_line(text: &str, max_chars: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max_chars && !text.chars().any(char::is_control)
}

/// Bytes as lower-case hexadecimal digits, two for each.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
