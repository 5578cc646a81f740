//! The line of virtual time: what was done to the run, and where now is.

use super::axis::Window;
use super::pen::Pen;
use crate::tui::theme::{Role, Theme};
use ddlab_labs::workbench::intervention::{Intervention, TimedIntervention};
use ddlab_labs::workbench::knob::KnobSpec;
use ddlab_text::clock_tick;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// A label shorter than this says nothing.
const LABEL_MIN: u16 = 4;

pub struct Timeline<'a> {
    /// The moment that is looked at, virtual seconds.
    pub now: f64,
    /// How far the run has come: beyond `now` when one has gone back.
    pub until: f64,
    pub focused: bool,
    /// Oldest first.
    pub interventions: &'a [TimedIntervention],
    /// The label of one.
    pub say: &'a dyn Fn(&Intervention) -> String,
    pub theme: &'a Theme,
}

/// Cells of the line itself: all but the mark of its end.
fn line_width(area: Rect, end: &str) -> Option<u16> {
    area.width
        .checked_sub(end.width() as u16 + 2)
        .filter(|width| *width >= 8 && area.height > 0)
}

/// The moment at a column of the screen, virtual seconds.
pub fn moment(area: Rect, until: f64, x: u16) -> Option<f64> {
    let window = Window::whole_run(until);
    let width = line_width(area, &clock_tick(window.end, 1.0))?;
    let column = x.checked_sub(area.x).filter(|column| *column < width)?;
    Some(f64::from(column) / f64::from(width - 1) * window.span())
}

/// The virtual seconds of one cell of the line.
pub fn cell(area: Rect, until: f64) -> f64 {
    let window = Window::whole_run(until);
    let width = line_width(area, &clock_tick(window.end, 1.0)).unwrap_or(8);
    window.span() / f64::from(width - 1)
}

/// `slow 3`, `poison_ratio 0.2 %`.
pub fn label(what: &Intervention, knobs: &[KnobSpec]) -> String {
    if let Intervention::Set { knob, value } = what
        && let Some(spec) = knobs.iter().find(|spec| spec.name == *knob)
    {
        return format!("{knob} {}", spec.human(value));
    }
    what.to_string().replacen('=', " ", 1)
}

impl Widget for Timeline<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let (theme, symbols) = (self.theme, self.theme.symbols);
        let (faint, dim) = (theme.style(Role::Faint), theme.style(Role::Dim));
        let until = self.until.max(self.now);
        let window = Window::whole_run(until);
        let end = clock_tick(window.end, 1.0);
        let Some(width) = line_width(area, &end) else {
            return;
        };
        let column =
            |at: f64| (window.share(at).unwrap_or(1.0) * f64::from(width - 1)).round() as u16;
        let (now, known) = (column(self.now), column(until));
        let mut pen = Pen::new(area, buf);
        pen.put(symbols.tee, faint);
        let passed = theme.style(Role::Accent);
        for at in 1..width {
            let (sign, style) = match at {
                at if at < now => (symbols.horizontal, passed),
                at if at < known => (symbols.horizontal, dim),
                _ => (symbols.ahead, faint),
            };
            pen.put(sign, style);
        }
        pen.skip(1).put(&end, dim);
        for (mark, next) in self.interventions.iter().zip(
            self.interventions
                .iter()
                .skip(1)
                .map(|next| column(next.at.0 as f64 / 1e9))
                .chain(std::iter::once(width)),
        ) {
            let at = column(mark.at.0 as f64 / 1e9);
            let mut pen = Pen::new(area, buf);
            pen.to(at).put(symbols.mark, theme.style(Role::Warning));
            // The label goes up to the next mark and never over the present.
            let mut free = next.saturating_sub(at + 2);
            if now > at {
                free = free.min(now.saturating_sub(at + 2));
            }
            if free >= LABEL_MIN {
                let label = theme.clip(&(self.say)(&mark.what), usize::from(free) - 1);
                pen.put(&format!(" {label} "), theme.style(Role::Text));
            }
        }
        Pen::new(area, buf).to(now).put(
            symbols.now,
            theme.style(if self.focused {
                Role::Selection
            } else {
                Role::Accent
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use crate::tui::theme::{Depth, Ground};
    use crate::tui::widget::{fixture, rows_of};
    use ddlab_labs::engine::SimTime;

    fn draw(width: u16, now: f64, marks: &[(f64, &str)]) -> String {
        let theme = Theme::new(Ground::Dark, Depth::None, false);
        let area = Rect::new(0, 0, width, 1);
        let mut buf = Buffer::empty(area);
        let interventions: Vec<TimedIntervention> = marks
            .iter()
            .map(|(at, text)| fixture::intervention(SimTime((at * 1e9) as u64), text))
            .collect();
        Timeline {
            now,
            until: now,
            focused: false,
            interventions: &interventions,
            say: &|what| label(what, &[]),
            theme: &theme,
        }
        .render(area, &mut buf);
        rows_of(&buf).concat()
    }

    #[test]
    fn marks_stand_at_their_moments_with_their_names() {
        let line = draw(80, 50.0, &[(10.0, "slow=3"), (30.0, "policy=hedge")]);
        line.holds(["▲ slow 3 ─", "▲ policy hedge"]);
        assert!(
            line.contains('●') && line.trim_end().ends_with("1:00"),
            "{line}"
        );
    }

    #[test]
    fn a_value_is_written_as_its_knob_writes_it() {
        use ddlab_labs::workbench::knob::KnobValue;
        let spec = ddlab_labs::find("work-queue")
            .expect("it is in the registry")
            .spec();
        let set = |knob, value| Intervention::Set { knob, value };
        let share = set("poison_ratio", KnobValue::Number(0.002));
        assert_eq!(label(&share, &spec.knobs), "poison_ratio 0.2 %");
        assert_eq!(label(&share, &[]), "poison_ratio 0.002");
    }

    #[test]
    fn marks_close_together_give_up_their_names_and_not_their_places() {
        let line = draw(
            60,
            50.0,
            &[(10.0, "slow=3"), (11.0, "slow=4"), (12.0, "slow=5")],
        );
        assert_eq!(line.matches('▲').count(), 3, "{line}");
        line.holds(["▲ slow 5"]);
    }

    #[test]
    fn a_column_is_the_moment_that_is_drawn_there() {
        let area = Rect::new(5, 0, 80, 1);
        assert_eq!(moment(area, 50.0, 5), Some(0.0));
        assert_eq!(moment(area, 50.0, 4), None);
        let line = draw(80, 50.0, &[]);
        let now = line.chars().position(|c| c == '●').expect("now is shown") as u16;
        let at = moment(area, 50.0, 5 + now).expect("it is on the line");
        assert!((at - 50.0).abs() < 0.5, "{at}");
    }

    #[test]
    fn every_width_is_survived() {
        for width in 0..40 {
            draw(width, 1e7, &[(0.0, "slow=3"), (1e6, "slow=4")]);
        }
    }
}
