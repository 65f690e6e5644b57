//! "Did you mean": the known word nearest to an unknown one. It must not know what the words are for.

/// A longer word is no slip of the finger, and comparing it would cost for nothing.
const MAX_WORD_CHARS: usize = 64;

/// The nearest of `known`, if a third of its letters or fewer differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() > MAX_WORD_CHARS {
        return None;
    }
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, remove, replace or swap with their neighbour to come from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let replaced = row[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_of_the_finger_are_near() {
        let slips = [("title", "title", 0), ("titel", "title", 1), ("tile", "title", 1), ("titlle", "title", 1)];
        for (word, meant, expected) in slips.into_iter().chain([("tikle", "title", 1), ("", "abc", 3), ("abc", "", 3)])
        {
            assert_eq!(distance(word, meant), expected, "{word}");
        }
        assert_eq!(nearest("bbo", ["admin", "bob"]), Some("bob"));
        assert_eq!(nearest("Purge_Day", ["purge_days", "status"]), Some("purge_days"));
        assert_eq!(nearest("nowhere", ["admin", "bob"]), None);
    }
}
