//! The moment of truth: a prediction beside what was measured, large.

use crate::study::reveal::{Hit, Reveal};
use crate::tui::screen::lab::guide::panel::bar;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::prose;
use ddlab_labs::workbench::experiment::{Prediction, PredictionOutcome};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Predicted, measured, and by how much it was off, large.
pub fn revealed(
    prediction: &Prediction,
    outcome: &PredictionOutcome,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let reveal = Reveal::of(prediction, outcome);
    let mut lines = prose::lines_as(Role::Dim, &prediction.question, width, theme);
    lines.push(Line::default());
    let role = match reveal.hit {
        Hit::Met => Role::Good,
        Hit::Close => Role::Accent,
        Hit::Missed => Role::Danger,
        Hit::Open => Role::Text,
    };
    lines.extend(beside(&reveal, outcome, width, theme));
    lines.push(Line::default());
    let sign = match reveal.hit {
        Hit::Met | Hit::Close => theme.symbols.tick,
        Hit::Missed => theme.symbols.cross,
        Hit::Open => "",
    };
    if !reveal.verdict.is_empty() {
        let style = theme.style(role).add_modifier(Modifier::BOLD);
        let text = format!("{sign} {}", reveal.verdict);
        lines.push(Line::from(Span::styled(text, style)));
    }
    if let Some((held, range)) = &reveal.range {
        let (held, role) = if *held {
            ("held it", Role::Good)
        } else {
            ("did not hold it", Role::Warning)
        };
        lines.extend(prose::lines_as(
            role,
            &format!("your range, {range}, {held}"),
            width,
            theme,
        ));
    }
    if let Some(tempting) = &reveal.tempting {
        lines.push(Line::default());
        lines.extend(prose::lines(tempting, width, theme));
    }
    lines
}

/// What was said above what was measured: numbers with bars of their length.
fn beside(
    reveal: &Reveal,
    outcome: &PredictionOutcome,
    width: u16,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let said = reveal.predicted.as_deref();
    let PredictionOutcome::Number {
        guess, measured, ..
    } = outcome
    else {
        let row = |label: &'static str, text: &str| {
            let sign = [theme.span(label, Role::Dim)];
            prose::hanging(&sign, text, width, theme)
        };
        let mut lines = said.map_or_else(Vec::new, |said| row("you said  ", said));
        lines.extend(row("measured  ", &format!("**{}**", reveal.measured)));
        return lines;
    };
    let most = guess.abs().max(measured.abs()).max(f64::MIN_POSITIVE);
    let room = usize::from(width.saturating_sub(26)).min(30);
    let row = |label: &str, text: &str, value: f64, role| {
        let mut spans = vec![
            theme.span(format!("{label:9} "), Role::Dim),
            theme.span(format!("{text:>12}  "), Role::Strong),
        ];
        spans.extend(bar(value.abs() / most, room, role, theme));
        Line::from(spans)
    };
    vec![
        row("you said", said.unwrap_or_default(), *guess, Role::Dim),
        row("measured", &reveal.measured, *measured, Role::Accent),
    ]
}
