//! Reading files that somebody names or lays in a folder: regular ones, up to a size. A pipe would be waited
//! for without an end, and a device has no end.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file.
///
/// # Errors
/// When it is not one, or cannot be opened.
pub fn open(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut options = File::options();
    options.read(true);
    // Some files of /proc say that they are regular, and are waited for like a pipe: /proc/kmsg.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        nix::fcntl::OFlag::O_NONBLOCK.bits(),
    );
    options.open(path)
}

/// Reads a regular file of at most so many bytes.
///
/// # Errors
/// When it is not one, is longer, or cannot be read.
pub fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // A file of /proc says that it is empty, so what counts is what comes.
    open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::Error::other(format!(
            "it is larger than {bytes_max} bytes"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_devices_and_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for path in [&pipe, Path::new("/dev/zero"), folder.path()] {
            let refused = read(path, 10).unwrap_err().to_string();
            assert!(refused.contains("not a regular file"), "{refused}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_whatever_its_size_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 5).unwrap(), b"12345");
        assert!(read(&file, 4).is_err());
        if let Ok(endless) = read(Path::new("/proc/self/maps"), 10) {
            panic!("{} bytes", endless.len());
        }
    }
}
