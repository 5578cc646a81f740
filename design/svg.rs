//! A design as a picture in SVG: clients on the left, and each component right of all that call it.

use crate::draw::label;
use crate::format::{Design, Edge, number};
use crate::theory::callees_last;
use std::fmt::Write as _;

/// A box, and what lies between two.
const WIDTH: usize = 168;
const HEIGHT: usize = 44;
const ACROSS: usize = 64;
const DOWN: usize = 22;
const MARGIN: usize = 20;
/// Of the heading.
const HEAD: usize = 32;
/// Letters of a line that fit into a box.
const LETTERS: usize = 22;

/// The picture: it follows the reader's dark or light theme.
pub fn svg(design: &Design) -> String {
    let columns = columns(design);
    let boxes = Boxes::of(design, &columns);
    let (width, height) = boxes.extent();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"monospace\" font-size=\"12\">\n\
         <style>svg{{color:#24292f;background:#fff}}@media(prefers-color-scheme:dark){{svg{{color:#e6edf3;background:#0d1117}}}}</style>\n\
         <defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"currentColor\"/></marker></defs>\n\
         <text x=\"{MARGIN}\" y=\"{}\" font-weight=\"bold\" fill=\"currentColor\">{}</text>\n",
        MARGIN + 4,
        escaped(&design.title)
    );
    for (from, calls) in callers(design) {
        for edge in calls {
            arrow(
                &mut text,
                boxes.at(from),
                boxes.at(design.clients.len() + edge.to),
                edge,
            );
        }
    }
    for (place, client) in design.clients.iter().enumerate() {
        let rps = number(&client.settings, "rps").unwrap_or_default();
        let below = format!("{} rps", ddlab_text::exact(rps));
        draw_box(
            &mut text,
            boxes.at(place),
            (&client.name, &below),
            HEIGHT / 2,
        );
    }
    for (place, component) in design.components.iter().enumerate() {
        let label = label(component);
        let below = label.split_once(" · ").map_or("", |(_, below)| below);
        let at = boxes.at(design.clients.len() + place);
        draw_box(&mut text, at, (&component.name, below), 4);
    }
    text.push_str("</svg>\n");
    text
}

/// Who calls, by its place among clients and components together, and its calls.
fn callers(design: &Design) -> impl Iterator<Item = (usize, &[Edge])> {
    let clients = design.clients.iter().map(|client| &client.calls[..]);
    let components = design
        .components
        .iter()
        .map(|component| &component.calls[..]);
    clients.chain(components).enumerate()
}

/// The column of each client and component: 0 for clients, for a component one more than for the last of its callers.
fn columns(design: &Design) -> Vec<usize> {
    let clients = design.clients.len();
    let mut columns = vec![0; clients];
    columns.resize(clients + design.components.len(), 1);
    let (order, _) = callees_last(design);
    for place in &order {
        let after = columns[clients + place] + 1;
        for edge in &design.components[*place].calls {
            // In a cycle the last call goes back.
            let later = order.iter().position(|one| *one == edge.to)
                > order.iter().position(|one| one == place);
            let column = &mut columns[clients + edge.to];
            *column = (*column).max(if later { after } else { 1 });
        }
    }
    columns
}

/// Where each box lies.
struct Boxes(Vec<(usize, usize)>);

impl Boxes {
    fn of(design: &Design, columns: &[usize]) -> Self {
        let last = columns.iter().max().copied().unwrap_or(0);
        let mut filled = vec![0; last + 1];
        let total = design.clients.len() + design.components.len();
        let place = |nth: usize| {
            let column = columns[nth];
            let row = filled[column];
            filled[column] += 1;
            (
                MARGIN + column * (WIDTH + ACROSS),
                MARGIN + HEAD + row * (HEIGHT + DOWN),
            )
        };
        Self((0..total).map(place).collect())
    }

    fn at(&self, nth: usize) -> (usize, usize) {
        self.0[nth]
    }

    fn extent(&self) -> (usize, usize) {
        let right = self.0.iter().map(|(x, _)| x + WIDTH).max().unwrap_or(0);
        let low = self.0.iter().map(|(_, y)| y + HEIGHT).max().unwrap_or(0);
        (right + MARGIN, low + MARGIN)
    }
}

fn draw_box(text: &mut String, (x, y): (usize, usize), (above, below): (&str, &str), round: usize) {
    let middle = x + WIDTH / 2;
    // Writing to a String can't fail.
    let _ = writeln!(
        text,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{round}\" fill=\"none\" stroke=\"currentColor\"/>\
         <text text-anchor=\"middle\" fill=\"currentColor\"><tspan x=\"{middle}\" y=\"{}\">{}</tspan><tspan x=\"{middle}\" y=\"{}\">{}</tspan></text>",
        y + 18,
        escaped(&ddlab_text::clip(above, LETTERS)),
        y + 34,
        escaped(&ddlab_text::clip(below, LETTERS)),
    );
}

fn arrow(text: &mut String, from: (usize, usize), to: (usize, usize), edge: &Edge) {
    let (x, y) = (from.0 + WIDTH, from.1 + HEIGHT / 2);
    let (to_x, to_y) = (to.0, to.1 + HEIGHT / 2);
    let bend = ACROSS / 2;
    let dashes = if edge.is_optional() {
        " stroke-dasharray=\"4 4\""
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "<path d=\"M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}\" fill=\"none\" stroke=\"currentColor\"{dashes} marker-end=\"url(#to)\"/>",
        x + bend,
        to_x.saturating_sub(bend),
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_part_is_a_box_right_of_its_callers_and_each_call_an_arrow() {
        let design = crate::read(
            "design: \"a <b> & c\"\nclients: {u: {calls: [{to: a}]}}\ncomponents:\n  b: {kind: service}\n  a: {kind: service, calls: [{to: b, optional: on}]}\n",
        );
        let text = super::svg(&design.design.expect("it is a design"));
        assert_eq!(text.matches("<rect").count(), 3);
        assert_eq!(text.matches("marker-end").count(), 2);
        assert_eq!(text.matches("stroke-dasharray").count(), 1);
        assert!(text.contains("a &lt;b&gt; &amp; c"), "{text}");
        // u, then a, then b, although b stands first in the file.
        let x = |name: &str| {
            text.split(&format!(">{name}<")).next().and_then(|before| {
                before.rsplit_once("<rect x=\"").map(|(_, rest)| {
                    rest.split('"')
                        .next()
                        .unwrap_or_default()
                        .parse::<usize>()
                        .unwrap_or_default()
                })
            })
        };
        assert!(x("u") < x("a") && x("a") < x("b"), "{text}");
    }

    #[test]
    fn a_cycle_is_drawn_and_goes_back() {
        let design = crate::read(
            "design: c\nclients: {u: {calls: [{to: a}]}}\ncomponents:\n  a: {kind: service, calls: [{to: b}]}\n  b: {kind: service, calls: [{to: a, depth: 2}]}\n",
        );
        let text = super::svg(&design.design.expect("it is a design"));
        assert_eq!(text.matches("marker-end").count(), 3);
    }
}
