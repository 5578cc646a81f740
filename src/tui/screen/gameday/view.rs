//! How a game day is drawn.

use super::on_call::{OnCall, Seen};
use super::said;
use super::{GameDay, State, nights};
use crate::tui::screen::Cx;
use crate::tui::theme::Role;
use crate::tui::widget::axis::Window;
use crate::tui::widget::chart::{self, Chart};
use crate::tui::widget::header::{Header, header_area};
use crate::tui::widget::number::Quantity;
use crate::tui::widget::parts::Parts;
use crate::tui::widget::picker::{Picker, band};
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::wrapped::NO_BREAK;
use crate::tui::widget::{TEXT_WIDTH, column, page, prose, scroll, wrapped};
use ddlab_design::gameday::SLOS;
use ddlab_design::gameday::alert::{Severity, Tally};
use ddlab_design::gameday::look;
use ddlab_design::gameday::night::{LENGTH_S, Night, OPENING_S};
use ddlab_design::gameday::shift::clock;
use ddlab_labs::engine::SimTime;
use ddlab_text::{Unit, whole_percent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

/// From here on the pages and the log stand left of the rest, on a third of the width.
const BESIDE_WIDTH: u16 = 116;
const LEFT_WIDTH: std::ops::RangeInclusive<u16> = 42..=64;
const GAP: u16 = 2;
/// From this height on there is room for the chart.
const CHART_HEIGHT_MIN: u16 = 30;
const CHART_ROWS: u16 = 9;
/// Seconds that the chart shows.
const CHART_S: f64 = 300.0;
/// Rows of the objectives: above the rest, and left of it.
const OBJECTIVES_ABOVE: u16 = 4;
const OBJECTIVES_LEFT: u16 = 12;
/// Of what was said at least so many rows are seen, with the line that is typed.
const SAID_MIN: u16 = 5;

const INTRO: &str = "You are on call for the auction of an evening: 30 minutes in which something goes wrong. You see what an engineer sees: pages, dashboards, the log, the slowest requests. Say what you take for the cause, then act. Afterwards the night is written up, with the same night by somebody with experience.";
const WRITING: &str = "The evening goes on to its end; then it is run once more as an expert works it, and once without each thing that you did. That takes up to a minute.";
const NIGHTS: [&str; 6] = [
    "Night 1: one incident, plain to see",
    "Night 2: one incident, one step away",
    "Night 3: one incident, symptoms in one place and the cause in another",
    "Night 4: two incidents",
    "Night 5: two incidents, none of them plain",
    "Night 6: three incidents",
];

/// Where the parts of an evening stand.
struct Places {
    objectives: Rect,
    log: Rect,
    chart: Rect,
    table: Rect,
    said: Rect,
    typed: Rect,
}

impl Places {
    fn new(on_call: &OnCall, cx: &Cx<'_>) -> Self {
        let body = page(cx.area).below(2);
        let table_rows = on_call.console.shift.board.parts.len() as u16 + 1;
        let (left, right) = if body.width >= BESIDE_WIDTH {
            let width = (body.width / 3).clamp(*LEFT_WIDTH.start(), *LEFT_WIDTH.end());
            (body.first(width), body.after(width + GAP))
        } else {
            (Rect::default(), body)
        };
        let (objectives, log, rest) = if left.is_empty() {
            let most = right.upper(OBJECTIVES_ABOVE);
            let rows = objectives(on_call, cx, most).len() as u16;
            (
                most.upper(rows),
                Rect::default(),
                right.below(rows.min(OBJECTIVES_ABOVE) + 1),
            )
        } else {
            (
                left.upper(OBJECTIVES_LEFT),
                left.below(OBJECTIVES_LEFT + 1),
                right,
            )
        };
        let chart_rows = if rest.height >= CHART_HEIGHT_MIN {
            CHART_ROWS + 1
        } else {
            0
        };
        let room = rest.below(chart_rows);
        let shown = if room.height >= table_rows + 1 + SAID_MIN {
            table_rows + 1
        } else {
            0
        };
        let said = room.below(shown);
        Self {
            objectives,
            log,
            chart: rest.upper(chart_rows.saturating_sub(1)),
            table: room.upper(shown.saturating_sub(1)),
            said: said.above(1),
            typed: said.last_row(),
        }
    }
}

pub fn draw(screen: &GameDay, cx: &Cx<'_>, buf: &mut Buffer) {
    match &screen.state {
        State::Choosing(picker) => choose(picker, cx, buf),
        State::OnCall(on_call) => evening(on_call, cx, buf),
        State::Writing {
            night,
            share,
            trouble,
            ..
        } => {
            head(*night, &whole_percent(*share), cx, buf);
            let text = trouble.as_deref().unwrap_or(WRITING);
            let area = column(page(cx.area).below(2), TEXT_WIDTH);
            scroll::lines(&wrapped::lines(text, None, area.width, cx.theme), area, buf);
        }
        State::Written {
            night,
            text,
            scroll,
        } => {
            head(*night, "written up", cx, buf);
            let area = text_area(cx);
            let lines = prose::lines(text, area.width, cx.theme);
            scroll::lines(lines.iter().skip(scroll.top), area, buf);
            scroll.bar(lines.len(), 2, cx.theme, area, buf);
        }
    }
}

fn head(night: Night, status: &str, cx: &Cx<'_>, buf: &mut Buffer) {
    let title = format!("Game day · night {} · seed {}", night.number(), night.seed);
    let width = if cx.area.width >= BESIDE_WIDTH {
        cx.area.width
    } else {
        TEXT_WIDTH
    };
    Header::new(title, status, cx.theme).render(header_area(cx.area, width), buf);
}

fn text_area(cx: &Cx<'_>) -> Rect {
    column(page(cx.area), TEXT_WIDTH).below(2)
}

/// How many lines the post-mortem has, and how many fit.
pub fn extent(text: &str, cx: &Cx<'_>) -> (usize, usize) {
    let area = text_area(cx);
    let lines = prose::lines(text, area.width, cx.theme);
    (lines.len(), area.height.into())
}

fn intro(cx: &Cx<'_>) -> Vec<Line<'static>> {
    wrapped::lines(INTRO, None, text_area(cx).width, cx.theme)
}

/// Where the nights are listed.
pub fn list(cx: &Cx<'_>) -> Rect {
    text_area(cx).below(intro(cx).len() as u16 + 1)
}

fn choose(picker: &Picker, cx: &Cx<'_>, buf: &mut Buffer) {
    let theme = cx.theme;
    Header::new("Game day", "", theme).render(header_area(cx.area, TEXT_WIDTH), buf);
    scroll::lines(&intro(cx), text_area(cx), buf);
    let (area, items) = (list(cx), nights());
    for (row, line) in picker.in_view(&items, area) {
        if picker.is_chosen(row, &items) {
            band(line, theme, buf);
        }
        theme
            .line(NIGHTS[row], Role::Text)
            .render(line.after(2), buf);
    }
    picker.bar(&items, 2, theme, area, buf);
}

fn evening(on_call: &OnCall, cx: &Cx<'_>, buf: &mut Buffer) {
    let shift = &on_call.console.shift;
    let end = clock(SimTime::from_secs(LENGTH_S + OPENING_S));
    let status = format!("{} of {end} · {}", clock(shift.now()), on_call.pace());
    head(shift.night, &status, cx, buf);
    let places = Places::new(on_call, cx);
    scroll::lines(
        &objectives(on_call, cx, places.objectives),
        places.objectives,
        buf,
    );
    log(on_call, cx, places.log, buf);
    errors(on_call, cx, places.chart, buf);
    let table = if places.table.is_empty() {
        Vec::new()
    } else {
        look::table(shift)
    };
    for (row, line) in table.iter().enumerate() {
        let role = if row == 0 { Role::Dim } else { Role::Text };
        cx.theme
            .line(line.as_str(), role)
            .render(places.table.row(row as u16), buf);
    }
    let below = said(on_call, cx, places.said, buf);
    let (typed, _) = on_call
        .typed
        .window(places.typed.width.saturating_sub(3).into());
    let prompt = Line::from(vec![
        cx.theme.span("> ", Role::Accent),
        cx.theme.span(typed, Role::Text),
    ]);
    prompt.render(places.typed, buf);
    let hint = format!("{below} more below: pgdn");
    let room = usize::from(places.typed.width).saturating_sub(on_call.typed.text().len() + 4);
    if below > 0 && hint.len() < room {
        let place = places.typed.last(hint.len() as u16);
        cx.theme.line(hint, Role::Dim).render(place, buf);
    }
}

/// The objectives that call, with what is burnt of their budgets; then those that are quiet, in a few words.
fn objectives(on_call: &OnCall, cx: &Cx<'_>, area: Rect) -> Vec<Line<'static>> {
    let (theme, shift) = (cx.theme, &on_call.console.shift);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut quiet: Vec<(&str, String)> = Vec::new();
    for (place, slo) in SLOS.iter().enumerate() {
        let mut alarms = shift.alarms.iter().rev();
        let firing = alarms.find(|alarm| alarm.ended.is_none() && alarm.slo == place);
        let burnt = whole_percent(Tally::of(slo, &shift.board).burnt());
        let Some(alarm) = firing else {
            quiet.push((slo.name, burnt));
            continue;
        };
        let (word, role) = match alarm.severity {
            Severity::Page => ("PAGE", Role::Danger),
            Severity::Ticket => ("TICKET", Role::Warning),
        };
        let text = format!("  {:9} budget {burnt} burnt", slo.name);
        lines.push(Line::from(vec![
            theme.span(format!("{word:6}"), role),
            theme.span(text, Role::Text),
        ]));
        if area.height > OBJECTIVES_ABOVE {
            let text = format!("since {}: {}", clock(alarm.began), alarm.text);
            let text = text.replace(" %", &format!("{NO_BREAK}%"));
            lines.extend(wrapped::lines(&text, None, area.width, theme));
        }
    }
    let calm = |text: String| {
        let rows = wrapped::lines(&text, None, area.width, theme);
        prose::tinted(rows, Role::Good, theme)
    };
    let with_budgets = quiet
        .iter()
        .map(|(name, burnt)| format!("{name} {burnt}").replace(' ', &NO_BREAK.to_string()));
    let with_budgets = with_budgets.collect::<Vec<_>>().join(", ");
    let names = quiet.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let room = usize::from(area.height).saturating_sub(lines.len());
    let all = calm(format!("quiet, budget burnt: {with_budgets}"));
    match names.len() {
        0 => {}
        _ if all.len() <= room => lines.extend(all),
        count => {
            let short = calm(format!("quiet: {}", names.join(", ")));
            let least = || calm(format!("quiet: {count}; pages lists them"));
            lines.extend(if short.len() <= room { short } else { least() });
        }
    }
    if lines.len() > usize::from(area.height) && area.height > 0 {
        lines.truncate(usize::from(area.height) - 1);
        lines.push(theme.line("more: pages lists them", Role::Warning));
    }
    lines
}

fn log(on_call: &OnCall, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let lines = on_call.console.shift.log.lines();
    cx.theme.line("Log", Role::Heading).render(area.row(0), buf);
    let rows = area.below(1);
    let height = usize::from(rows.height);
    let from = lines.len().saturating_sub(height);
    let shown = lines[from..].iter().flat_map(|line| {
        let sign = [cx.theme.span(format!("{} ", clock(line.at)), Role::Dim)];
        let text = wrapped::lines(&line.text, None, rows.width.saturating_sub(6), cx.theme);
        text.into_iter().enumerate().map(move |(nth, line)| {
            let mut spans = if nth == 0 {
                sign.to_vec()
            } else {
                vec!["      ".into()]
            };
            spans.extend(line.spans);
            Line::from(spans)
        })
    });
    let shown = prose::tinted(shown.collect(), Role::Dim, cx.theme);
    scroll::lines(
        shown.iter().skip(shown.len().saturating_sub(height)),
        rows,
        buf,
    );
}

/// The share of requests that fail, of each objective.
fn errors(on_call: &OnCall, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let shift = &on_call.console.shift;
    let slos = SLOS.iter().filter(|slo| slo.counts_requests());
    let points: Vec<Vec<(f64, f64)>> = slos
        .clone()
        .map(|slo| {
            let shares = slo.failed_shares(&shift.board).iter();
            shares
                .enumerate()
                .map(|(second, share)| (second as f64, *share))
                .collect()
        })
        .collect();
    let lines = points
        .iter()
        .zip(slos)
        .zip(0..)
        .map(|((points, slo), series)| chart::Line {
            label: slo.name,
            points,
            now: points.last().map(|(_, value)| *value),
            series,
            dashed: series > 0,
            mean: false,
        });
    let now = points.first().map_or(0.0, |points| points.len() as f64);
    let end = now.max(CHART_S);
    let others = SLOS.iter().filter(|slo| !slo.counts_requests()).count();
    Chart {
        title: format!("requests that fail, %; the other {others} objectives: pages"),
        quantity: &Quantity {
            label: String::new(),
            unit: Unit::Share,
            divided_by: 1,
        },
        lines: lines.collect(),
        window: Window {
            start: end - CHART_S,
            end,
        },
        marks: &[],
        theme: cx.theme,
    }
    .render(area, buf);
}

/// All that was said, as rows, and where what is seen begins.
fn rows_of(on_call: &OnCall, width: u16, cx: &Cx<'_>) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let mut from = 0;
    for (place, text) in on_call.said.iter().enumerate() {
        if on_call.seen == Seen::From(place) {
            from = lines.len();
        }
        lines.extend(said::rows(text, width, cx.theme));
    }
    let top = match on_call.seen {
        Seen::End => usize::MAX,
        Seen::From(_) => from,
        Seen::Row(row) => row,
    };
    (lines, top)
}

/// What is seen of all that was said, how many rows that has, and how many fit.
pub fn seen(on_call: &OnCall, cx: &Cx<'_>) -> (Scroll, usize, usize) {
    let area = Places::new(on_call, cx).said;
    let (lines, top) = rows_of(on_call, area.width, cx);
    (
        scrolled(top, lines.len(), area),
        lines.len(),
        area.height.into(),
    )
}

fn scrolled(top: usize, total: usize, area: Rect) -> Scroll {
    let mut scroll = Scroll::default();
    scroll.to(top, total, area.height.into());
    scroll
}

/// Draws what was said; so many rows of it are below what is seen.
fn said(on_call: &OnCall, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> usize {
    let (lines, top) = rows_of(on_call, area.width, cx);
    let scroll = scrolled(top, lines.len(), area);
    scroll::lines(lines.iter().skip(scroll.top), area, buf);
    lines
        .len()
        .saturating_sub(scroll.top + usize::from(area.height))
}

/// Where the cursor stands in the line that is typed.
pub fn cursor(on_call: &OnCall, cx: &Cx<'_>) -> Position {
    let typed = Places::new(on_call, cx).typed;
    let (_, before) = on_call.typed.window(typed.width.saturating_sub(3).into());
    Position::new(typed.x + 2 + before as u16, typed.y)
}
