//! Offsets of a text as lines and columns of its file.

/// Where an offset lies: line and column.
pub(super) struct Places {
    /// Where each line begins.
    starts: Vec<usize>,
    text: String,
    first_line: usize,
}

impl Places {
    pub fn new(text: &str, first_line: usize) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(newlines).collect(),
            text: text.to_owned(),
            first_line,
        }
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn of(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = self.text.get(self.starts[line]..offset).unwrap_or("");
        (self.first_line + line, before.chars().count() + 1)
    }
}
