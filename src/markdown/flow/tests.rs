//! Input to screen: what is written above each `assert` is what a reader sees below it.

use super::*;
use crate::markdown::{BlockKind, Inline, Reading, parse, plain};
use crate::testing::Holds;
use proptest::prelude::*;

const SOURCES: &[(&str, &str)] = &[
    (
        "tail",
        "Dean, Barroso. *The Tail at Scale*. CACM 56(2), 2013.",
    ),
    ("other", "Another. <https://example.org/x>"),
];

fn document(text: &str) -> Document {
    let reading = Reading {
        sources: SOURCES,
        include: &|include| include.take_from("// region: a\nfn a() {}\n// endregion\n"),
        ..Reading::default()
    };
    parse(text, &reading)
}

fn screen(text: &str, width: usize) -> Vec<String> {
    let flow = Flow::new(&document(text), &FlowOptions::screen(width));
    flow.lines.iter().map(Line::text).collect()
}

/// Without the list of sources at the end.
fn body(text: &str, width: usize) -> Vec<String> {
    let flow = Flow::new(
        &parse(text, &Reading::default()),
        &FlowOptions::screen(width),
    );
    flow.lines.iter().map(Line::text).collect()
}

#[test]
fn soft_breaks_join_and_the_right_edge_is_even() {
    let text =
        "The root is as slow as its\nslowest leaf, and the last word is not left alone on it.";
    assert_eq!(
        body(text, 30),
        [
            "The root is as slow as its",
            "slowest leaf, and the last",
            "word is not left alone on it.",
        ]
    );
}

#[test]
fn a_number_stays_with_its_unit() {
    assert_eq!(
        body("it took exactly 800 ms then, and 1 800 ms now", 19),
        ["it took exactly", "800 ms then, and", "1 800 ms now"]
    );
}

#[test]
fn no_line_begins_with_an_operator() {
    assert_eq!(
        body("With *p* = 1 % and *n* = 100", 9),
        ["With p =", "1 % and", "n = 100"]
    );
}

#[test]
fn lists_hang() {
    let text = "- one two three four\n  1. five six seven\n  2. eight\n- [x] done and done";
    assert_eq!(
        body(text, 15),
        [
            "• one two three",
            "  four",
            "  1. five six",
            "     seven",
            "  2. eight",
            "☑ done and done",
        ]
    );
}

#[test]
fn numbers_of_a_list_line_up_and_loose_items_have_air() {
    assert_eq!(body("9. a\n\n10. b", 20), [" 9. a", "", "10. b"]);
}

#[test]
fn a_tick_box_is_found_in_a_loose_list_too() {
    assert_eq!(
        body("- [ ] a\n\n- [x] b\n\n  - [ ] c", 20),
        ["☐ a", "", "☑ b", "", "  ☐ c"]
    );
}

#[test]
fn an_alert_has_a_bar_and_a_word() {
    assert_eq!(
        body("> [!WARNING]\n> Mind the correlated leaf.\n>\n> - a", 20),
        [
            "▌ Warning",
            "▌ Mind the",
            "▌ correlated leaf.",
            "▌",
            "▌ • a"
        ]
    );
}

#[test]
fn a_section_begins_with_air() {
    assert_eq!(
        body("text\n## Next\ntext\n### Sub\ntext", 20),
        ["text", "", "", "Next", "", "text", "", "Sub", "", "text"]
    );
}

const TABLE: &str = "\
| Policy | Extra | What it costs |
|---|---:|---|
| wait | 0 % | the slowest leaf decides for everyone |
| hedge | 5 % | a budget |
";

#[test]
fn a_table_that_fits_is_as_wide_as_it_needs() {
    assert_eq!(
        body(TABLE, 80),
        [
            "Policy   Extra   What it costs",
            "──────────────────────────────────────────────────────",
            "wait       0 %   the slowest leaf decides for everyone",
            "hedge      5 %   a budget",
        ]
    );
}

#[test]
fn a_table_that_does_not_fit_wraps_its_widest_column() {
    assert_eq!(
        body(TABLE, 36),
        [
            "Policy  Extra  What it costs",
            "────────────────────────────────────",
            "wait      0 %  the slowest leaf",
            "               decides for everyone",
            "",
            "hedge     5 %  a budget",
        ]
    );
}

#[test]
fn a_table_without_room_becomes_records() {
    assert_eq!(
        body(TABLE, 22),
        [
            "Policy: wait",
            "  Extra: 0 %",
            "  What it costs:",
            "    the slowest leaf",
            "    decides for",
            "    everyone",
            "",
            "Policy: hedge",
            "  Extra: 5 %",
            "  What it costs: a",
            "    budget",
        ]
    );
}

#[test]
fn notes_are_numbered_by_use_and_listed_at_the_end() {
    let text = "A[^other] B[^tail] C[^other] [D](https://d.org).\n\n## Sources\nHere:";
    assert_eq!(
        screen(text, 60),
        [
            "A¹ B² C¹ D³.",
            "",
            "",
            "Sources",
            "",
            "Here:",
            "",
            "1  Another. https://example.org/x",
            "2  Dean, Barroso. The Tail at Scale. CACM 56(2), 2013.",
            "3  https://d.org",
        ]
    );
}

#[test]
fn a_note_mark_leads_to_its_note() {
    let document = document("A[^tail]");
    let flow = Flow::new(&document, &FlowOptions::screen(60));
    let mark = flow.lines[0].spans[1].link.expect("the mark is a link");
    let target = &flow.links[usize::from(mark)].target;
    let line = flow.line_of_target(target).expect("the note is listed");
    flow.lines[line].text().holds(["Dean"]);
}

#[test]
fn code_that_is_too_wide_is_carried_over_in_a_window_and_whole_on_paper() {
    let text = "```rust\nlet answers = gather(leaves);\n```";
    let document = document(text);
    let flow = Flow::new(&document, &FlowOptions::screen(20));
    let lines: Vec<String> = flow.lines.iter().take(2).map(Line::text).collect();
    assert_eq!(lines, ["let answers =", "  ↪ gather(leaves);"]);
    assert_eq!(flow.hidden_columns, 0);
    let paper = FlowOptions {
        medium: Medium::Plain,
        ..FlowOptions::screen(20)
    };
    let whole = Flow::new(&document, &paper).lines[0].text();
    whole.holds(["let answers = gather(leaves);"]);
}

#[test]
fn a_drawing_that_is_too_wide_is_cut_and_can_be_moved() {
    let document = document("```diagram\nalt: boxes\n0123456789\n```");
    let at = |offset| {
        let options = FlowOptions {
            medium: Medium::Screen { offset },
            ..FlowOptions::screen(6)
        };
        let flow = Flow::new(&document, &options);
        (flow.lines[0].text(), flow.hidden_columns)
    };
    assert_eq!(at(0), ("01234…".to_owned(), 4));
    assert_eq!(at(2), ("…3456…".to_owned(), 4));
    assert_eq!(at(99), ("…56789".to_owned(), 4));
}

#[test]
fn included_code_says_where_it_is_from() {
    let document = document("```rust include=labs/x.rs#a\n```");
    assert_eq!(document.problems, []);
    let flow = Flow::new(&document, &FlowOptions::screen(60));
    let lines: Vec<_> = flow.lines[..2].iter().map(Line::text).collect();
    assert_eq!(lines, ["  labs/x.rs · a", "  fn a() {}"]);
}

#[test]
fn a_diagram_is_drawn_as_it_is_and_described_where_it_is_cut() {
    let text = "```diagram\nalt: two boxes\n┌──┐  ┌──┐\n└──┘  └──┘\n```";
    assert_eq!(body(text, 60), ["  ┌──┐  ┌──┐", "  └──┘  └──┘"]);
    assert_eq!(body(text, 6), ["┌──┐ …", "└──┘ …", "two", "boxes"]);
}

#[test]
fn live_things_become_slots() {
    let text =
        "a\n\n```lab scatter-gather/hedged\nHedge after p95\n```\n\n- b\n\n  ```check q1\n  ```";
    let document = parse(text, &Reading::default());
    assert_eq!(document.problems, []);
    let options = FlowOptions {
        fill: &|live, _| match live {
            Live::Figure(_) => Fill::Reserve(3),
            _ => Fill::Reserve(1),
        },
        ..FlowOptions::screen(40)
    };
    let flow = Flow::new(&document, &options);
    let place = |n: usize| {
        let slot = &flow.slots[n];
        (slot.first_line, slot.height, slot.indent, slot.width)
    };
    assert_eq!(place(0), (2, 3, 0, 40));
    assert_eq!(place(1), (8, 1, 2, 38));
    assert_eq!(
        flow.slots[1].live,
        Live::Check {
            question: "q1".to_owned()
        }
    );
    assert_eq!(flow.lines[2].kind, LineKind::Slot);
}

#[test]
fn a_resize_keeps_the_place() {
    let text = "one two three four five six seven eight nine ten. ".repeat(40);
    let document = parse(&format!("{text}\n\n{text}"), &Reading::default());
    let wide = Flow::new(&document, &FlowOptions::screen(90));
    let narrow = Flow::new(&document, &FlowOptions::screen(31));
    let anchor = wide.anchor_at(35);
    let line = narrow.line_of(anchor);
    let there = narrow.anchor_at(line);
    assert_eq!(there.block, anchor.block);
    assert!(anchor.letters.abs_diff(there.letters) <= 31);
    assert_eq!(wide.line_of(wide.anchor_at(35)), 35);
}

#[test]
fn words_are_found_across_the_end_of_a_line() {
    let flow = Flow::new(
        &parse("- the slowest leaf decides", &Reading::default()),
        &FlowOptions::screen(15),
    );
    let letters = Letters::of(&flow);
    let hits = letters.find("SLOWEST LEAF");
    assert_eq!(hits, [], "upper case in the query asks for upper case");
    let hits = letters.find("slowest leaf");
    let stretches: Vec<_> = hits[0]
        .stretches
        .iter()
        .map(|stretch| (stretch.line, stretch.columns.clone()))
        .collect();
    assert_eq!(stretches, [(0, 6..13), (1, 2..6)]);
}

#[test]
fn the_outline_knows_its_lines_and_slugs_are_unique() {
    let flow = Flow::new(
        &parse("# A b\ntext\n## Why?\ntext\n## Why?", &Reading::default()),
        &FlowOptions::screen(40),
    );
    let outline: Vec<_> = flow
        .outline
        .iter()
        .map(|heading| (heading.slug.as_str(), heading.line))
        .collect();
    assert_eq!(outline, [("a-b", 0), ("why", 5), ("why-1", 10)]);
    assert_eq!(flow.section_at(7), Some(1));
    assert_eq!(flow.line_of_target("#why"), Some(5));
}

#[test]
fn headings_of_the_same_words_are_numbered_as_github_does() {
    let text = "# Details\n# Details\n# Details 2\n# Details\n# Details 1";
    let document = parse(text, &Reading::default());
    let slugs: Vec<&str> = document
        .blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::Heading { slug, .. } => Some(slug.as_str()),
            _ => None,
        })
        .collect();
    let numbered = [
        "details",
        "details-1",
        "details-2",
        "details-3",
        "details-1-1",
    ];
    assert_eq!(slugs, numbered);
}

#[test]
fn text_between_comments_is_shown_and_html_is_reported() {
    let read = |text: &str| parse(text, &Reading::default());
    let document = read("<!-- a --> between <!-- b -->\n");
    let shown = plain::render(&document, 60, Glyphs::Ascii, &|live, _| {
        plain::stand_in(live)
    });
    assert_eq!(shown.trim(), "between");
    assert!(document.problems.is_empty());
    assert!(read("<!-- a\nb -->\n").blocks.is_empty());
    let cells = read("| a |\n|---|\n| one<br>two <b>x</b> |\n");
    let messages: Vec<&str> = cells.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("`<b>`"), "{messages:?}");
}

#[test]
fn a_note_that_is_more_than_text_is_reported() {
    let document = parse("a[^n]\n\n[^n]: text\n\n    - item\n", &Reading::default());
    let messages: Vec<&str> = document
        .problems
        .iter()
        .map(|p| p.message.as_str())
        .collect();
    assert_eq!(messages, ["the note `[^n]` shows only its paragraphs"]);
}

#[test]
fn paper_has_underlines_backticks_and_words_for_drawings() {
    let text = "# Tail\nuse `hedge`\n\n```diagram\nalt: a box\n□\n```\n\n```try x\n```";
    let page = plain::render(
        &parse(text, &Reading::default()),
        60,
        Glyphs::Ascii,
        &|live, _| plain::stand_in(live),
    );
    assert_eq!(
        page,
        "Tail\n====\n\nuse `hedge`\n\n[drawing: a box]\n\n  □\n\n[to build: ddlab exercise start x]\n"
    );
}

#[test]
fn an_address_on_paper_stays_whole() {
    let address = format!("https://example.org/{}", "very-long/".repeat(9));
    let text = format!("See {address} there, or [this]({address}).");
    let document = parse(&text, &Reading::default());
    let page = plain::render(&document, 40, Glyphs::Ascii, &|live, _| {
        plain::stand_in(live)
    });
    assert_eq!(page.matches(&address).count(), 2, "{page}");
}

#[test]
fn escape_sequences_in_a_page_do_no_harm() {
    let text = "a\x1b]0;title\x07 &#27;[2J [x](http://e\x1b[m) `\u{9b}1m`\n\n```\n\x1b[31mred\n```";
    let page = screen(text, 80).join("\n");
    assert!(
        !page.contains(|c: char| c.is_control() && c != '\n'),
        "{page:?}"
    );
    page.holds(["a␛]0;title␇"]);
}

#[test]
fn faults_of_the_text_are_reported_with_their_line_and_never_stop_the_page() {
    let text =
        "ok[^nope]\n\n```lab nothing\n```\n\n```rust include=a.rs#b\n```\n\n```diagram\nx\n```";
    let reading = Reading {
        first_line: 10,
        ..Reading::default()
    };
    let document = parse(text, &reading);
    let places: Vec<_> = document
        .problems
        .iter()
        .map(|problem| (problem.line, problem.column))
        .collect();
    assert_eq!(places, [(10, 3), (12, 1), (15, 1), (18, 1)]);
    assert_eq!(document.blocks.len(), 4);
    document.problems[2].message.holds(["a.rs#b"]);
}

#[test]
fn a_page_of_a_hundred_thousand_quotes_is_only_flat() {
    let text = format!("{}x", ">".repeat(100_000));
    body(&text, 40).join("").holds(["x"]);
    let text = format!("{}x{}", "*a ".repeat(20_000), "*".repeat(20_000));
    assert!(!body(&text, 40).is_empty());
}

#[test]
fn every_alignment_and_an_empty_cell_are_drawn() {
    let text = "| a | b | c |\n|:--|:-:|--:|\n| 1 |  | 3 |\n| long | longer | longest |";
    assert_eq!(
        body(text, 40),
        [
            "a       b           c",
            "─────────────────────",
            "1                   3",
            "long  longer  longest",
        ]
    );
}

#[test]
fn html_is_shown_and_comments_are_not() {
    assert_eq!(
        body("<!-- x -->\n\na <b>c</b>\n\n<p>hi", 40),
        ["a <b>c</b>", "", "<p>hi"]
    );
}

/// Marks that are not words: what the flow draws around them.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Pages of words, each word with a number of its own.
fn page() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        Just("W W W W W W W W W W W W\n\n".to_owned()),
        Just("## W W\n\n".to_owned()),
        Just("- W W W\n- W\n  - W W W W W\n\n".to_owned()),
        Just("3. W W W W W W W W\n4. W\n\n".to_owned()),
        Just("> W **W W** W *W* W `W W`\n>\n> W\n\n".to_owned()),
        Just("> [!NOTE]\n> W W W W W W\n\n".to_owned()),
        Just("| W | W |\n|---|---|\n| W W W W W | W |\n| W | W W W |\n\n".to_owned()),
        Just("[W W](#x) ~~W~~ W\\\nW\n\n".to_owned()),
    ];
    prop::collection::vec(block, 1..8).prop_map(|blocks| {
        let text = blocks.concat();
        let mut out = String::new();
        for (n, part) in text.split('W').enumerate() {
            if n > 0 {
                out.extend(["w", &n.to_string(), "é"]);
            }
            out.push_str(part);
        }
        out
    })
}

proptest! {
    #[test]
    fn nothing_panics_and_no_line_is_too_wide(text in "(?s).{0,300}", columns in 1_usize..200) {
        let document = document(&text);
        for line in Flow::new(&document, &FlowOptions::screen(columns)).lines {
            prop_assert!(line.width() <= columns, "{columns}: {:?}", line.text());
        }
    }

    #[test]
    fn markup_at_any_width_fits(
        text in "(?:[-*>#|`~\\[\\]()!0-9 \n]|漢|é|👩‍🚀|word|\\[\\^tail\\]|```\n){0,120}",
        columns in 1_usize..200,
    ) {
        let document = document(&text);
        let flow = Flow::new(&document, &FlowOptions::screen(columns));
        for line in &flow.lines {
            prop_assert!(line.width() <= columns, "{columns}: {:?}", line.text());
        }
        for n in 0..flow.lines.len() {
            let again = flow.line_of(flow.anchor_at(n));
            prop_assert!(again <= n || flow.lines[n].kind == LineKind::Blank);
        }
        let _ = plain::render(&document, columns, Glyphs::Unicode, &|live, _| plain::stand_in(live));
    }

    #[test]
    fn no_word_is_lost(text in page(), columns in 12_usize..120) {
        let shown = body(&text, columns);
        let all = bare(&shown.concat());
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.contains('é')) {
            prop_assert!(all.contains(word), "{word} at {columns}: {shown:#?}");
        }
    }
}

#[test]
fn a_list_item_may_be_empty_and_a_paragraph_of_breaks_too() {
    assert_eq!(body("-\n- a", 20), ["•", "• a"]);
    let document = Document {
        blocks: vec![Block {
            line: 1,
            kind: BlockKind::Paragraph(vec![Inline::Break, Inline::Text(String::new())]),
        }],
        ..Document::default()
    };
    let flow = Flow::new(&document, &FlowOptions::screen(10));
    assert!(flow.lines.iter().all(|line| line.width() == 0));
}
