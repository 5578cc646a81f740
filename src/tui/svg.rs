//! A screen as an SVG picture, drawn from the very buffer that a terminal would show, so that the
//! pictures of the documentation never lie. Several of them become one that moves: a row is drawn once for as long
//! as it stays as it is, and who wants little motion sees the last screen.

use super::theme::Ground;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;
use std::time::Duration;

/// Size of one cell in user units; a monospace font of 14 px is 8.4 px wide.
const CELL: (f64, f64) = (8.4, 18.0);
const FONT_SIZE: f64 = 14.0;
/// From the top of a cell to the baseline of its text.
const BASELINE: f64 = 13.5;
const MARGIN: f64 = 14.0;

/// The colours of the page and of text that has none of its own.
fn colours(ground: Ground) -> (&'static str, &'static str) {
    match ground {
        Ground::Dark | Ground::Unknown => ("#12161c", "#d3d7de"),
        Ground::Light => ("#fdfdfc", "#262b33"),
    }
}

/// Draws all cells of `buf`, with a caption for those who cannot see it.
pub fn draw(buf: &Buffer, ground: Ground, caption: &str) -> String {
    let mut svg = head(buf, ground, caption, "");
    for y in 0..buf.area.height {
        row(buf, y, ground, &mut svg);
    }
    svg.push_str("</g></svg>\n");
    svg
}

/// Draws screens of one size, each shown for its time, over and over.
pub fn animate(screens: &[(Buffer, Duration)], ground: Ground, caption: &str) -> String {
    let Some((first, _)) = screens.first() else {
        return String::new();
    };
    let mut begins = vec![Duration::ZERO];
    for (_, shown) in screens {
        begins.push(begins[begins.len() - 1] + *shown);
    }
    let mut body = String::new();
    let mut stretches = BTreeSet::new();
    for y in 0..first.area.height {
        let rows = screens.iter().map(|(buf, _)| {
            let mut drawn = String::new();
            row(buf, y, ground, &mut drawn);
            drawn
        });
        for (stretch, drawn) in alike(rows) {
            if stretch == (0..screens.len()) {
                body.push_str(&drawn);
            } else if !drawn.is_empty() {
                let last = if stretch.end == screens.len() {
                    " z"
                } else {
                    ""
                };
                let (from, to) = (stretch.start, stretch.end);
                let _ = writeln!(body, r#"<g class="m s{from}-{to}{last}">"#);
                body.push_str(&drawn);
                body.push_str("</g>\n");
                stretches.insert((from, to));
            }
        }
    }
    let style = style(&stretches, &begins);
    head(first, ground, caption, &style) + &body + "</g></svg>\n"
}

/// Neighbours that are equal, with where they stand.
fn alike(rows: impl Iterator<Item = String>) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for (at, drawn) in rows.enumerate() {
        match found.last_mut() {
            Some((stretch, same)) if *same == drawn => stretch.end = at + 1,
            _ => found.push((at..at + 1, drawn)),
        }
    }
    found
}

/// When what is shown for a stretch of the screens comes and goes.
fn style(stretches: &BTreeSet<(usize, usize)>, begins: &[Duration]) -> String {
    let whole = begins.last().map_or(0.0, Duration::as_secs_f64);
    let share = |at: usize| begins[at].as_secs_f64() / whole * 100.0;
    let mut style =
        format!("<style>.m{{visibility:hidden;animation:{whole}s step-end infinite}}\n");
    for &(from, to) in stretches {
        let _ = write!(
            style,
            ".s{from}-{to}{{animation-name:k{from}-{to}}}@keyframes k{from}-{to}{{"
        );
        let _ = write!(
            style,
            "0%{{visibility:{}}}",
            if from == 0 { "visible" } else { "hidden" }
        );
        if from > 0 {
            let _ = write!(style, "{:.3}%{{visibility:visible}}", share(from));
        }
        if to + 1 < begins.len() {
            let _ = write!(style, "{:.3}%{{visibility:hidden}}", share(to));
        }
        style.push_str("}\n");
    }
    style
        + "@media (prefers-reduced-motion:reduce){.m{animation:none}.z{visibility:visible}}</style>\n"
}

/// All that comes before the rows.
fn head(buf: &Buffer, ground: Ground, caption: &str, style: &str) -> String {
    let (page, _) = colours(ground);
    let width = f64::from(buf.area.width) * CELL.0 + 2.0 * MARGIN;
    let height = f64::from(buf.area.height) * CELL.1 + 2.0 * MARGIN;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" role="img" aria-label="{}">"#,
        escape(caption)
    );
    let _ = writeln!(
        svg,
        r#"{style}<rect width="100%" height="100%" rx="8" fill="{page}"/><g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="{FONT_SIZE}" xml:space="preserve">"#
    );
    svg
}

fn row(buf: &Buffer, y: u16, ground: Ground, svg: &mut String) {
    let (page, ink) = colours(ground);
    for run in runs(buf, y) {
        run.draw(y, page, ink, svg);
    }
}

/// Neighbouring cells of one look.
struct Run {
    x: u16,
    cells: u16,
    text: String,
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

fn runs(buf: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..buf.area.width {
        let cell: &Cell = &buf[(x, y)];
        match runs.last_mut() {
            Some(run)
                if run.fg == cell.fg && run.bg == cell.bg && run.modifier == cell.modifier =>
            {
                run.cells += 1;
                run.text.push_str(cell.symbol());
            }
            _ => runs.push(Run {
                x,
                cells: 1,
                text: cell.symbol().to_owned(),
                fg: cell.fg,
                bg: cell.bg,
                modifier: cell.modifier,
            }),
        }
    }
    runs
}

impl Run {
    fn draw(&self, y: u16, page: &str, ink: &str, svg: &mut String) {
        let left = MARGIN + f64::from(self.x) * CELL.0;
        let top = MARGIN + f64::from(y) * CELL.1;
        let width = f64::from(self.cells) * CELL.0;
        let (mut fg, mut bg) = (css(self.fg).unwrap_or_else(|| ink.to_owned()), css(self.bg));
        if self.modifier.contains(Modifier::REVERSED) {
            let swapped = bg.unwrap_or_else(|| page.to_owned());
            bg = Some(fg);
            fg = swapped;
        }
        if let Some(bg) = bg {
            let _ = writeln!(
                svg,
                r#"<rect x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{:.1}" fill="{bg}"/>"#,
                CELL.1
            );
        }
        let text = self.text.trim_end();
        if text.trim().is_empty() {
            return;
        }
        let mut look = String::new();
        for (modifier, attribute) in [
            (Modifier::BOLD, r#" font-weight="bold""#),
            (Modifier::ITALIC, r#" font-style="italic""#),
            (Modifier::UNDERLINED, r#" text-decoration="underline""#),
            (Modifier::DIM, r#" opacity="0.6""#),
        ] {
            if self.modifier.contains(modifier) {
                look.push_str(attribute);
            }
        }
        // Whatever font is found, each run keeps its place and length on the grid.
        let length = unicode_width::UnicodeWidthStr::width(text) as f64 * CELL.0;
        let _ = writeln!(
            svg,
            r#"<text x="{left:.1}" y="{:.1}" fill="{fg}" textLength="{length:.1}" lengthAdjust="spacingAndGlyphs"{look}>{}</text>"#,
            top + BASELINE,
            escape(text)
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// None for the terminal's own colour.
fn css(color: Color) -> Option<String> {
    let name = match color {
        Color::Reset | Color::Indexed(_) => return None,
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Black => "#000000",
        Color::Red | Color::LightRed => "#d6503c",
        Color::Green | Color::LightGreen => "#37a57b",
        Color::Yellow | Color::LightYellow => "#d0a000",
        Color::Blue | Color::LightBlue => "#4a86d8",
        Color::Magenta | Color::LightMagenta => "#b070b0",
        Color::Cyan | Color::LightCyan => "#40a8b8",
        Color::Gray => "#a0a8b0",
        Color::DarkGray => "#606870",
        Color::White => "#f0f0f0",
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn of_screens_that_move_a_row_is_drawn_once_for_as_long_as_it_stays() {
        let screen = |second: &str| {
            let mut buf = Buffer::empty(Rect::new(0, 0, 12, 2));
            buf.set_string(0, 0, "title", Style::new());
            buf.set_string(0, 1, second, Style::new());
            (buf, Duration::from_secs(1))
        };
        let screens = ["one", "two", "two", "one"].map(screen);
        let svg = animate(&screens, Ground::Dark, "caption");
        for (text, times) in [(">title<", 1), (">two<", 1), (">one<", 2)] {
            assert_eq!(svg.matches(text).count(), times, "{text} in {svg}");
        }
        svg.holds([
            r#"<g class="m s1-3">"#,
            r#"<g class="m s3-4 z">"#,
            "@keyframes k1-3{0%{visibility:hidden}25.000%{visibility:visible}75.000%{visibility:hidden}}",
            "prefers-reduced-motion",
        ]);
    }

    #[test]
    fn text_keeps_its_place_and_is_escaped() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 2));
        buf.set_string(2, 1, "a<b", Style::new().fg(Color::Rgb(1, 2, 3)));
        let svg = draw(&buf, Ground::Dark, "caption");
        svg.holds(["a&lt;b</text>"]);
        assert!(svg.contains(r##"fill="#010203""##), "{svg}");
        assert!(
            svg.contains(r#"x="30.8""#),
            "two cells of 8.4 and the margin: {svg}"
        );
    }
}
