//! Designs to begin from, each with a name for its file.

/// The first is what `ddlab design new` prints.
pub const ALL: [(&str, &str); 2] = [
    ("shop", include_str!("examples/shop.yaml")),
    ("retry-storm", include_str!("examples/retry-storm.yaml")),
];

#[cfg(test)]
mod tests {
    #[test]
    fn each_example_is_a_design_that_runs() {
        for (name, text) in super::ALL {
            let read = crate::read(text);
            let design = read
                .design
                .unwrap_or_else(|| panic!("{name}: {:?}", read.problems));
            assert!(!design.require.is_empty(), "{name}");
        }
    }
}
