//! Just enough reading of Rust: blanking what is not code, words, and how long functions are.

/// A function and how many lines it takes from `fn` to its closing brace.
pub struct Function {
    pub name: String,
    pub lines: usize,
}

/// The text with comments, strings and characters blanked out; lines stay where they are.
pub fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string(rest),
            'r' if !code.ends_with(is_word) && raw(rest).is_some() => raw(rest).unwrap_or(1),
            '\'' => character(rest),
            _ => {
                code.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
        };
        let (gone, left) = rest.split_at(length);
        code.extend(gone.chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        rest = left;
    }
    code
}

/// The identifiers and keywords of blanked code.
pub fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character| !is_word(character)).filter(|word| !word.is_empty())
}

/// The functions of blanked code that have a body.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        let is_keyword = !code[..start].ends_with(is_word);
        let declaration = &code[start..];
        let name = words(declaration).nth(1).unwrap_or_default().to_owned();
        if is_keyword && let Some(length) = body_end(declaration) {
            found.push(Function { name, lines: declaration[..length].lines().count() });
        }
    }
    found
}

/// Where the body of a declaration ends; `None` where it has none.
fn body_end(declaration: &str) -> Option<usize> {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (place, character) in declaration.char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.checked_sub(1)?,
            // A semicolon inside brackets belongs to an array's type.
            ';' if braces == 0 && brackets == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces = braces.checked_sub(1)?;
                if braces == 0 {
                    return Some(place + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw(text: &str) -> Option<usize> {
    let marks = text[1..].len() - text[1..].trim_start_matches('#').len();
    let body = text[1 + marks..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    body.find(&end).map(|place| 2 + marks + place + end.len())
}

/// A character's length; 1 for the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(1, |place| place + 4),
        Some(_) => match characters.next() {
            Some((place, '\'')) => place + 1,
            _ => 1,
        },
        None => 1,
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
