//! Rows that the list of questions and the end of a quiz share.

use super::entries::{ListedQuestion, Sign};
use crate::study::quiz::score::SectionScore;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::picker::band;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// A section, and how its questions went.
pub fn draw_score(
    score: &SectionScore,
    selected: bool,
    line: Rect,
    theme: &Theme,
    buf: &mut Buffer,
) {
    if selected {
        band(line, theme, buf);
    }
    let words = score.in_words();
    let room = usize::from(line.width).saturating_sub(6 + words.width());
    let title = theme.clip(&score.section.title, room);
    let (sign, role) = if score.right == score.of {
        (theme.symbols.tick, Role::Good)
    } else {
        (theme.symbols.progress[0], Role::Faint)
    };
    let width = usize::from(line.width).saturating_sub(2);
    buf.set_stringn(line.x + 2, line.y, sign, width, theme.style(role));
    let width = width.saturating_sub(2);
    buf.set_stringn(line.x + 4, line.y, title, width, theme.style(Role::Text));
    theme
        .line(words, Role::Dim)
        .right_aligned()
        .render(line, buf);
}

/// A question, how it went, and what it is about.
pub fn draw_question(
    entry: &ListedQuestion,
    selected: bool,
    line: Rect,
    theme: &Theme,
    buf: &mut Buffer,
) {
    if selected {
        band(line, theme, buf);
    }
    let (sign, role) = match entry.sign {
        Sign::Open => (theme.symbols.progress[0], Role::Faint),
        Sign::Holds => (theme.symbols.tick, Role::Good),
        Sign::Missed => (theme.symbols.cross, Role::Danger),
    };
    let width = usize::from(line.width);
    buf.set_stringn(
        line.x + 2,
        line.y,
        sign,
        width.saturating_sub(2),
        theme.style(role),
    );
    if entry.is_marked {
        let mark = theme.symbols.bookmark;
        buf.set_stringn(
            line.x + 1,
            line.y,
            mark,
            width.min(1),
            theme.style(Role::Accent),
        );
    }
    let about_width = entry.about.width() as u16;
    let room = line.width.saturating_sub(4 + about_width + 2);
    let text = if selected { Role::Strong } else { Role::Text };
    let prompt = theme.clip(&entry.prompt, room);
    buf.set_stringn(line.x + 4, line.y, prompt, room.into(), theme.style(text));
    theme
        .line(entry.about.as_str(), Role::Dim)
        .right_aligned()
        .render(line, buf);
}
