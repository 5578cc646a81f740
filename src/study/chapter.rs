//! The lab and the exercises of a chapter: which of them there are, and when they are done.
//!
//! A lab is done when each of its experiments was gone through, one without experiments when it was run. An
//! exercise is done when a grade passed. What a chapter names and nobody has built yet is not to be done.

use crate::content::model::Chapter;

/// What a learner did in labs and exercises.
pub trait Practice {
    fn has_run(&self, lab: &str) -> bool;
    /// The experiment was gone through to its end.
    fn has_done(&self, lab: &str, experiment: &str) -> bool;
    fn has_passed(&self, exercise: &str) -> bool;
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub done: usize,
    pub of: usize,
}

impl Tally {
    pub fn count<T>(wanted: impl IntoIterator<Item = T>, is_done: impl Fn(T) -> bool) -> Self {
        let mut tally = Self::default();
        for name in wanted {
            tally.of += 1;
            tally.done += usize::from(is_done(name));
        }
        tally
    }

    /// 0 to 1; 0 when there is nothing to do.
    pub fn share(self) -> f64 {
        if self.of == 0 {
            0.0
        } else {
            self.done as f64 / self.of as f64
        }
    }

    pub const fn is_complete(self) -> bool {
        self.of > 0 && self.done == self.of
    }
}

/// The labs of a chapter that there are, by id.
pub fn labs(chapter: &Chapter) -> Vec<&str> {
    let labs = chapter.meta.labs.iter().map(String::as_str);
    labs.filter(|id| ddlab_labs::find(id).is_some()).collect()
}

/// The exercises of a chapter that there are, by slug.
pub fn exercises(chapter: &Chapter) -> Vec<&str> {
    let slugs = chapter.meta.exercises.iter().map(String::as_str);
    slugs
        .filter(|slug| ddlab_exercises::find(slug).is_ok())
        .collect()
}

/// The experiments of the chapter's labs that were gone through; a lab without experiments counts as one.
pub fn lab(chapter: &Chapter, did: &impl Practice) -> Tally {
    let mut tally = Tally::default();
    for lab in labs(chapter) {
        let experiments = &ddlab_labs::guides(lab).experiments;
        let of_lab = if experiments.is_empty() {
            Tally::count([lab], |lab| did.has_run(lab))
        } else {
            Tally::count(experiments, |one| did.has_done(lab, &one.id))
        };
        tally.done += of_lab.done;
        tally.of += of_lab.of;
    }
    tally
}

/// The chapter's exercises that were passed.
pub fn build(chapter: &Chapter, did: &impl Practice) -> Tally {
    Tally::count(exercises(chapter), |slug| did.has_passed(slug))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Library;

    /// Did what is named here.
    struct Did(&'static [&'static str]);

    impl Practice for Did {
        fn has_run(&self, lab: &str) -> bool {
            self.0.contains(&lab)
        }

        fn has_done(&self, _lab: &str, experiment: &str) -> bool {
            self.0.contains(&experiment)
        }

        fn has_passed(&self, exercise: &str) -> bool {
            self.0.contains(&exercise)
        }
    }

    #[test]
    fn a_lab_is_done_with_its_last_experiment_and_an_exercise_with_a_pass() {
        let library = Library::embedded();
        let mut chapter = library.chapter("7").unwrap().clone();
        chapter.meta.labs.push("not-built-yet".to_owned());
        chapter.meta.exercises.push("not-built-yet".to_owned());
        assert_eq!(labs(&chapter), ["scatter-gather"]);
        let there = ["scatter-gather-top10", "hedged-requests", "api-composition"];
        assert_eq!(exercises(&chapter), there);
        let experiments = ddlab_labs::guides("scatter-gather").experiments.len();
        for (did, led, built) in [
            (&[][..], 0, 0),
            (&["scatter-gather", "not-built-yet"], 0, 0),
            (&["the-tail-is-the-request", "scatter-gather-top10"], 1, 1),
        ] {
            let did = Did(did);
            let wanted = Tally {
                done: led,
                of: experiments,
            };
            assert_eq!(lab(&chapter, &did), wanted);
            let of = there.len();
            assert_eq!(build(&chapter, &did), Tally { done: built, of });
        }
    }
}
