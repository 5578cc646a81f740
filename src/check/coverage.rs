//! The codes of the curriculum: `ch07-q3` is the third interview question of chapter 7, and so for
//! exercises (`e`), common mistakes (`m`) and connections to other fields (`c`).

/// Chapter, kind, how many.
const COUNTS: &[(u8, char, u8)] = &[
    (2, 'q', 5),
    (2, 'e', 3),
    (2, 'm', 4),
    (2, 'c', 2),
    (3, 'q', 5),
    (3, 'm', 3),
    (4, 'q', 5),
    (5, 'q', 5),
    (6, 'q', 5),
    (7, 'q', 5),
    (7, 'e', 3),
    (8, 'q', 5),
    (9, 'q', 5),
    (10, 'q', 5),
    (11, 'q', 5),
    (12, 'q', 5),
    (12, 'm', 4),
];

/// One code of the curriculum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    pub chapter: u8,
    pub kind: char,
    pub text: String,
}

/// All of them, in the order of the curriculum.
pub fn codes() -> Vec<Code> {
    COUNTS
        .iter()
        .flat_map(|&(chapter, kind, count)| {
            (1..=count).map(move |number| Code {
                chapter,
                kind,
                text: format!("ch{chapter:02}-{kind}{number}"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curriculum_has_55_questions_and_19_other_codes() {
        let codes = codes();
        assert_eq!(codes.iter().filter(|code| code.kind == 'q').count(), 55);
        assert_eq!(codes.iter().filter(|code| code.kind != 'q').count(), 19);
        assert_eq!(codes[0].text, "ch02-q1");
    }
}
