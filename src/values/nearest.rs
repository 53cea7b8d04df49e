//! "Did you mean": the known names closest to a misspelt one.

/// Longest word that is compared; anything longer is no misspelling.
const MAX_LEN: usize = 80;

/// At most this many suggestions.
const MAX_SUGGESTIONS: usize = 3;

/// Up to three of `known` that `word` may be a misspelling of, the closest first, ties in the order given.
///
/// Case, `_`, `-` and `.` count as equal, so `linger_ms` is close to `linger.ms`. A name is close when at most a third
/// of its letters differ, or when one is the beginning of the other. A name that differs in nothing else stands alone.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if word.is_empty() || word.len() > MAX_LEN {
        return Vec::new();
    }
    let word = folded(word);
    let mut close: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|name| name.len() <= MAX_LEN)
        .filter_map(|name| distance_if_close(&word, &folded(name)).map(|distance| (distance, name)))
        .collect();
    close.sort_by_key(|&(distance, _)| distance);
    if let Some(&(0, _)) = close.first() {
        close.truncate(1);
    }
    close.truncate(MAX_SUGGESTIONS);
    close.into_iter().map(|(_, name)| name).collect()
}

/// A sentence for the result of [`nearest`]: ``did you mean `a` or `b`?``; `None` without any.
pub fn did_you_mean(names: &[&str]) -> Option<String> {
    let (last, others) = names.split_last()?;
    let list = match others {
        [] => format!("`{last}`"),
        _ => {
            format!("{} or `{last}`", others.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "))
        }
    };
    Some(format!("did you mean {list}?"))
}

fn folded(word: &str) -> Vec<char> {
    word.chars().map(|c| if matches!(c, '_' | '-') { '.' } else { c.to_ascii_lowercase() }).collect()
}

fn distance_if_close(word: &[char], name: &[char]) -> Option<usize> {
    let distance = edit_distance(word, name);
    let longer = word.len().max(name.len());
    let prefix = word.len().min(name.len()) >= 4 && (word.starts_with(name) || name.starts_with(word));
    (distance <= longer.div_ceil(3) && distance < longer || prefix).then_some(distance)
}

/// Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 5] = ["linger.ms", "batch.size", "buffer.memory", "acks", "max.block.ms"];

    #[test]
    fn misspellings_find_their_key() {
        for (word, key) in
            [("linger_ms", "linger.ms"), ("ligner.ms", "linger.ms"), ("Batch.Size", "batch.size")]
        {
            assert_eq!(nearest(word, KEYS).first(), Some(&key), "{word}");
        }
        assert_eq!(nearest("linger", KEYS), ["linger.ms"]);
    }

    #[test]
    fn strangers_find_nothing() {
        assert!(nearest("colour", KEYS).is_empty());
        assert!(nearest("", KEYS).is_empty());
        assert!(nearest(&"x".repeat(100_000), KEYS).is_empty());
    }

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        let chars = |s: &str| s.chars().collect::<Vec<_>>();
        assert_eq!(edit_distance(&chars("ligner"), &chars("linger")), 1);
        assert_eq!(edit_distance(&chars("kitten"), &chars("sitting")), 3);
        assert_eq!(edit_distance(&chars(""), &chars("abc")), 3);
    }

    #[test]
    fn several_suggestions_make_one_sentence() {
        assert_eq!(did_you_mean(&["a", "b", "c"]).as_deref(), Some("did you mean `a`, `b` or `c`?"));
        assert_eq!(did_you_mean(&[]), None);
    }
}
