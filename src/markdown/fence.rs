//! Fenced blocks with a meaning of their own, and code that is included from a file.
//!
//! An info string is a word and its arguments: `rust include=labs/x/pattern.rs#gather`,
//! `lab scatter-gather/hedged`, `check fan-out-half`, `try scatter-gather-top10`, `diagram`.

use super::block::{BlockKind, LabFigure, Live};
use ddlab_text::{clean_code, clean_line};

/// `include=FILE#REGION` on a code fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// Relative to the root of the project, with forward slashes.
    pub file: String,
    /// What lies between `// region: NAME` and `// endregion`; the whole file when none is named.
    pub region: Option<String>,
}

impl Include {
    fn parse(argument: &str) -> Self {
        match argument.split_once('#') {
            Some((file, region)) => Self {
                file: file.to_owned(),
                region: Some(region.to_owned()),
            },
            None => Self {
                file: argument.to_owned(),
                region: None,
            },
        }
    }

    /// Takes the wanted part out of the file's text; the error says what is not there.
    pub fn take_from(&self, source: &str) -> Result<String, String> {
        match &self.region {
            None => Ok(source.to_owned()),
            Some(name) => region(source, name)
                .ok_or_else(|| format!("`{}` has no `region: {name}`", self.file)),
        }
    }
}

impl std::fmt::Display for Include {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.region {
            Some(region) => write!(f, "{}#{region}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// The lines between `region: NAME` and its `endregion`, without their common indent. Markers are
/// comments of any language; regions may nest, and the markers of inner ones are left out.
pub fn region(source: &str, name: &str) -> Option<String> {
    let mut lines = source.lines();
    lines.find(|line| marker(line).is_some_and(|m| m == Marker::Start(name)))?;
    let mut depth = 0_usize;
    let mut body = Vec::new();
    for line in lines {
        match marker(line) {
            Some(Marker::Start(_)) => depth += 1,
            Some(Marker::End) if depth == 0 => return Some(dedent(&body)),
            Some(Marker::End) => depth -= 1,
            None => body.push(line),
        }
    }
    None
}

#[derive(PartialEq)]
enum Marker<'a> {
    Start(&'a str),
    End,
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let text = line.trim();
    let text = text
        .strip_prefix("//")
        .or_else(|| text.strip_prefix('#'))
        .or_else(|| text.strip_prefix("--"))?
        .trim_start();
    if let Some(name) = text.strip_prefix("region:") {
        return Some(Marker::Start(name.trim()));
    }
    (text.split_whitespace().next() == Some("endregion")).then_some(Marker::End)
}

fn dedent(lines: &[&str]) -> String {
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    let mut out = String::new();
    for line in lines {
        out.push_str(line.get(indent..).unwrap_or("").trim_end());
        out.push('\n');
    }
    out
}

/// Why a fence could not be taken at its word; the block that comes with it is shown instead.
pub(super) struct Fault {
    pub message: String,
    pub cure: String,
}

type Resolve<'a> = &'a dyn Fn(&Include) -> Result<String, String>;

/// The block that a fence stands for, and what was wrong with the fence.
pub(super) fn read(info: &str, body: &str, include: Resolve<'_>) -> (BlockKind, Option<Fault>) {
    let info = clean_line(info);
    let mut words = info.split_whitespace();
    let word = words.next().unwrap_or("");
    let argument = words.next();
    match (word, argument) {
        ("diagram", _) => diagram(body),
        ("lab", Some(place)) => match place.split_once('/') {
            Some((lab, figure)) if !lab.is_empty() && !figure.is_empty() => {
                let figure = LabFigure {
                    lab: lab.to_owned(),
                    figure: figure.to_owned(),
                    caption: clean_line(body.trim()).into_owned(),
                };
                (BlockKind::Live(Live::Figure(figure)), None)
            }
            _ => unclear(
                word,
                body,
                "has no figure",
                "write ```lab LAB/FIGURE, for example ```lab scatter-gather/hedged",
            ),
        },
        ("check", Some(id)) => {
            let question = id.to_owned();
            (BlockKind::Live(Live::Check { question }), None)
        }
        ("try", Some(slug)) => {
            let exercise = slug.to_owned();
            (BlockKind::Live(Live::Try { exercise }), None)
        }
        ("lab", None) => unclear(word, body, "has no figure", "write ```lab LAB/FIGURE"),
        ("check", None) => unclear(
            word,
            body,
            "has no question",
            "write ```check ID, with an id of quiz.yaml",
        ),
        ("try", None) => unclear(
            word,
            body,
            "has no exercise",
            "write ```try SLUG, with a slug of exercises/",
        ),
        (lang, _) => code(lang, &info, body, include),
    }
}

fn unclear(lang: &str, body: &str, message: &str, cure: &str) -> (BlockKind, Option<Fault>) {
    let fault = Fault {
        message: format!("the `{lang}` fence {message}"),
        cure: cure.to_owned(),
    };
    (plain_code(lang, body), Some(fault))
}

fn plain_code(lang: &str, body: &str) -> BlockKind {
    BlockKind::Code {
        lang: lang.to_lowercase(),
        text: clean_code(body).into_owned(),
        from: None,
    }
}

fn code(lang: &str, info: &str, body: &str, include: Resolve<'_>) -> (BlockKind, Option<Fault>) {
    let Some(argument) = info
        .split_whitespace()
        .find_map(|word| word.strip_prefix("include="))
    else {
        return (plain_code(lang, body), None);
    };
    let from = Include::parse(argument);
    let (text, fault) = match include(&from) {
        Ok(text) => (text, None),
        Err(why) => {
            let fault = Fault {
                message: format!("cannot include `{from}`: {why}"),
                cure: "name a file of the project and a `// region: NAME` … `// endregion` in it"
                    .to_owned(),
            };
            (format!("({from} is not here)\n"), Some(fault))
        }
    };
    let block = BlockKind::Code {
        lang: lang.to_lowercase(),
        text: clean_code(&text).into_owned(),
        from: Some(from),
    };
    (block, fault)
}

fn diagram(body: &str) -> (BlockKind, Option<Fault>) {
    let body = clean_code(body);
    let (alt, drawing) = match body.split_once('\n') {
        Some((first, rest)) if first.trim_start().starts_with("alt:") => (first, rest),
        _ => ("", &*body),
    };
    let alt = alt.trim().trim_start_matches("alt:").trim().to_owned();
    let fault = alt.is_empty().then(|| Fault {
        message: "the diagram has no description".to_owned(),
        cure: "begin it with a line `alt: what the drawing shows, in a sentence`".to_owned(),
    });
    let lines = drawing
        .trim_matches('\n')
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    (BlockKind::Diagram { alt, lines }, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "use x;\n    // region: outer\n    fn a() {\n        // region: inner\n        b();\n        // endregion\n    }\n\n    // endregion\nfn c() {}\n";

    #[test]
    fn a_region_comes_without_its_indent_and_without_inner_markers() {
        assert_eq!(
            region(SOURCE, "outer").as_deref(),
            Some("fn a() {\n    b();\n}\n\n")
        );
        assert_eq!(region(SOURCE, "inner").as_deref(), Some("b();\n"));
    }

    #[test]
    fn a_region_that_is_not_there_or_never_ends_is_none() {
        assert_eq!(region(SOURCE, "in"), None);
        assert_eq!(region("# region: open\nx = 1\n", "open"), None);
    }
}
