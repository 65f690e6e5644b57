//! The forms a text may have to have: a line, a file name, a host name, a colour. It must
//! not know which key wants which.

/// The form of a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// One line of 1 to this many characters, not blank.
    Line(usize),
    /// The name of a file without any folder.
    FileName,
    /// A host name without scheme, port or path.
    HostName,
    /// `#RRGGBB`.
    Color,
    /// An `http://` or `https://` URL without credentials; empty for none.
    Url,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Shape {
    /// Whether `text` has this form.
    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Line(max) => is_line(text, max),
            Self::FileName => is_line(text, 255) && !text.contains(['/', '\\']) && text != "." && text != "..",
            Self::HostName => text.len() <= 253 && text.split('.').all(is_label),
            Self::Url => text.is_empty() || (text.len() <= 2048 && super::url::Url::parse(text).is_some()),
            Self::OneOf(words) => words.contains(&text),
            Self::Color => text
                .strip_prefix('#')
                .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())),
        }
    }

    /// What is allowed, to follow "must be".
    pub(super) fn expects(self) -> String {
        match self {
            Self::Line(max) => format!("a text of 1 to {max} characters on one line, not blank"),
            Self::FileName => "a file name without a folder, like \"logo.png\"".to_owned(),
            Self::HostName => "a host name without scheme or port, like \"video.example.net\"".to_owned(),
            Self::Url => {
                "a URL like \"https://billing.example.net/events\" without user, password or fragment".to_owned()
            }
            Self::OneOf(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Color => "a colour like \"#1A2B3C\"".to_owned(),
        }
    }
}

fn is_line(text: &str, max_chars: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max_chars && !text.chars().any(char::is_control)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
