//! The classes of the words of code: keyword, string, comment…, by syntect's grammars.
//!
//! Classes and not colours: a syntect theme gives RGB, which a 16-colour terminal, a light theme or
//! `NO_COLOR` cannot show; the theme decides what a keyword looks like.
//!
//! The grammars take 10 to 300 ms to load and compile at the first use of a language, so the screen never
//! waits for them: [`Highlighter::cached`] answers at once or not at all, [`Highlighter::schedule`] has a
//! thread do the work. [`now`] is for tests and for the plain form.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Token {
    #[default]
    Plain,
    Keyword,
    Type,
    Function,
    String,
    Number,
    Comment,
    Attribute,
    Punctuation,
}

/// Code with its classes, line by line, without the newlines.
pub type Coloured = Vec<Vec<(Token, String)>>;

/// Longer texts stay plain: a grammar may need seconds for a file that nobody reads in a page.
const BYTES_MAX: usize = 64 * 1024;

/// The grammars, loaded at the first use (about 10 ms).
fn grammars() -> &'static SyntaxSet {
    static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();
    GRAMMARS.get_or_init(two_face::syntax::extra_newlines)
}

fn grammar(lang: &str) -> Option<&'static SyntaxReference> {
    let name = match lang {
        "" | "text" | "txt" | "plain" => return None,
        "csharp" | "c#" => "cs",
        "console" | "shell" | "terminal" => "sh",
        "proto" => "protobuf",
        "jsonc" => "json",
        name => name,
    };
    grammars().find_syntax_by_token(name)
}

/// Whether a fence may name this language. Loads the grammars.
pub fn is_known(lang: &str) -> bool {
    matches!(lang, "" | "text" | "txt" | "plain") || grammar(lang).is_some()
}

/// The classes of a text; blocks while the grammar loads. An unknown language is plain.
pub fn now(lang: &str, text: &str) -> Coloured {
    match grammar(lang) {
        Some(grammar) if text.len() <= BYTES_MAX => classify(grammar, text),
        _ => plain(text),
    }
}

fn plain(text: &str) -> Coloured {
    text.lines()
        .map(|line| vec![(Token::Plain, line.to_owned())])
        .collect()
}

fn classify(grammar: &SyntaxReference, text: &str) -> Coloured {
    let mut state = ParseState::new(grammar);
    let mut stack = ScopeStack::new();
    let mut out = Coloured::new();
    // The grammars want each line with its newline.
    for line in text.split_inclusive('\n') {
        let Ok(ops) = state.parse_line(line, grammars()) else {
            return plain(text);
        };
        let mut spans: Vec<(Token, String)> = Vec::new();
        let mut done = 0;
        for (at, op) in ops {
            push(&mut spans, &stack, &line[done..at]);
            done = at;
            if stack.apply(&op).is_err() {
                return plain(text);
            }
        }
        push(&mut spans, &stack, &line[done..]);
        out.push(spans);
    }
    out
}

fn push(spans: &mut Vec<(Token, String)>, stack: &ScopeStack, text: &str) {
    let text = text.trim_end_matches('\n');
    if text.is_empty() {
        return;
    }
    let token = class_of(stack);
    match spans.last_mut() {
        Some((last, run)) if *last == token => run.push_str(text),
        _ => spans.push((token, text.to_owned())),
    }
}

/// Scope prefixes and what they mean; the innermost scope that means something decides.
fn rules() -> &'static [(Scope, Token)] {
    static RULES: OnceLock<Vec<(Scope, Token)>> = OnceLock::new();
    RULES.get_or_init(|| {
        [
            ("comment", Token::Comment),
            ("string", Token::String),
            ("constant.character", Token::String),
            ("punctuation.definition.comment", Token::Comment),
            ("punctuation.definition.string", Token::String),
            ("constant.numeric", Token::Number),
            ("constant.language", Token::Number),
            ("constant.other", Token::Number),
            ("entity.name.function", Token::Function),
            ("support.function", Token::Function),
            ("support.macro", Token::Function),
            ("variable.function", Token::Function),
            // In YAML and JSON the keys carry the structure.
            ("entity.name.tag", Token::Type),
            ("entity.name", Token::Type),
            ("entity.other.attribute-name", Token::Attribute),
            ("meta.annotation", Token::Attribute),
            ("variable.annotation", Token::Attribute),
            ("support.type", Token::Type),
            ("support.class", Token::Type),
            ("storage.type", Token::Keyword),
            ("storage.modifier", Token::Keyword),
            ("keyword.operator", Token::Punctuation),
            ("keyword", Token::Keyword),
            ("variable.language", Token::Keyword),
            ("punctuation", Token::Punctuation),
        ]
        .into_iter()
        .filter_map(|(name, token)| Scope::new(name).ok().map(|scope| (scope, token)))
        .collect()
    })
}

fn class_of(stack: &ScopeStack) -> Token {
    for scope in stack.scopes.iter().rev() {
        let rule = rules()
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope));
        if let Some((_, token)) = rule {
            return *token;
        }
    }
    Token::Plain
}

/// Gives classes without ever making its caller wait. Clones share one cache and one thread.
#[derive(Clone, Default)]
pub struct Highlighter {
    shared: Arc<Shared>,
    jobs: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
}

/// Language and text.
type Job = (String, String);

#[derive(Default)]
struct Shared {
    /// `None` while the thread is at it.
    cache: Mutex<HashMap<Job, Option<Arc<Coloured>>>>,
    on_ready: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Highlighter {
    /// What to do, on the worker's thread, each time all that was asked for is done: have the page drawn again.
    pub fn on_ready(&self, wake: impl Fn() + Send + 'static) {
        *lock(&self.shared.on_ready) = Some(Box::new(wake));
    }

    /// The classes if they are known already.
    pub fn cached(&self, lang: &str, text: &str) -> Option<Arc<Coloured>> {
        let job = (lang.to_owned(), text.to_owned());
        lock(&self.shared.cache).get(&job)?.clone()
    }

    /// Has a text classified, once.
    pub fn schedule(&self, lang: &str, text: &str) {
        let job = (lang.to_owned(), text.to_owned());
        let mut cache = lock(&self.shared.cache);
        if !cache.contains_key(&job) {
            cache.insert(job.clone(), None);
            drop(cache);
            self.send(job);
        }
    }

    /// The thread starts with the first job and ends when the last clone is dropped. It is not joined:
    /// leaving the program must not wait for a grammar.
    fn send(&self, job: Job) {
        let mut jobs = lock(&self.jobs);
        let sender = jobs.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel::<Job>();
            let shared = Arc::clone(&self.shared);
            // Without a thread to spare the code simply stays plain.
            let _ = std::thread::Builder::new()
                .name("highlight".to_owned())
                .spawn(move || shared.work(&receiver));
            sender
        });
        let _ = sender.send(job);
    }
}

impl Shared {
    fn work(&self, jobs: &mpsc::Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            // A page asks for all of its code at once, and is set anew when it is told: once is enough.
            for job in std::iter::once(first).chain(jobs.try_iter()) {
                let coloured = Arc::new(now(&job.0, &job.1));
                lock(&self.cache).insert(job, Some(coloured));
            }
            if let Some(wake) = &*lock(&self.on_ready) {
                wake();
            }
        }
    }
}

impl std::fmt::Debug for Highlighter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Highlighter").finish_non_exhaustive()
    }
}

/// What these locks guard stays whole whoever panics while holding one: each insert is one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(coloured: &Coloured, word: &str) -> Option<Token> {
        let spans = coloured.iter().flatten();
        spans
            .into_iter()
            .find(|(_, text)| text.contains(word))
            .map(|(token, _)| *token)
    }

    #[test]
    fn words_of_rust_have_their_classes() {
        let code = "// why\nfn gather(n: u32) -> &'static str {\n    \"done\"\n}\n";
        let coloured = now("rust", code);
        assert_eq!(class(&coloured, "why"), Some(Token::Comment));
        assert_eq!(class(&coloured, "fn"), Some(Token::Keyword));
        assert_eq!(class(&coloured, "gather"), Some(Token::Function));
        assert_eq!(class(&coloured, "done"), Some(Token::String));
    }

    #[test]
    fn every_language_of_the_book_is_known() {
        for lang in [
            "",
            "text",
            "rust",
            "python",
            "go",
            "java",
            "csharp",
            "yaml",
            "json",
            "toml",
            "sh",
            "bash",
            "console",
            "http",
            "sql",
            "dockerfile",
            "proto",
            "javascript",
            "typescript",
        ] {
            assert!(is_known(lang), "{lang}");
        }
        assert!(!is_known("klingon"));
    }

    #[test]
    fn classes_never_change_the_text() {
        let code = "apiVersion: v1\nkind: Pod # a pod\n\nspec: {a: \"b\", n: 3}";
        let back: Vec<String> = now("yaml", code)
            .into_iter()
            .map(|line| line.into_iter().map(|(_, text)| text).collect())
            .collect();
        assert_eq!(back, code.lines().collect::<Vec<_>>());
    }

    #[test]
    fn the_highlighter_answers_later_and_says_when() {
        let (sender, receiver) = mpsc::channel();
        let highlighter = Highlighter::default();
        highlighter.on_ready(move || {
            let _ = sender.send(());
        });
        highlighter.schedule("rust", "fn f() {}");
        highlighter.schedule("rust", "fn f() {}");
        receiver.recv().expect("the worker lives");
        let coloured = highlighter.cached("rust", "fn f() {}");
        let coloured = coloured.expect("it is cached");
        assert_eq!(class(&coloured, "fn"), Some(Token::Keyword));
        drop(highlighter);
        assert!(receiver.recv().is_err(), "the same text is done once");
    }
}
