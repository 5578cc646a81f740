//! Drawing the reader.

use super::inset::Inset;
use super::layout::areas;
use super::{Focus, Reader, Search, words};
use crate::markdown::flow::{Line as FlowLine, LineKind, Slot, Stretch};
use crate::progress::bookmark;
use crate::tui::screen::Cx;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::header::Header;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::prose;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;

pub fn draw(reader: &Reader, cx: &Cx<'_>, buf: &mut Buffer) {
    let areas = areas(cx.area);
    header(reader, cx, areas.header, buf);
    progress(reader, cx, areas.text, areas.progress, buf);
    if let Some(outline) = areas.outline {
        draw_outline(reader, cx.theme, outline, buf);
    }
    text(reader, cx, areas.text, buf);
    bookmarks(reader, cx, areas.text, buf);
    let total = reader.page.flow.lines.len();
    reader.scroll.bar(total, 1, cx.theme, areas.text, buf);
    if let Some(search) = &reader.search {
        search_row(search, cx.theme, areas.search, buf);
    }
    words::draw(reader, cx, buf);
}

fn header(reader: &Reader, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let chapter = &reader.chapter;
    let flow = &reader.page.flow;
    let height = Reader::height(cx);
    let share = reader.scroll.share(flow.lines.len(), height);
    let percent = format!("{:>3.0} %", share * 100.0);
    let section = reader.section_now().and_then(|n| {
        let (number, title) = reader.page.section_of(n)?;
        Some(format!("§{number} {title}"))
    });
    let dot = cx.theme.symbols.none;
    let status = match section {
        _ if chapter.coming => "a summary; the chapter is still to come".to_owned(),
        Some(section) => format!("{section} {dot} {percent}"),
        None => percent,
    };
    let title = format!("{}  {}", chapter.number, chapter.title);
    // The bar of the header takes the margins of the page itself.
    let whole = cx.area.upper(area.height);
    Header::new(title, status, cx.theme).render(whole, buf);
}

/// A thin line that fills from the left as one reads.
fn progress(reader: &Reader, cx: &Cx<'_>, text: Rect, area: Rect, buf: &mut Buffer) {
    let total = reader.page.flow.lines.len();
    let share = reader.scroll.share(total, text.height.into());
    let filled = (f64::from(area.width) * share).round() as u16;
    for x in area.left()..area.right() {
        let role = if x < area.x + filled {
            Role::Accent
        } else {
            Role::Faint
        };
        if area.height > 0 {
            buf[(x, area.y)]
                .set_symbol(cx.theme.symbols.horizontal)
                .set_style(cx.theme.style(role));
        }
    }
}

/// A row of the outline, and the heading that it stands for.
pub struct OutlineRow {
    /// Index into the outline of the flow.
    pub entry: usize,
    here: bool,
}

/// The sections, and the parts of the one that is being read; scrolled so that it is in view.
pub fn outline_rows(reader: &Reader, area: Rect) -> Vec<OutlineRow> {
    let outline = &reader.page.flow.outline;
    let now = reader.section_now();
    let top_level = |entry: &usize| outline[*entry].level <= 2;
    let section = now.and_then(|now| (0..=now).rev().find(top_level));
    let section_end = section.map(|section| {
        let next = (section + 1..outline.len()).find(top_level);
        next.unwrap_or(outline.len())
    });
    let rows: Vec<OutlineRow> = (0..outline.len())
        .filter(|entry| {
            let in_section = section.zip(section_end);
            top_level(entry) || in_section.is_some_and(|(first, end)| (first..end).contains(entry))
        })
        .map(|entry| OutlineRow {
            entry,
            here: Some(entry) == now,
        })
        .collect();
    let height = usize::from(area.height);
    let here = rows.iter().position(|row| row.here).unwrap_or(0);
    let hidden = (here + 2).min(rows.len()).saturating_sub(height);
    rows.into_iter().skip(hidden).take(height).collect()
}

fn draw_outline(reader: &Reader, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let outline = &reader.page.flow.outline;
    for (n, entry) in outline_rows(reader, area).iter().enumerate() {
        let heading = &outline[entry.entry];
        let read = reader.sections_read.contains(&heading.slug);
        let (sign, sign_role) = match (entry.here, read) {
            (true, _) => (theme.symbols.cursor, Role::Accent),
            (false, true) => (theme.symbols.tick, Role::Good),
            (false, false) => (" ", Role::Faint),
        };
        let role = match (entry.here, heading.level <= 2) {
            (true, _) => Role::Strong,
            (false, true) => Role::Text,
            (false, false) => Role::Dim,
        };
        let indent = if heading.level > 2 { "  " } else { "" };
        let line = Line::from(vec![
            theme.span(format!("{sign} "), sign_role),
            theme.span(format!("{indent}{}", heading.text), role),
        ]);
        let cut = line.width() > usize::from(area.width);
        let at = area.row(n as u16);
        line.render(at, buf);
        if cut && at.width > 0 {
            buf[(at.right() - 1, at.y)].set_symbol(theme.symbols.ellipsis);
        }
    }
}

fn text(reader: &Reader, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let top = reader.scroll.top;
    let lines = &reader.page.flow.lines;
    for (line, at) in lines.iter().skip(top).zip(area.rows()) {
        one_line(line, cx.theme, at, buf);
    }
    if let Some(search) = &reader.search {
        mark_hits(search, top, cx.theme, area, buf);
    }
    for (n, slot) in reader.page.flow.slots.iter().enumerate() {
        if let Some(inset) = reader.page.insets.get(n) {
            let focus = reader.focus.filter(|focus| focus.inset == n);
            draw_slot(inset, slot, focus, top, cx.theme, area, buf);
        }
    }
}

/// A sign in the margin beside each heading that is marked.
fn bookmarks(reader: &Reader, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let (top, style) = (reader.scroll.top, cx.theme.style(Role::Accent));
    let in_view = top..top + usize::from(area.height);
    let headings = reader.page.flow.outline.iter();
    for heading in headings.filter(|heading| in_view.contains(&heading.line)) {
        let of = bookmark::of_section(&reader.chapter.id, &heading.slug);
        if cx.marks.bookmark(&of).is_some() {
            let y = area.y + (heading.line - top) as u16;
            let sign = cx.theme.symbols.bookmark;
            buf.set_stringn(area.x.saturating_sub(2), y, sign, 1, style);
        }
    }
}

fn one_line(line: &FlowLine, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if line.kind == LineKind::Code
        && let Some(ground) = theme.style(Role::Panel).bg
    {
        buf.set_style(area, Style::new().bg(ground));
    }
    prose::line(line, theme).render(area, buf);
}

/// Draws what is live on a canvas of its own and copies the rows that are in view: so nothing that is
/// live need know how to draw itself in part.
fn draw_slot(
    inset: &Inset,
    slot: &Slot,
    focus: Option<Focus>,
    top: usize,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let last = slot.first_line + slot.height;
    let window = top..top + usize::from(area.height);
    if slot.first_line >= window.end || last <= window.start || slot.width == 0 {
        return;
    }
    let canvas = Rect::new(0, 0, slot.width as u16, slot.height as u16);
    let mut drawn = Buffer::empty(canvas);
    inset.draw(focus, theme, canvas, &mut drawn);
    for line in slot.first_line.max(window.start)..last.min(window.end) {
        let from = (line - slot.first_line) as u16;
        let y = area.y + (line - top) as u16;
        for x in 0..canvas.width {
            let to = Position::new(area.x + slot.indent as u16 + x, y);
            if area.contains(to) {
                buf[to] = drawn[(x, from)].clone();
            }
        }
    }
}

fn mark_hits(search: &Search, top: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    for (n, hit) in search.hits().iter().enumerate() {
        let role = if n == search.current() {
            Role::Selection
        } else {
            Role::Hit
        };
        mark(&hit.stretches, top, theme.style(role), area, buf);
    }
}

/// Gives parts of lines a style, where they are in sight of a page whose first line is `top`.
pub(super) fn mark(stretches: &[Stretch], top: usize, style: Style, area: Rect, buf: &mut Buffer) {
    for stretch in stretches {
        let Some(row) = stretch.line.checked_sub(top) else {
            continue;
        };
        let at = Rect {
            x: area.x + stretch.columns.start as u16,
            y: area.y.saturating_add(row.min(usize::from(u16::MAX)) as u16),
            width: stretch.columns.len() as u16,
            height: 1,
        };
        buf.set_style(at.intersection(area), style);
    }
}

fn search_row(search: &Search, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let blank = " ".repeat(area.width.into());
    Line::raw(blank).render(area, buf);
    buf.set_style(area, Style::reset());
    let count = match (search.hits().len(), search.query().is_empty()) {
        (_, true) => String::new(),
        (0, false) if search.is_typing() => "not on this page; enter looks in the book".to_owned(),
        (0, false) => "not on this page".to_owned(),
        (all, false) => format!("{} of {all}", search.current() + 1),
    };
    let query = Line::from(vec![
        theme.span("/", Role::Key),
        theme.span(search.query().to_owned(), Role::Strong),
    ]);
    query.render(area, buf);
    theme
        .line(count, Role::Dim)
        .right_aligned()
        .render(area, buf);
}

/// Where the text cursor stands: in the search, or in a question that is typed.
pub fn cursor(reader: &Reader, cx: &Cx<'_>) -> Option<Position> {
    let areas = areas(cx.area);
    if let Some(search) = reader.search.as_ref().filter(|search| search.is_typing()) {
        let column = (search.cursor() + 1).min(areas.search.width);
        return Some(Position::new(areas.search.x + column, areas.search.y));
    }
    let check = reader.asked()?;
    let slot = reader.page.flow.slots.get(reader.focus?.inset)?;
    let (line, column) = check.sheet(slot.width as u16, true, cx.theme).caret?;
    let row = (slot.first_line + 1 + line).checked_sub(reader.scroll.top)?;
    let column = slot.indent + usize::from(super::inset::INDENT) + column;
    let at = Position::new(
        areas.text.x + u16::try_from(column).ok()?,
        areas.text.y + u16::try_from(row).ok()?,
    );
    areas.text.contains(at).then_some(at)
}
