//! The forms of a name.

/// A name in small letters, its words joined by hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if text.split('-').all(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "`{text}` is not a name; write small letters, digits and hyphens, as in `hedged-requests`"
            ))
        }
    }

    /// `hedged-requests`.
    pub fn slug(&self) -> &str {
        &self.0
    }

    /// `hedged_requests`.
    pub fn module(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `HedgedRequests`.
    pub fn type_name(&self) -> String {
        self.0.split('-').map(capital).collect()
    }

    /// `Hedged requests`.
    pub fn title(&self) -> String {
        capital(&self.0.replace('-', " "))
    }

    /// Puts the forms of the name into a template.
    pub fn fill(&self, template: &str) -> String {
        template
            .replace("__SLUG__", self.slug())
            .replace("__MODULE__", &self.module())
            .replace("__TYPE__", &self.type_name())
            .replace("__TITLE__", &self.title())
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_ascii_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_form_for_each_place() {
        let name = Name::parse("hedged-requests").unwrap();
        let forms = name.fill("__SLUG__ __MODULE__ __TYPE__ __TITLE__");
        assert_eq!(
            forms,
            "hedged-requests hedged_requests HedgedRequests Hedged requests"
        );
    }

    #[test]
    fn what_cannot_be_a_module_is_refused_with_an_example() {
        for wrong in ["", "Hedged", "a--b", "-a", "7up", "a b", "naïve", "a/b"] {
            let refused = Name::parse(wrong).unwrap_err();
            assert!(refused.contains("`hedged-requests`"), "{refused}");
        }
    }
}
