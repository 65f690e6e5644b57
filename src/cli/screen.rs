//! What standard output is shown on: how wide it is and whether it shows colours. What a text is about is not known here.

use std::io::{IsTerminal, stdout};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where text is cut off.
pub(super) const ELLIPSIS: &str = "…";

/// Below this no table is readable, whatever a terminal says of itself.
const COLUMNS_MIN: usize = 40;

/// The screen, or the file or the pipe in its place.
pub(super) struct Screen {
    /// Columns; `None` where nothing is to be cut off.
    pub(super) width: Option<usize>,
    /// Lines that are seen at once; `None` where that does not matter.
    pub(super) height: Option<usize>,
    colours: bool,
}

/// What a text tells by its colour. The text says the same without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tone {
    #[default]
    Plain,
    /// The head of a table, a name.
    Strong,
    /// What stands beside the point.
    Faint,
    Good,
    Warning,
    Bad,
}

/// A text and its tone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl Screen {
    /// That of standard output. `NO_COLOR`, set to anything, takes the colours away; so does a terminal that is dumb.
    pub(super) fn of_output() -> Self {
        let says = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if !stdout().is_terminal() {
            return Self { width: None, height: None, colours: false };
        }
        let colours = says("NO_COLOR").is_none() && says("TERM").is_none_or(|term| term != "dumb");
        let size = rustix::termios::tcgetwinsize(stdout()).ok();
        let told = |cells: fn(&rustix::termios::Winsize) -> u16| size.as_ref().map(cells).map(usize::from);
        let (width, height) = (told(|size| size.ws_col), told(|size| size.ws_row));
        let width = width.filter(|width| *width > 0).map(|width| width.max(COLUMNS_MIN));
        Self { width, height: height.filter(|height| *height > 0), colours }
    }

    /// A text in its colour, where there are colours.
    pub(super) fn paint(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "31",
            Tone::Plain => return text.to_owned(),
        };
        if self.colours && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A cell in its colour.
    pub(super) fn paint_cell(&self, cell: &Cell) -> String {
        self.paint(&cell.text, cell.tone)
    }
}

impl Cell {
    /// A text with a tone.
    pub(super) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    /// The columns that it takes.
    pub(super) fn width(&self) -> usize {
        self.text.width()
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }
}

/// A terminal obeys control characters, wherever they came from, and turns a line around where it is told to; here they are
/// question marks.
pub(super) fn printable(text: &str) -> String {
    let speaks = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(speaks, "?")
}

/// The text within so many columns, which shows where it was cut off.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(ELLIPSIS.width());
    let fits = |character: &char| {
        let width = character.width().unwrap_or(0);
        let fits = width <= left;
        left = if fits { left - width } else { 0 };
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{kept}{ELLIPSIS}")
}

/// The text in lines of so many columns, broken between words. A word that is longer has a line of its own.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{cut, printable, wrap};

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrap("make room on the disk", 9), ["make room", "on the", "disk"]);
        assert_eq!(wrap("unbreakable words", 5), ["unbreakable", "words"]);
    }

    #[test]
    fn what_is_cut_off_shows_it_and_fits() {
        assert_eq!(cut("Gate", 4), "Gate");
        assert_eq!(cut("Gates", 4), "Gat…");
        // Each of these takes two columns.
        assert_eq!(cut("東京タワー", 6), "東京…");
        assert_eq!(cut("東京タワー", 10), "東京タワー");
        assert_eq!(cut("Gate", 0), "…");
    }

    #[test]
    fn nothing_speaks_to_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\n"), "a?[31mb?");
        assert_eq!(printable("a\u{202e}b"), "a?b");
    }
}
