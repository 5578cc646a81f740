//! Six dialects in which applications tell how they are, and how each is read.
//!
//! Whatever a text holds, reading it never fails as a whole: what can't be read is counted, and what is not there is not
//! made up.

/// How an application says its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `INFO` of Redis: `name:value`, sections behind `#`.
    Redis,
    /// Packets of statsd, with the tags of `DogStatsD`: increments, `requests:1|c|#bidder:42`.
    Statsd,
    /// An object; nested ones are read as `outer.inner`.
    Json,
    /// Beans as `jmxterm` prints them: `Name = value;` below the name of each bean.
    Jmx,
    /// A file to which a row is added now and then, below a row of names. The last one counts.
    Csv,
    /// `stub_status` of nginx.
    Nginx,
}

/// A number that an application has told.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    /// What it is told of, where it is told of several.
    pub label: Option<(String, String)>,
    pub value: f64,
    /// It has grown by so much since it was last told.
    pub increment: bool,
}

/// What was understood of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    pub fields: Vec<Field>,
    /// Lines, rows or values that make no sense.
    pub unread: u64,
}

impl Told {
    fn take(&mut self, name: impl Into<String>, text: &str) {
        match number(text) {
            Some(value) => self.fields.push(Field {
                name: name.into(),
                label: None,
                value,
                increment: false,
            }),
            None => self.unread += 1,
        }
    }
}

/// A finite number; `NaN` and `inf` are words to a parser, and no measurement.
fn number(text: &str) -> Option<f64> {
    let value = text.trim().parse::<f64>().ok()?;
    value.is_finite().then_some(value)
}

impl Dialect {
    pub const ALL: [Self; 6] = [
        Self::Redis,
        Self::Statsd,
        Self::Json,
        Self::Jmx,
        Self::Csv,
        Self::Nginx,
    ];

    // region: read
    pub fn read(self, text: &str) -> Told {
        match self {
            Self::Redis => redis(text),
            Self::Statsd => statsd(text),
            Self::Json => json(text),
            Self::Jmx => jmx(text),
            Self::Csv => csv(text),
            Self::Nginx => nginx(text),
        }
    }
    // endregion: read
}

/// Most fields of `INFO` are no numbers: only those are taken that are.
fn redis(text: &str) -> Told {
    let mut told = Told::default();
    for line in text.lines().map(str::trim_end) {
        match line.split_once(':') {
            _ if line.is_empty() || line.starts_with('#') => {}
            Some((name, value)) if number(value).is_some() => told.take(name, value),
            Some(_) => {}
            None => told.unread += 1,
        }
    }
    told
}

fn statsd(text: &str) -> Told {
    let mut told = Told::default();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match packet(line) {
            Some(field) => told.fields.push(field),
            None => told.unread += 1,
        }
    }
    told
}

/// `name:value|type|@sampled|#key:value`, the last two in any order or not at all.
fn packet(line: &str) -> Option<Field> {
    let (name, rest) = line.split_once(':')?;
    let mut parts = rest.split('|');
    let value = number(parts.next()?)?;
    let increment = match parts.next()? {
        "c" | "ms" => true,
        "g" => false,
        _ => return None,
    };
    let (mut sampled, mut label) = (1.0, None);
    for part in parts {
        if let Some(share) = part.strip_prefix('@') {
            sampled = number(share).filter(|share| *share > 0.0)?;
        } else {
            let (key, value) = part.strip_prefix('#')?.split_once(':')?;
            label = Some((key.to_owned(), value.to_owned()));
        }
    }
    Some(Field {
        name: name.to_owned(),
        label,
        value: if increment { value / sampled } else { value },
        increment,
    })
}

fn json(text: &str) -> Told {
    let mut told = Told::default();
    match serde_json::from_str(text) {
        Ok(value) => flatten(&mut told, String::new(), &value),
        Err(_) => told.unread = 1,
    }
    told
}

fn flatten(told: &mut Told, name: String, value: &serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (inner, value) in members {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(told, format!("{name}{dot}{inner}"), value);
            }
        }
        serde_json::Value::Number(number) => told.take(name, &number.to_string()),
        _ => {}
    }
}

fn jmx(text: &str) -> Told {
    let (mut told, mut bean) = (Told::default(), "");
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix("#mbean = ") {
            bean = head.trim_end_matches(':');
        } else if let Some((name, value)) = line.split_once(" = ") {
            match value.strip_suffix(';') {
                Some(value) => told.take(format!("{bean}/{name}"), value),
                None => told.unread += 1,
            }
        } else if !line.is_empty() {
            told.unread += 1;
        }
    }
    told
}

fn csv(text: &str) -> Told {
    let mut told = Told::default();
    // A row without an end is still being written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut rows = whole.lines();
    let (Some(names), Some(last)) = (rows.next(), rows.next_back()) else {
        return told;
    };
    let (names, values) = (cells(names), cells(last));
    if names.len() != values.len() {
        told.unread = 1;
        return told;
    }
    for (name, value) in names.into_iter().zip(values) {
        if number(&value).is_some() {
            told.take(name, &value);
        }
    }
    told
}

/// The cells of a row (RFC 4180): one in quotes may hold commas, and a quote as two.
fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut signs = row.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(sign),
        }
    }
    cells.push(cell);
    cells
}

/// Names and numbers stand on lines of their own there, and `accepts` less `handled` is what was dropped.
fn nginx(text: &str) -> Told {
    let (mut told, mut names) = (Told::default(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(active) = line.strip_prefix("Active connections:") {
            told.take("active", active);
        } else if let Some(rest) = line.strip_prefix("server ") {
            names = rest.split_whitespace().collect();
        } else if line.starts_with("Reading:") {
            for pair in words.chunks_exact(2) {
                told.take(pair[0].trim_end_matches(':').to_lowercase(), pair[1]);
            }
        } else if words.len() == names.len() {
            for (name, value) in names.iter().zip(words) {
                told.take(*name, value);
            }
        } else {
            told.unread += 1;
        }
    }
    let of = |name| told.fields.iter().find(|field| field.name == name);
    let dropped = of("accepts").zip(of("handled"));
    if let Some(dropped) = dropped.map(|(accepts, handled)| accepts.value - handled.value) {
        told.take("dropped", &dropped.to_string());
    }
    told
}
