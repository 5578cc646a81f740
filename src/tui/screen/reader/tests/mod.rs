//! Messages in, rows out. Here are the page and the quiz that most of these tests read.

mod figure;
mod page;
mod place;
mod question;
mod search;
mod survival;
mod words;

use super::*;
use crate::tui::screen::stage::{Stage, events, golden, survives};
use crossterm::event::KeyCode;

const PAGE: &str = r"---
id: tails
number: 7
title: Tails
part: Serving
summary: Slow leaves.
minutes: 1
labs: [scatter-gather]
exercises: [scatter-gather-top10]
sources:
  - {id: tail, text: 'The Tail at Scale, 2013'}
---
## The problem

Twenty leaves, one of them slow.[^tail]

```check half
```

Read on, and see [how it works](#how-it-works).

## How it works

```lab scatter-gather/hedged
Turn the policy.
```

### Details

```rust
let answers = gather(leaves, deadline).await; // and a comment that makes this line far too long for the column of text
```

LONG

```try scatter-gather-top10
```

## Sources

What was read.
";

const QUIZ: &str = "
- id: half
  section: the-problem
  prompt: At what fan-out does every second request meet a slow leaf?
  kind:
    one:
      options:
        - {text: '69', right: true, why: 'ln 2 over 1 %'}
        - {text: '50', why: 'half of a hundred, as if chances added up'}
  explain: The chances of being fast multiply.
";

fn stage() -> Stage {
    let long = "The slowest leaf decides. ".repeat(12);
    let page = PAGE.replace("LONG", &format!("{long}\n\n").repeat(12));
    Stage::with_chapters(&[("07-tails/chapter.md", &page), ("07-tails/quiz.yaml", QUIZ)])
}

fn open(stage: &Stage) -> Reader {
    let mut reader = Reader::open("7", None, &stage.cx()).expect("there is a chapter 7");
    stage.send(&mut reader, Message::Shown);
    reader
}
