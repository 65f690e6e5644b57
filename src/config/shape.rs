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
    /// `HH:MM`, or empty.
    TimeOfDay,
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
            Self::TimeOfDay => text.is_empty() || is_time_of_day(text),
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
            Self::TimeOfDay => "a time of day like \"03:30\", or empty".to_owned(),
            Self::Color => "a colour like \"#1A2B3C\"".to_owned(),
        }
    }
}

fn is_line(text: &str, max_chars: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max_chars && !text.chars().any(char::is_control)
}

fn is_time_of_day(text: &str) -> bool {
    let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() == 2 && !text.starts_with('+'));
    text.split_once(':')
        .is_some_and(|(hour, minute)| number(hour).is_some_and(|h| h < 24) && number(minute).is_some_and(|m| m < 60))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
