//! How the curriculum is drawn.

use super::layout::{Layout, Row};
use super::{Home, next};
use crate::content::model::Chapter;
use crate::study::chapter::{Tally, build, exercises, lab, labs};
use crate::tui::keymap::Action;
use crate::tui::screen::{Cx, Screen};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::{footer, page, picker, prose, scroll};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

const TAGLINE: &str = "designing distributed systems, hands on";
/// Cells before the title of a chapter.
const TITLE_INDENT: u16 = 7;
/// Cells between the keys of the last row and what the marks say.
const LEGEND_GAP: u16 = 3;
/// The five verbs, as the columns call them.
const MARKS: [&str; 5] = ["read", "quiz", "lab", "build", "defend"];

pub fn draw(home: &Home, cx: &Cx<'_>, buf: &mut Buffer) {
    let layout = Layout::new(cx);
    let chosen = home.picker.chosen();
    let theme = cx.theme;
    // The last row where it is free, else the place of what this is.
    let below = page(cx.area).last_row();
    let last = layout.list.bottom().max(layout.summary.bottom());
    let in_title = below.y < last;
    if !in_title {
        let legend = theme.line(legend(theme), Role::Faint);
        let room = below
            .width
            .saturating_sub(legend.width() as u16 + LEGEND_GAP);
        legend.right_aligned().render(below, buf);
        beyond(home, room, cx).render(below, buf);
    }
    title(
        home,
        in_title.then(|| legend(theme)),
        layout.title,
        theme,
        buf,
    );
    what_is_next(layout.next, cx, buf);
    let chapters: Vec<&Chapter> = cx.library.chapters().collect();
    head(&layout, home, &chapters, theme, buf);
    for (row, line) in layout.visible(&home.picker) {
        match row {
            Row::Gap => {}
            Row::Part(index) => part(&chapters[index].meta.part, line, theme, buf),
            Row::Chapter(index) => chapter(chapters[index], index == chosen, line, cx, buf),
        }
    }
    if let Some(chapter) = chapters.get(chosen) {
        summary(chapter, layout.summary, cx, buf);
    }
}

/// What the marks say.
fn legend(theme: &Theme) -> String {
    let symbols = theme.symbols;
    let [open, begun @ .., done] = symbols.progress;
    let mut begun = begun.to_vec();
    begun.dedup();
    begun.retain(|sign| *sign != open);
    format!(
        "{open} open {} begun {done} done {} medal {} none",
        begun.concat(),
        symbols.star,
        symbols.none
    )
}

/// Ways that the bar has no room for; first what nobody would look for beside the chapters.
fn beyond(home: &Home, room: u16, cx: &Cx<'_>) -> Line<'static> {
    let mut left = footer::left_over(&home.contexts(), cx.area.width);
    left.retain(|(_, _, action)| !matches!(action, Action::Down | Action::Up));
    let beside = |action| matches!(action, Action::Designs | Action::Exercises | Action::OnCall);
    left.sort_by_key(|(_, _, action)| !beside(*action));
    footer::joined(&left, room, cx.theme)
}

fn title(home: &Home, legend: Option<String>, line: Rect, theme: &Theme, buf: &mut Buffer) {
    theme.line("ddlab", Role::Title).render(line, buf);
    let (text, role) = if home.due.is_empty() {
        (legend.unwrap_or_else(|| TAGLINE.to_owned()), Role::Dim)
    } else {
        let between = format!(" {} ", theme.symbols.none);
        (home.due.join(&between), Role::Accent)
    };
    theme
        .line(text, role)
        .right_aligned()
        .render(line.after(8), buf);
}

fn what_is_next(line: Rect, cx: &Cx<'_>, buf: &mut Buffer) {
    let theme = cx.theme;
    let lead = format!("{} next   ", theme.symbols.next);
    let indent = lead.width() as u16;
    theme.line(lead, Role::Accent).render(line, buf);
    let rest = line.after(indent);
    if cx.marks.are_being_read() {
        let text = "your record is being read";
        return theme.line(text, Role::Dim).render(rest, buf);
    }
    let Some(step) = next::next(cx.library, cx.marks) else {
        let text = if cx.library.chapters().len() == 0 {
            "there is no chapter here; start without --content to read the book"
        } else {
            next::ALL_DONE
        };
        theme.line(text, Role::Text).render(rest, buf);
        return;
    };
    let minutes = format!("{} min", step.minutes);
    let minutes_width = minutes.width() as u16;
    theme
        .line(minutes, Role::Dim)
        .right_aligned()
        .render(rest, buf);
    let room = rest.width.saturating_sub(minutes_width + 2);
    Line::from(vec![
        theme.span(step.title, Role::Strong),
        theme.span(format!(" {} ", theme.symbols.none), Role::Faint),
        theme.span(step.what, Role::Text),
    ])
    .render(rest.first(room), buf);
}

fn head(layout: &Layout, home: &Home, chapters: &[&Chapter], theme: &Theme, buf: &mut Buffer) {
    let first = layout.head_chapter(&home.picker);
    let name = first.and_then(|index| chapters.get(index));
    if let Some(chapter) = name {
        part(&chapter.meta.part, layout.head, theme, buf);
    }
    for (label, cell) in MARKS.iter().zip(mark_cells(layout.head)) {
        theme.line(*label, Role::Dim).centered().render(cell, buf);
    }
}

fn part(name: &str, line: Rect, theme: &Theme, buf: &mut Buffer) {
    theme
        .line(name, Role::Heading)
        .render(titles(line.after(2)), buf);
}

fn chapter(chapter: &Chapter, selected: bool, line: Rect, cx: &Cx<'_>, buf: &mut Buffer) {
    let theme = cx.theme;
    let coming = chapter.meta.coming;
    if selected {
        picker::band(line, theme, buf);
    }
    let role = match (selected, coming) {
        (true, _) => Role::Strong,
        (false, true) => Role::Faint,
        (false, false) => Role::Text,
    };
    let number = format!("{:>4}", chapter.meta.number);
    buf.set_stringn(
        line.x + 1,
        line.y,
        number,
        4,
        theme.style(if coming { Role::Faint } else { Role::Dim }),
    );
    let cells = mark_cells(line);
    // Without marks in the way, a title has the row up to its last word.
    let title = line.after(TITLE_INDENT);
    let room = if coming { cells[4].x } else { cells[0].x }.saturating_sub(title.x);
    let name = theme.clip(&chapter.meta.title, room);
    theme.line(name, role).render(title, buf);
    if coming {
        theme
            .line("coming", Role::Faint)
            .centered()
            .render(cells[4], buf);
        return;
    }
    for ((symbol, role), cell) in marks(chapter, cx).into_iter().zip(cells) {
        theme.line(symbol, role).centered().render(cell, buf);
    }
}

/// The five marks with their looks. A lab or an exercise that is still to be built is not to be done.
fn marks(chapter: &Chapter, cx: &Cx<'_>) -> [(String, Role); 5] {
    if cx.marks.are_being_read() {
        return std::array::from_fn(|_| (cx.theme.symbols.none.to_owned(), Role::Faint));
    }
    let done = cx.marks.chapter(chapter);
    let mut exercises = exercises(chapter).into_iter();
    let tried = exercises.any(|slug| cx.marks.has_tried(slug));
    let answered = |id: &str| cx.marks.interview(id).is_some();
    let defending = chapter.interview.iter().any(|q| answered(&q.id));
    [
        mark(done.read, false, cx.theme),
        mark(done.quiz, false, cx.theme),
        lab_mark(chapter, cx),
        mark(build(chapter, cx.marks), tried, cx.theme),
        mark(done.defend, defending, cx.theme),
    ]
}

/// A circle that fills. `begun` tells what was tried without success from what was never touched.
fn mark(tally: Tally, begun: bool, theme: &Theme) -> (String, Role) {
    let circles = theme.symbols.progress;
    let (sign, role) = if tally.of == 0 {
        (theme.symbols.none, Role::Faint)
    } else if tally.is_complete() {
        (circles[4], Role::Good)
    } else if tally.done == 0 {
        if begun {
            (circles[1], Role::Accent)
        } else {
            (circles[0], Role::Faint)
        }
    } else {
        let quarters = (tally.share() * 4.0).round() as usize;
        (circles[quarters.clamp(1, 3)], Role::Accent)
    };
    (sign.to_owned(), role)
}

/// A star for each challenge that was met; before the first, how many experiments were gone through.
fn lab_mark(chapter: &Chapter, cx: &Cx<'_>) -> (String, Role) {
    let labs = labs(chapter);
    let medals: usize = labs.iter().map(|lab| cx.marks.medals_of(lab)).sum();
    if medals == 0 {
        let begun = labs.iter().any(|lab| cx.marks.has_run(lab));
        return mark(lab(chapter, cx.marks), begun, cx.theme);
    }
    let challenges = labs
        .iter()
        .map(|lab| ddlab_labs::guides(lab).challenges.len());
    let challenges: usize = challenges.sum();
    let role = if medals >= challenges {
        Role::Good
    } else {
        Role::Accent
    };
    (cx.theme.symbols.star.repeat(medals), role)
}

/// What the selected chapter is about, and what there is to do in it.
fn summary(chapter: &Chapter, area: Rect, cx: &Cx<'_>, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let mut lines = prose::lines(&chapter.meta.summary, area.width, cx.theme);
    let facts = facts(chapter, cx);
    // The facts are worth a line as soon as the summary still has two.
    let room = usize::from(area.height);
    let with_facts = room >= 4;
    let kept = if with_facts { room - 2 } else { room };
    if lines.len() > kept {
        lines.truncate(kept);
        if let Some(last) = lines.last_mut() {
            let role = cx.theme.style(Role::Dim);
            last.spans.push(Span::styled(
                format!(" {}", cx.theme.symbols.ellipsis),
                role,
            ));
        }
    }
    let mut lines = prose::tinted(lines, Role::Dim, cx.theme);
    if with_facts {
        lines.push(Line::default());
        lines.extend(prose::lines_as(Role::Faint, &facts, area.width, cx.theme));
    }
    let todo = exercise_lines(chapter, cx);
    if lines.len() + todo.len() < room {
        lines.extend(todo);
    }
    scroll::lines(&lines, area, buf);
}

/// The exercises by name, each with how far one is.
fn exercise_lines(chapter: &Chapter, cx: &Cx<'_>) -> Vec<Line<'static>> {
    let [open, _, begun, _, done] = cx.theme.symbols.progress;
    let mut lines = vec![Line::default()];
    for slug in exercises(chapter) {
        let (sign, role) = match (cx.marks.has_passed(slug), cx.marks.has_tried(slug)) {
            (true, _) => (done, Role::Good),
            (false, true) => (begun, Role::Accent),
            (false, false) => (open, Role::Faint),
        };
        if let Ok(exercise) = ddlab_exercises::find(slug) {
            let title = cx
                .theme
                .span(format!(" {}", exercise.manifest().title), Role::Dim);
            lines.push(Line::from(vec![cx.theme.span(sign, role), title]));
        }
    }
    lines
}

/// `31 min to read · 17 quiz questions · 1 lab · 1 exercise · 6 interview questions`
fn facts(chapter: &Chapter, cx: &Cx<'_>) -> String {
    let meta = &chapter.meta;
    if meta.coming {
        return "A summary for now; the chapter is coming.".to_owned();
    }
    let count = |n: usize, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{n} {what}s")),
    };
    let facts: Vec<String> = [
        Some(format!("{} min to read", meta.minutes)),
        count(chapter.quiz.len(), "quiz question"),
        count(labs(chapter).len(), "lab"),
        count(exercises(chapter).len(), "exercise"),
        count(chapter.interview.len(), "interview question"),
    ]
    .into_iter()
    .flatten()
    .collect();
    facts.join(&format!(" {} ", cx.theme.symbols.none))
}

/// The cells of the five marks at the right end of a row.
fn mark_cells(line: Rect) -> [Rect; 5] {
    let width = mark_width(line);
    std::array::from_fn(|nth| line.last(width * (5 - nth as u16)).first(width))
}

/// Wide enough for the longest name and a blank.
fn mark_width(line: Rect) -> u16 {
    match line.width {
        0..=79 => 7,
        80..=89 => 8,
        _ => 9,
    }
}

/// The part of a row that titles may take.
fn titles(line: Rect) -> Rect {
    line.before(5 * mark_width(line))
}
