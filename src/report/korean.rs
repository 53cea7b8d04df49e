//! Korean particles that depend on the sound before them, for texts in which a number is filled in.

/// As they are written for both sounds, after a closed syllable, after an open one, and after one that ends in l.
const PARTICLES: [(&str, &str, &str, &str); 5] = [
    ("은(는)", "은", "는", "은"),
    ("이(가)", "이", "가", "이"),
    ("을(를)", "을", "를", "을"),
    ("와(과)", "과", "와", "과"),
    ("(으)로", "으로", "로", "로"),
];

/// How a word ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Closed,
    Open,
    Liquid,
}

/// What has been told with more behind it; a particle at the joint is made to agree. After words of other alphabets it
/// stays as it is written, for both sounds.
pub(super) fn joined(told: &str, more: &str) -> String {
    let particle = PARTICLES.iter().find(|(both, ..)| more.starts_with(both));
    match (particle, sound(told)) {
        (Some((both, closed, open, liquid)), Some(sound)) => {
            let right = match sound {
                Sound::Closed => closed,
                Sound::Open => open,
                Sound::Liquid => liquid,
            };
            format!("{told}{right}{}", &more[both.len()..])
        }
        _ => format!("{told}{more}"),
    }
}

/// How a number, a unit or a Korean word sounds at its end.
fn sound(text: &str) -> Option<Sound> {
    /// Syllables of each vowel: without a consonant at the end, and with each of 27.
    const ENDINGS: u32 = 28;
    const LIQUID: u32 = 8;
    // Milliseconds and the like, seconds, bytes, per cent.
    if ["ms", "us", "ns", " s", " B", "%"].iter().any(|unit| text.ends_with(unit)) {
        return Some(Sound::Open);
    }
    match text.chars().last()? {
        '0' | '3' | '6' => Some(Sound::Closed),
        '1' | '7' | '8' => Some(Sound::Liquid),
        '2' | '4' | '5' | '9' => Some(Sound::Open),
        syllable @ '가'..='힣' => Some(match (syllable as u32 - '가' as u32) % ENDINGS {
            0 => Sound::Open,
            LIQUID => Sound::Liquid,
            _ => Sound::Closed,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn particles_agree_with_what_is_before_them() {
        for (told, more, right) in [
            ("브로커 3", "은(는) 멈춥니다", "브로커 3은 멈춥니다"),
            ("브로커 2", "은(는) 멈춥니다", "브로커 2는 멈춥니다"),
            ("브로커 1", "(으)로", "브로커 1로"),
            ("10", "(으)로", "10으로"),
            ("events-5", "이(가) 됩니다", "events-5가 됩니다"),
            ("1.600 ms", "을(를)", "1.600 ms를"),
            ("2ms", "이(가)", "2ms가"),
            ("29.5%", "와(과)", "29.5%와"),
            ("값", "와(과)", "값과"),
            ("linger", "은(는)", "linger은(는)"),
            ("3", "개", "3개"),
        ] {
            assert_eq!(joined(told, more), right);
        }
    }
}
