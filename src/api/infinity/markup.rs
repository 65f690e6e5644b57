//! Tables as XML and XHTML, well-formed whatever the texts hold. Knows titles and cells, not what they stand for.

/// An element for each row, in it an element for each cell, named after its column.
pub fn xml(out: &mut Vec<u8>, (one, many): (&str, &str), titles: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let names: Vec<String> = titles.iter().map(|title| element_name(title)).collect();
    push(out, &["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<", many, ">\n"]);
    for cells in rows {
        push(out, &["<", one, ">"]);
        for (name, cell) in names.iter().zip(cells) {
            push(out, &["<", name, ">", &escaped(&cell), "</", name, ">"]);
        }
        push(out, &["</", one, ">\n"]);
    }
    push(out, &["</", many, ">\n"]);
}

/// A page with one table.
pub fn xhtml(out: &mut Vec<u8>, page: &str, titles: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    push(
        out,
        &[
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n",
            "<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head><title>",
            page,
            "</title></head>\n<body>\n<table>\n<thead><tr>",
        ],
    );
    for title in titles {
        push(out, &["<th>", &escaped(title), "</th>"]);
    }
    push(out, &["</tr></thead>\n<tbody>\n"]);
    for cells in rows {
        push(out, &["<tr>"]);
        for cell in cells {
            push(out, &["<td>", &escaped(&cell), "</td>"]);
        }
        push(out, &["</tr>\n"]);
    }
    push(out, &["</tbody>\n</table>\n</body>\n</html>\n"]);
}

/// Text as it stands between tags. What XML cannot hold at all becomes the replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            control if control < ' ' && !matches!(control, '\t' | '\n' | '\r') => escaped.push('\u{FFFD}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An alias may be any text, an element's name may not.
fn element_name(title: &str) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut name: String = title.chars().map(|character| if fits(character) { character } else { '_' }).collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name.insert(0, '_');
    }
    name
}

fn push(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}
