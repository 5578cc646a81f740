//! The texts of a Rust file: strings that read like words, and the comments that clap shows as help.

use proc_macro2::{Span, TokenStream, TokenTree};
use std::collections::HashMap;
use std::ops::Range;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprCall, ExprMethodCall, Item, Lit, LitStr, Macro, Meta};

/// What these print is for who works on the program.
const FOR_DEVELOPERS: [&str; 14] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "panic",
    "unreachable",
    "todo",
    "debug",
    "info",
    "warn",
    "include_str",
    "include_bytes",
    "env",
];
/// Whose comments are a command's help.
const COMMANDS: [&str; 4] = ["Args", "Parser", "Subcommand", "ValueEnum"];
/// Attributes with texts.
const TELLING: [&str; 4] = ["error", "arg", "command", "value"];
/// Functions all of whose strings are read, one word or several.
const LABELLING: [&str; 2] = ["bind", "section"];

/// What a database is asked begins so.
const SQL: [&str; 8] = [
    "ATTACH", "CREATE", "DELETE", "INSERT", "PRAGMA", "SELECT", "UPDATE", "WITH",
];

/// A text of a file.
#[derive(Debug, PartialEq)]
pub struct Text {
    /// Placeholders stand in braces.
    pub words: String,
    /// From 1.
    pub line: usize,
    /// Where it stands, in bytes.
    place: Range<usize>,
    is_comment: bool,
}

/// # Errors
/// Why the file is not understood.
pub fn texts(source: &str) -> Result<Vec<Text>, String> {
    let file = syn::parse_file(source).map_err(|error| error.to_string())?;
    let mut finder = Finder::default();
    finder.visit_file(&file);
    Ok(finder.found)
}

/// The file with what the catalog has for its texts, and in how many places.
///
/// # Errors
/// Why the file is not understood.
pub fn translate(
    source: &str,
    catalog: &HashMap<String, String>,
) -> Result<(String, usize), String> {
    let mut texts = texts(source)?;
    texts.sort_by_key(|text| text.place.start);
    let (mut out, mut copied, mut changed) = (String::new(), 0, 0);
    for text in &texts {
        let Some(translation) = catalog.get(&text.words) else {
            continue;
        };
        out.push_str(&source[copied..text.place.start]);
        if text.is_comment {
            out.extend(["/// ", translation]);
        } else {
            out.push_str(&literal(translation));
        }
        copied = text.place.end;
        changed += 1;
    }
    out.push_str(&source[copied..]);
    Ok((out, changed))
}

fn literal(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        if c.is_control() || matches!(c, '"' | '\\') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.push('"');
    out
}

#[derive(Default)]
struct Finder {
    found: Vec<Text>,
    /// Within what clap reads.
    is_command: bool,
    /// Within a call all of whose strings are texts.
    is_label: bool,
}

impl Finder {
    fn string(&mut self, string: &LitStr) {
        let text = string.value();
        if reads_like_words(&text) || self.is_label && text.chars().any(char::is_alphabetic) {
            self.add(text, string.span(), string.span(), false);
        }
    }

    fn add(&mut self, words: String, first: Span, last: Span, is_comment: bool) {
        self.found.push(Text {
            words,
            line: first.start().line,
            place: first.byte_range().start..last.byte_range().end,
            is_comment,
        });
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut after_hash = false;
        for token in tokens {
            match token {
                // An attribute.
                TokenTree::Group(_) if after_hash => {}
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Lit::Str(string) = Lit::new(literal) {
                        self.string(&string);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    after_hash = true;
                    continue;
                }
                _ => {}
            }
            after_hash = false;
        }
    }

    /// The paragraphs of a comment that is a command's help.
    fn help(&mut self, attributes: &[Attribute]) {
        let mut paragraph: Vec<&LitStr> = Vec::new();
        for line in attributes.iter().filter_map(comment) {
            if line.value().trim().is_empty() {
                self.paragraph(&paragraph);
                paragraph.clear();
            } else {
                paragraph.push(line);
            }
        }
        self.paragraph(&paragraph);
    }

    fn paragraph(&mut self, lines: &[&LitStr]) {
        if let [first, .., last] | [first @ last] = lines {
            let text: Vec<String> = lines.iter().map(|l| l.value().trim().to_owned()).collect();
            self.add(text.join(" "), first.span(), last.span(), true);
        }
    }
}

/// A line of a documenting comment.
fn comment(attribute: &Attribute) -> Option<&LitStr> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(value) if pair.path.is_ident("doc") => match &value.lit {
            Lit::Str(line) => Some(line),
            _ => None,
        },
        _ => None,
    }
}

/// Several words, one beside a placeholder, or one with a capital letter.
fn reads_like_words(text: &str) -> bool {
    let mut depth = 0_u32;
    let bare: String = text
        .chars()
        .filter(|c| match c {
            '{' => {
                depth += 1;
                false
            }
            '}' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    let is_word = |word: &&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || "-'’".contains(c))
    };
    let words = bare.split_whitespace().filter(is_word).count();
    let mut chars = bare.trim().chars();
    let is_capital = chars.next().is_some_and(char::is_uppercase)
        && chars.clone().count() > 1
        && chars.all(char::is_lowercase);
    if bare
        .split_whitespace()
        .next()
        .is_some_and(|first| SQL.contains(&first))
    {
        return false;
    }
    words > 1 || is_capital || words == 1 && text.trim().contains(' ')
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = attribute.path().segments.last();
        let is_test = is_test.is_some_and(|segment| segment.ident == "test");
        is_test
            || match &attribute.meta {
                Meta::List(list) if list.path.is_ident("cfg") => {
                    list.tokens.to_string().contains("test")
                }
                _ => false,
            }
    })
}

fn is_derived_for_clap(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("derive") => {
            let mut derives = list.tokens.clone().into_iter();
            derives.any(|token| match token {
                TokenTree::Ident(name) => COMMANDS.iter().any(|command| name == *command),
                _ => false,
            })
        }
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Macro(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            _ => &[],
        };
        if is_for_tests(attributes) {
            return;
        }
        let within = self.is_command;
        self.is_command = is_derived_for_clap(attributes);
        if self.is_command {
            self.help(attributes);
        }
        visit::visit_item(self, item);
        self.is_command = within;
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if self.is_command {
            self.help(&field.attrs);
        }
        visit::visit_field(self, field);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if self.is_command {
            self.help(&variant.attrs);
        }
        visit::visit_variant(self, variant);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta
            && TELLING.iter().any(|telling| list.path.is_ident(telling))
        {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let within = self.is_label;
        if let Expr::Path(function) = &*call.func
            && LABELLING.iter().any(|name| function.path.is_ident(name))
        {
            self.is_label = true;
        }
        visit::visit_expr_call(self, call);
        self.is_label = within;
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "expect" {
            self.visit_expr(&call.receiver);
        } else {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        let name = called.path.segments.last();
        if !name.is_some_and(|name| FOR_DEVELOPERS.iter().any(|other| name.ident == *other)) {
            self.tokens(called.tokens.clone());
        }
    }

    fn visit_lit_str(&mut self, string: &'ast LitStr) {
        self.string(string);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
/// Not shown.
#[derive(Debug)]
struct Other;
/// Runs a lab
/// without a screen.
///
/// Prints figures.
#[derive(Debug, Args)]
struct Run {
    /// The seed
    #[arg(long, help_heading = "Of the run", value_name = "N")]
    seed: u64,
}
#[derive(thiserror::Error)]
enum Failure {
    #[error("no lab is called `{0}`")]
    Unknown(String),
}
const NAME: &str = "scatter-gather";
fn show(seeds: u64) {
    let line = format!("{seeds} seeds\n");
    bind(&[KEY], "answer", 3);
    assert!(seeds > 0, "a check of ours");
    std::env::var("HOME").expect("it is always set");
    say("Settings", "policy=hedge", "{a} {b}", r"a \ raw one", "SELECT id FROM events");
}
#[cfg(test)]
mod tests { const TEXT: &str = "not for users"; }
"#;

    #[test]
    fn what_users_read_is_found_and_names_tests_and_panics_are_not() {
        let found = texts(SOURCE).unwrap();
        let found: Vec<(usize, &str)> = found.iter().map(|t| (t.line, t.words.as_str())).collect();
        assert_eq!(
            found,
            [
                (5, "Runs a lab without a screen."),
                (8, "Prints figures."),
                (11, "The seed"),
                (12, "Of the run"),
                (17, "no lab is called `{0}`"),
                (22, "{seeds} seeds\n"),
                (23, "answer"),
                (26, "Settings"),
                (26, "a \\ raw one"),
            ]
        );
    }

    #[test]
    fn a_translation_stands_in_the_place_of_its_text() {
        let pairs = [
            ("Runs a lab without a screen.", "Ohne Bild."),
            ("{seeds} seeds\n", "{seeds} \"Keime\"\n"),
            ("answer", "Antwort"),
        ];
        let catalog = pairs.map(|(text, said)| (text.to_owned(), said.to_owned()));
        let (translated, changed) = translate(SOURCE, &HashMap::from(catalog)).unwrap();
        assert_eq!(changed, 3);
        let expected = SOURCE
            .replace("/// Runs a lab\n/// without a screen.", "/// Ohne Bild.")
            .replace("\"{seeds} seeds\\n\"", "\"{seeds} \\\"Keime\\\"\\n\"")
            .replace("\"answer\"", "\"Antwort\"");
        assert_eq!(translated, expected);
    }
}
