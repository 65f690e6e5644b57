//! Taking out of a text what nobody else is to know: secrets everywhere, and people out of what was logged.

use std::collections::BTreeSet;

/// What stands in the place of a secret.
pub(super) const SECRET: &str = "[secret]";
/// What stands in the place of a person.
pub(super) const PERSON: &str = "[person]";
/// Shorter words of a name are words of a log as well.
const NAME_CHARS_MIN: usize = 3;
/// Shorter lines of a secret of many lines tell nothing.
const LINE_CHARS_MIN: usize = 12;
/// What begins a secret; it goes on as far as the word.
const BEGINNINGS: [&str; 5] = ["obk_", "whsec_", "$argon2", "eyJ", "-----BEGIN"];
/// A word that follows one of these is a secret.
const ANNOUNCED: [&str; 8] =
    ["bearer ", "basic ", "apikey ", "with the password ", "password=", "token=", "secret=", "key="];
/// The first login is no person.
const FIRST: &str = "admin";

/// Knows the secrets of a box, and who is on it.
#[derive(Default)]
pub(super) struct Redactor {
    secrets: Vec<String>,
    people: BTreeSet<String>,
}

impl Redactor {
    /// Of these secrets and these people: each a text of logins, names and addresses.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>, people: &[String]) -> Self {
        let mut known: Vec<String> = Vec::new();
        for secret in secrets {
            known.push(secret.to_owned());
            known.extend(secret.lines().filter(|line| line.len() >= LINE_CHARS_MIN).map(str::to_owned));
        }
        // A secret that is part of another one must not take it apart before it is found.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let people = people.iter().flat_map(|person| words(person)).map(str::to_lowercase);
        let people = people.filter(|word| word.chars().count() >= NAME_CHARS_MIN && word != FIRST);
        Self { secrets: known, people: people.collect() }
    }

    /// Without secrets, whatever the text is.
    pub(super) fn text(&self, text: &str) -> String {
        let text = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), SECRET));
        let lines = text.split('\n').map(|line| addresses(&announced(&beginnings(line))));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Without people as well: for a log, whose words nobody has chosen with that in mind.
    pub(super) fn log(&self, text: &str) -> String {
        let text = self.text(text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_of_word) {
            let (between, from) = rest.split_at(start);
            let (word, after) = from.split_at(from.find(|char| !is_of_word(char)).unwrap_or(from.len()));
            out.push_str(between);
            let bare = word.trim_matches(['.', '-', '@', '+']);
            let is_person = self.people.contains(&bare.to_lowercase()) || bare.contains('@');
            out.push_str(if is_person { PERSON } else { word });
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char| !is_of_word(char)).map(|word| word.trim_matches(['.', '-', '@', '+']))
}

fn is_of_word(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '@' | '+')
}

/// Whether a character ends a secret.
fn ends(char: char) -> bool {
    char.is_whitespace() || matches!(char, '"' | '\'' | '<' | '>' | ',' | ';' | ')' | '}')
}

fn beginnings(line: &str) -> String {
    BEGINNINGS.into_iter().fold(line.to_owned(), |line, mark| replace_from(&line, mark, 0))
}

fn announced(line: &str) -> String {
    ANNOUNCED.into_iter().fold(line.to_owned(), |line, mark| replace_from(&line, mark, mark.len()))
}

/// Replaces each word that begins so many bytes behind a mark, which is found in any case.
fn replace_from(line: &str, mark: &str, behind: usize) -> String {
    let mut out = String::new();
    let mut rest = line;
    // Only ASCII changes its case, so that places stay the same.
    while let Some(at) = rest.to_ascii_lowercase().find(&mark.to_ascii_lowercase()) {
        let (before, from) = rest.split_at(at + behind);
        let end = from.find(ends).unwrap_or(from.len());
        out.push_str(before);
        if end > 0 {
            out.push_str(SECRET);
        }
        // A mark is never passed over twice.
        let passed = end.max(mark.len() - behind).min(from.len());
        rest = &from[passed..];
    }
    out + rest
}

/// Takes user, password and query out of addresses on the web.
fn addresses(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, from) = rest.split_at(at + 3);
        let (address, after) = from.split_at(from.find(ends).unwrap_or(from.len()));
        let (authority, path) = address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
        out.push_str(before);
        match authority.rsplit_once('@') {
            Some((_, host)) => out.extend([SECRET, "@", host]),
            None => out.push_str(authority),
        }
        match path.split_once('?') {
            Some((path, _)) => out.extend([path, "?", SECRET]),
            None => out.push_str(path),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn secrets_go_wherever_they_stand() {
        let redactor = Redactor::new(["s3cret-key-of-16", "first line of it\nsecond line of it"], &[]);
        for (text, left) in [
            ("a s3cret-key-of-16 b", "a [secret] b"),
            ("x=\"second line of it\"", "x=\"[secret]\""),
            ("key obk_00112233445566778899aabbccddeeff.", "key [secret]"),
            ("authorization: Bearer abc, next", "authorization: Bearer [secret], next"),
            ("Sign in as `admin` with the password hunter2x", "Sign in as `admin` with the password [secret]"),
            ("url = \"https://u:p@host/x?token=1\" # y", "url = \"https://[secret]@host/x?[secret]\" # y"),
            ("hash $argon2id$v=19$m=1,x", "hash [secret],x"),
            ("TOKEN=a TOKEN=b", "TOKEN=[secret] TOKEN=[secret]"),
            ("nothing here", "nothing here"),
            ("ends with token=", "ends with token="),
        ] {
            assert_eq!(redactor.text(text), left);
        }
    }

    #[test]
    fn people_go_out_of_a_log_and_words_stay() {
        let people = ["beth Elizabeth Ångström beth@site.example".to_owned(), "admin Ad Min ".to_owned()];
        let redactor = Redactor::new([], &people);
        assert_eq!(
            redactor.log("account=\"Beth\" path=/users/beth by admin, ångström, x@y.example; bethlehem"),
            "account=\"[person]\" path=/users/[person] by admin, [person], [person]; bethlehem"
        );
    }
}
