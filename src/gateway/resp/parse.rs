//! Requests as they come over a connection: an array of bulk strings, or one line of words (RESP2).
//!
//! Our own and not a crate's: a server must refuse a length before it waits for as many bytes, and take lines, too, which
//! crates for clients do neither.
//!
//! Source: Redis documentation, Redis serialization protocol specification; the messages are those of Redis.

/// Words of a line, and arguments of an array, at most.
pub const WORDS_MAX: usize = 128;
/// Bytes of a line without an end, and of one argument.
pub const BYTES_MAX: usize = 64 * 1024;

/// Why a client is not understood. Nothing after that can be told apart, so its connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    #[error("Protocol error: invalid multibulk length")]
    ArrayLength,
    #[error("Protocol error: invalid bulk length")]
    BulkLength,
    #[error("Protocol error: expected '$', got '{}'", .0.escape_ascii())]
    NoBulk(u8),
    #[error("Protocol error: a bulk string does not end with CRLF")]
    BulkEnd,
    #[error("Protocol error: too big inline request")]
    LongLine,
    #[error("Protocol error: too big mbulk count string")]
    LongCount,
}

/// One request: its words, and how many bytes they took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub words: Vec<Vec<u8>>,
    pub length: usize,
}

/// The first request of these bytes; none while it is not there whole.
///
/// # Errors
/// When no further byte can make it one.
pub fn parse(bytes: &[u8]) -> Result<Option<Request>, ProtocolError> {
    match bytes.first() {
        Some(b'*') => array(bytes),
        Some(_) => line_of_words(bytes),
        None => Ok(None),
    }
}

/// The line that begins here, without its end, and where the next one begins.
fn line(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let length = bytes[from..].iter().position(|byte| *byte == b'\n')?;
    let line = &bytes[from..from + length];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some((line, from + length + 1))
}

fn line_of_words(bytes: &[u8]) -> Result<Option<Request>, ProtocolError> {
    let Some((line, length)) = line(bytes, 0) else {
        return too_long(bytes.len(), ProtocolError::LongLine);
    };
    let words = line.split(u8::is_ascii_whitespace);
    let words = words.filter(|word| !word.is_empty());
    let words: Vec<Vec<u8>> = words.map(<[u8]>::to_vec).collect();
    if line.len() > BYTES_MAX || words.len() > WORDS_MAX {
        return Err(ProtocolError::LongLine);
    }
    Ok(Some(Request { words, length }))
}

fn array(bytes: &[u8]) -> Result<Option<Request>, ProtocolError> {
    let Some((count, mut at)) = line(bytes, 0) else {
        return too_long(bytes.len(), ProtocolError::LongCount);
    };
    // An array of nothing is a request for nothing.
    let count = number(&count[1..]).filter(|count| *count <= WORDS_MAX as i64);
    let count = count.ok_or(ProtocolError::ArrayLength)?;
    let mut words = Vec::new();
    for _ in 0..count {
        match bytes.get(at) {
            Some(b'$') => {}
            Some(other) => return Err(ProtocolError::NoBulk(*other)),
            None => return Ok(None),
        }
        let Some((length, from)) = line(bytes, at) else {
            return too_long(bytes.len() - at, ProtocolError::BulkLength);
        };
        let length = number(&length[1..])
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| *length <= BYTES_MAX)
            .ok_or(ProtocolError::BulkLength)?;
        let end = from + length;
        let Some(ending) = bytes.get(end..end + 2) else {
            return Ok(None);
        };
        if ending != b"\r\n" {
            return Err(ProtocolError::BulkEnd);
        }
        words.push(bytes[from..end].to_vec());
        at = end + 2;
    }
    Ok(Some(Request { words, length: at }))
}

fn number(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn too_long(length: usize, error: ProtocolError) -> Result<Option<Request>, ProtocolError> {
    let most = if error == ProtocolError::LongLine {
        BYTES_MAX
    } else {
        32
    };
    if length > most { Err(error) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(bytes: &str) -> Vec<String> {
        let request = parse(bytes.as_bytes()).unwrap().expect("it is whole");
        assert_eq!(request.length, bytes.len());
        let text = |word: Vec<u8>| String::from_utf8(word).unwrap();
        request.words.into_iter().map(text).collect()
    }

    #[test]
    fn an_array_and_a_line_say_the_same() {
        let expected = ["SET", "key:1", "a"];
        assert_eq!(
            words("*3\r\n$3\r\nSET\r\n$5\r\nkey:1\r\n$1\r\na\r\n"),
            expected
        );
        assert_eq!(words("SET  key:1 a\r\n"), expected);
        assert_eq!(words("SET key:1 a\n"), expected);
        assert!(words("\r\n").is_empty());
        assert!(words("*0\r\n").is_empty());
        assert!(words("*-1\r\n").is_empty());
    }

    #[test]
    fn what_is_not_whole_is_waited_for_wherever_it_is_cut() {
        let whole = b"*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n";
        for cut in 0..whole.len() {
            assert_eq!(parse(&whole[..cut]), Ok(None), "{cut}");
        }
        let request = parse(whole).unwrap().expect("it is whole");
        assert_eq!(request.words[1], b"a\r\nb");
    }

    #[test]
    fn the_first_of_several_requests_ends_where_the_next_begins() {
        let bytes = b"PING\r\n*1\r\n$4\r\nPING\r\n";
        let first = parse(bytes).unwrap().expect("it is whole");
        let second = parse(&bytes[first.length..]).unwrap().expect("it is whole");
        assert_eq!(first.words, second.words);
    }

    #[test]
    fn a_length_that_is_too_large_is_refused_before_its_bytes_come() {
        let refused = |bytes: &str| parse(bytes.as_bytes()).unwrap_err();
        assert_eq!(refused("*129\r\n"), ProtocolError::ArrayLength);
        assert_eq!(refused("*x\r\n"), ProtocolError::ArrayLength);
        assert_eq!(refused("*1\r\n$65537\r\n"), ProtocolError::BulkLength);
        assert_eq!(refused("*1\r\n$-1\r\n"), ProtocolError::BulkLength);
        assert_eq!(refused("*1\r\n:1\r\n"), ProtocolError::NoBulk(b':'));
        assert_eq!(refused("*1\r\n$1\r\nabc"), ProtocolError::BulkEnd);
        let line = "a".repeat(BYTES_MAX + 1);
        assert_eq!(refused(&line), ProtocolError::LongLine);
        let count = format!("*{}", "1".repeat(40));
        assert_eq!(refused(&count), ProtocolError::LongCount);
        let many = "a ".repeat(WORDS_MAX + 1) + "\n";
        assert_eq!(refused(&many), ProtocolError::LongLine);
    }
}
