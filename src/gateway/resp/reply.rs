//! Replies as they are sent (RESP2).

/// What a client is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A word such as `OK`.
    Word(&'static str),
    /// Without line ends; it begins with a code such as `ERR`.
    Error(String),
    Number(i64),
    Text(String),
    /// There is nothing.
    Null,
    List(Vec<Reply>),
}

impl Reply {
    pub fn error(code: &str, message: &str) -> Self {
        let message: String = message
            .chars()
            .map(|sign| if sign.is_control() { ' ' } else { sign })
            .collect();
        Self::Error(format!("{code} {message}"))
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Word(word) => line(out, '+', word),
            Self::Error(message) => line(out, '-', message),
            Self::Number(number) => line(out, ':', &number.to_string()),
            Self::Null => line(out, '$', "-1"),
            Self::Text(text) => {
                line(out, '$', &text.len().to_string());
                out.extend(text.as_bytes());
                out.extend(b"\r\n");
            }
            Self::List(items) => {
                line(out, '*', &items.len().to_string());
                for item in items {
                    item.write(out);
                }
            }
        }
    }
}

fn line(out: &mut Vec<u8>, sign: char, text: &str) {
    out.extend(format!("{sign}{text}\r\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_sign() {
        let list = Reply::List(vec![
            Reply::Word("OK"),
            Reply::error("ERR", "no\r\n+way"),
            Reply::Number(-1),
            Reply::Text("ä".to_owned()),
            Reply::Null,
        ]);
        let mut out = Vec::new();
        list.write(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "*5\r\n+OK\r\n-ERR no  +way\r\n:-1\r\n$2\r\nä\r\n$-1\r\n"
        );
    }
}
