//! The embedded content holds to its rules; what `ddlab content check` says, cargo says too.

use ddlab::check::answers::agreements;
use ddlab::cli::content::checked;
use ddlab::content::model::{InterviewKind, QuizKind};
use ddlab::content::{Library, Problem, Severity, yaml};
use ddlab::study::rubric::Matcher;
use std::collections::BTreeMap;
use std::sync::LazyLock;

fn listed(problems: &[&Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// What is wrong with the book, looked for once.
static PROBLEMS: LazyLock<Vec<Problem>> = LazyLock::new(|| checked(&Library::embedded(), None));

#[test]
fn the_embedded_content_has_no_error_and_no_warning() {
    let faults: Vec<&Problem> = PROBLEMS
        .iter()
        .filter(|problem| problem.severity != Severity::Notice)
        .collect();
    assert!(faults.is_empty(), "\n{}", listed(&faults));
}

#[test]
fn the_book_has_thirteen_chapters_in_order() {
    let library = Library::embedded();
    let numbers: Vec<u8> = library.chapters().map(|c| c.meta.number).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
    assert!(library.problems().is_empty(), "{:?}", library.problems());
}

#[test]
fn every_code_of_the_curriculum_has_its_home() {
    let homeless: Vec<&Problem> = PROBLEMS
        .iter()
        .filter(|problem| problem.message.contains("no chapter covers"))
        .collect();
    assert!(homeless.is_empty(), "\n{}", listed(&homeless));
}

#[test]
fn the_quizzes_ask_in_all_five_ways() {
    let library = Library::embedded();
    let mut kinds = [0_usize; 5];
    for chapter in library.chapters() {
        let title = &chapter.meta.title;
        assert!(chapter.quiz.len() >= 10, "{title}: {}", chapter.quiz.len());
        for question in &chapter.quiz {
            kinds[match question.kind {
                QuizKind::One { .. } => 0,
                QuizKind::Several { .. } => 1,
                QuizKind::Order { .. } => 2,
                QuizKind::Match { .. } => 3,
                QuizKind::Number { .. } => 4,
            }] += 1;
        }
    }
    let least = kinds.into_iter().min();
    assert!(least >= Some(10), "one kind is rare: {kinds:?}");
}

#[test]
fn each_pattern_from_chapter_five_on_is_estimated_in_an_interview() {
    let library = Library::embedded();
    let mut questions = 0;
    for chapter in library.chapters() {
        questions += chapter.interview.len();
        let estimates = chapter
            .interview
            .iter()
            .filter(|question| question.kind == InterviewKind::Estimate)
            .count();
        let needed = usize::from((5..=12).contains(&chapter.meta.number));
        assert!(estimates >= needed, "{}", chapter.meta.title);
    }
    // The 55 of the curriculum and the eight estimates.
    assert!(questions >= 63, "{questions}");
}

/// On the answers by which the terms were improved, and on those that only measure.
#[test]
fn rubrics_hear_what_a_listener_hears() {
    let answers = include_str!("../fixtures/answers.yaml");
    let agreements = agreements(&Library::embedded(), answers).unwrap();
    assert_eq!(agreements.parts.len(), 5);
    for agreement in agreements.parts.values() {
        assert!(agreement.precision() >= 0.95, "\n{agreements}");
        assert!(agreement.recall() >= 0.70, "\n{agreements}");
    }
}

/// The phrasings by which the terms were widened: question, point, what people say.
type Phrasings = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[test]
fn each_point_is_heard_in_many_words() {
    let all: Phrasings = yaml::read(include_str!("../fixtures/phrasings.yaml")).unwrap();
    let library = Library::embedded();
    let (mut heard, mut said) = (0, 0);
    for question in library.chapters().flat_map(|chapter| &chapter.interview) {
        for point in &question.rubric {
            let phrasings = &all[&question.id][&point.id];
            let name = format!("{} {}", question.id, point.id);
            assert!(!point.must || phrasings.len() >= 6, "{name}");
            let matcher = Matcher::new(&point.matches).unwrap();
            said += phrasings.len();
            heard += phrasings
                .iter()
                .filter(|p| matcher.find(p).is_some())
                .count();
        }
    }
    assert!(20 * heard >= 19 * said, "{heard} of {said}");
}

#[test]
fn each_page_ends_with_what_to_do_next() {
    let library = Library::embedded();
    for chapter in library.chapters() {
        let page = chapter.path.display();
        let last = chapter.body.split("\n## Check yourself\n").nth(1);
        let last = last.unwrap_or_else(|| panic!("{page} has no such section"));
        let mut wanted = vec!["**Defend:**".to_owned(), "**Next:**".to_owned()];
        wanted.extend((!chapter.meta.labs.is_empty()).then(|| "**Poke:**".to_owned()));
        wanted.extend(
            chapter
                .meta
                .exercises
                .iter()
                .map(|slug| format!("```try {slug}")),
        );
        let following = library
            .chapters()
            .find(|other| other.meta.number == chapter.meta.number + 1);
        wanted.extend(following.map(|other| format!("chapter {}", other.meta.number)));
        for words in wanted {
            assert!(last.contains(&words), "{page}: no `{words}`");
        }
        assert!(
            last.contains("quiz") || last.contains("**Quiz:**"),
            "{page}: no quiz"
        );
        for appendix in &chapter.appendices {
            let file = appendix.path.file_name().unwrap().to_string_lossy();
            assert!(last.contains(&*file), "{page}: no {file}");
            let end = appendix.body.trim_end().lines().last().unwrap_or_default();
            assert!(end.starts_with("**Next:**"), "{}", appendix.path.display());
        }
    }
}
