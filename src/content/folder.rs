//! One chapter folder to one [`Chapter`]. What is right is kept: a broken question costs that question,
//! a broken quiz costs the quiz, and only front matter that cannot be read costs the chapter.

use super::model::{Chapter, FrontMatter};
use super::outline;
use super::problem::{Position, Problem, Severity};
use super::shelf::{ChapterFiles, TextFile, appendix_name};
use super::yaml;
use super::yaml_list::{self, yaml_problem};
use serde::de::DeserializeOwned;

/// The chapter of these files; none when its front matter cannot be read.
pub fn chapter(files: &ChapterFiles, problems: &mut Vec<Problem>) -> Option<Chapter> {
    let page = &files.page;
    let Some(split) = split(page.text()) else {
        problems.push(Problem::new(
            Severity::Error,
            &page.path,
            Some(Position::START),
            "the page has no front matter between two lines of ---",
            "begin the file with ---, the fields id, number, title, part, summary, minutes, and ---",
        ));
        return None;
    };
    let meta: FrontMatter = match yaml::read(&split.front) {
        Ok(meta) => meta,
        Err(error) => {
            problems.push(yaml_problem(page, &error, "the front matter"));
            return None;
        }
    };
    let appendices = files.appendices.iter();
    let appendices = appendices
        .filter_map(|file| appendix(file, &meta, problems))
        .collect();
    Some(Chapter {
        appendices,
        meta,
        sections: outline::sections(split.body),
        body: split.body.to_owned(),
        body_line: split.body_line,
        path: page.path.clone(),
        quiz: questions(files.quiz.as_ref(), problems),
        interview: questions(files.interview.as_ref(), problems),
    })
}

/// An appendix of this chapter: its title, `# On a real cluster`, and text.
fn appendix(
    file: &TextFile,
    chapter: &FrontMatter,
    problems: &mut Vec<Problem>,
) -> Option<Chapter> {
    let name = appendix_name(file.path.file_name()?.to_str()?)?;
    let (first, body) = file.text().split_once('\n').unwrap_or((file.text(), ""));
    let Some(title) = first.strip_prefix("# ") else {
        problems.push(Problem::new(
            Severity::Error,
            &file.path,
            Some(Position::START),
            "the appendix does not begin with its title",
            "begin the file with a line such as `# On a real cluster`",
        ));
        return None;
    };
    Some(Chapter {
        meta: FrontMatter {
            id: format!("{}/{name}", chapter.id),
            title: title.trim().to_owned(),
            summary: format!(
                "An appendix to chapter {}, {}.",
                chapter.number, chapter.title
            ),
            minutes: minutes(body),
            labs: Vec::new(),
            exercises: Vec::new(),
            covers: Vec::new(),
            ..chapter.clone()
        },
        sections: outline::sections(body),
        body: body.to_owned(),
        body_line: 2,
        path: file.path.clone(),
        quiz: Vec::new(),
        interview: Vec::new(),
        appendices: Vec::new(),
    })
}

/// How long a text takes to read, at 200 words a minute.
fn minutes(text: &str) -> u16 {
    let minutes = text.split_whitespace().count().div_ceil(200);
    u16::try_from(minutes).unwrap_or(u16::MAX)
}

struct Split<'a> {
    /// The YAML, moved down by an empty line in the place of the first `---`: so its lines are those of the file.
    front: String,
    body: &'a str,
    body_line: usize,
}

fn split(text: &str) -> Option<Split<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut front = String::from("\n");
    let mut bytes = first.len();
    for (number, line) in lines.enumerate() {
        bytes += line.len();
        if line.trim_end() == "---" {
            return Some(Split {
                front,
                body: &text[bytes..],
                body_line: number + 3,
            });
        }
        front.push_str(line);
    }
    None
}

fn questions<T: DeserializeOwned>(file: Option<&TextFile>, problems: &mut Vec<Problem>) -> Vec<T> {
    let names = yaml_list::Names {
        item: "this question",
        whole: "the list of questions",
    };
    yaml_list::read(file, names, problems)
}
