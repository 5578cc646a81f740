//! What can still be read of a file that is damaged, or that may not be written.

use super::row::{Columns, LogRow, Unreadable};
use super::{BUSY_WAIT, Fault, Store};
use rusqlite::{Connection, OpenFlags, Statement};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Rows that are looked up one by one where pages of the table are broken, at most: as many as one page of its tree
/// leads to. Each costs up to a millisecond, and somebody waits for the first screen.
const LOOKED_UP_MAX: u64 = 10_000;
/// Of a row in the file, at least: no more are looked up than it has room for.
const ROW_BYTES_MIN: u64 = 64;
/// A larger file is not copied to mend its first page.
const COPIED_BYTES_MAX: u64 = 1 << 30;

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Salvage {
    /// By their number in the log.
    pub rows: BTreeMap<i64, LogRow>,
    pub unreadable: BTreeMap<i64, Unreadable>,
}

/// Reads what can be read, and changes nothing.
pub fn readable(path: &Path) -> Salvage {
    if !path.is_file() {
        return Salvage::default();
    }
    let uri = format!("file:{}", escaped(path));
    // Where a folder may not be written, SQLite can make no lock: then the file is read as it is.
    let as_it_is = format!("{uri}?immutable=1");
    let bytes = fs::metadata(path).map_or(0, |meta| meta.len());
    for uri in [&uri, &as_it_is] {
        if let Ok(found) = read(uri, bytes)
            && !(found.rows.is_empty() && found.unreadable.is_empty())
        {
            return found;
        }
    }
    with_another_first_page(path).unwrap_or_default()
}

/// Reads a file of so many bytes.
fn read(uri: &str, bytes: u64) -> rusqlite::Result<Salvage> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    // One row without a reading of the whole schema is better than none.
    connection.pragma_update(None, "writable_schema", true)?;
    let mut found = Salvage::default();
    let forward = "SELECT * FROM event WHERE seq > ?1 ORDER BY seq";
    let backward = "SELECT * FROM event WHERE seq > ?1 ORDER BY seq DESC";
    let whole = found.take_in(&mut connection.prepare(forward)?, 0);
    if whole {
        return Ok(found);
    }
    // From its end up to the last broken page; and what lies between broken pages by its number.
    let first = found.last().unwrap_or(0);
    found.take_in(&mut connection.prepare(backward)?, first);
    let last = found.last().filter(|last| *last > first);
    let last = last.unwrap_or(i64::MAX);
    let mut one = connection.prepare("SELECT * FROM event WHERE seq = ?1")?;
    let looked_up = LOOKED_UP_MAX.min(bytes / ROW_BYTES_MIN);
    for seq in (first..last).skip(1).take(looked_up as usize) {
        if !found.rows.contains_key(&seq) && !found.unreadable.contains_key(&seq) {
            found.take_in(&mut one, seq);
        }
    }
    Ok(found)
}

impl Salvage {
    /// Takes in rows until one cannot be reached. True when all were.
    fn take_in(&mut self, select: &mut Statement<'_>, seq: i64) -> bool {
        let columns = Columns::of(select);
        let Ok(mut rows) = select.query([seq]) else {
            return false;
        };
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    // A table that is not in order any more must not be read for ever.
                    let Some(seq) = columns.seq(row) else {
                        return false;
                    };
                    match LogRow::read(row, &columns) {
                        Ok(read) => self.rows.insert(seq, read).map(|_| ()),
                        Err(fault) => self.unreadable.insert(seq, fault).map(|_| ()),
                    };
                }
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn last(&self) -> Option<i64> {
        let rows = self.rows.last_key_value().map(|(seq, _)| *seq);
        rows.max(self.unreadable.last_key_value().map(|(seq, _)| *seq))
    }
}

/// The first page holds the header and the schema, and both are the same in every record: where they are
/// damaged, a copy of the file is read with those of a new one.
fn with_another_first_page(path: &Path) -> Result<Salvage, Fault> {
    let refused = |error: std::io::Error| Fault::Other(error.to_string());
    if fs::metadata(path).map_err(refused)?.len() > COPIED_BYTES_MAX {
        return Err(Fault::Corrupt);
    }
    let folder = tempfile::tempdir().map_err(refused)?;
    let new = folder.path().join("new.db");
    drop(Store::open(&new, super::Look::Brief)?);
    let new = fs::read(new).map_err(refused)?;
    let mut copy = fs::read(path).map_err(refused)?;
    let page = match u16::from_be_bytes([new[16], new[17]]) {
        1 => 65_536,
        size => usize::from(size),
    };
    if copy.len() < 2 * page {
        return Err(Fault::Corrupt);
    }
    copy[..page].copy_from_slice(&new[..page]);
    // How many pages there are; and no list of free pages.
    let pages = (copy.len() / page) as u32;
    copy[28..32].copy_from_slice(&pages.to_be_bytes());
    copy[32..40].fill(0);
    let mended = folder.path().join("copy.db");
    fs::write(&mended, &copy).map_err(refused)?;
    let uri = format!("file:{}?immutable=1", escaped(&mended));
    Ok(read(&uri, copy.len() as u64)?)
}

/// The path inside a URI: what has a meaning there is written as `%XX`.
fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'%' | b'?' | b'#' | 0..=32 | 127.. => {
                let _ = write!(text, "%{byte:02X}");
            }
            byte => text.push(char::from(*byte)),
        }
    }
    text
}
