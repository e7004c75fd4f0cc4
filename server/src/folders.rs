//! Where this program keeps its files when nobody says where.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// The folder's name under the user's own folders.
const NAME: &str = "data-restore";

/// Checkpoints of runs: `$XDG_STATE_HOME/data-restore`, else `~/.local/state/data-restore`.
pub fn state() -> Result<PathBuf> {
    under("XDG_STATE_HOME", ".local/state").ok_or_else(|| nowhere("--state-dir"))
}

/// What a server keeps: `$XDG_DATA_HOME/data-restore`, else `~/.local/share/data-restore`.
pub fn data() -> Result<PathBuf> {
    under("XDG_DATA_HOME", ".local/share").ok_or_else(|| nowhere("--data-dir"))
}

/// The user's configuration: `$XDG_CONFIG_HOME/data-restore`, else `~/.config/data-restore`.
pub fn configuration() -> Option<PathBuf> {
    under("XDG_CONFIG_HOME", ".config")
}

fn under(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    set(variable)
        .map(PathBuf::from)
        // The XDG rules: a relative path there is invalid and is ignored.
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(below_home)))
        .map(|base| base.join(NAME))
}

fn nowhere(flag: &str) -> Failure {
    Failure::new(
        "no_folder",
        "No home folder is known to keep files under (HOME is not set)",
    )
    .hint(format!("Name a folder with {flag}."))
}

/// Writes a file in one step, readable by its owner alone: a reader sees the old or the new content, never half.
pub fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let failed = |error: &std::io::Error| Failure::file("Writing", path, error);
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let temporary = folder.join(name);
    let written = private_file(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    });
    if let Err(error) = written {
        std::fs::remove_file(&temporary).ok();
        return Err(failed(&error));
    }
    Ok(())
}

fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder for this user alone, unless it is there.
pub fn create_private(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| Failure::file("Creating the folder", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_replaced_whole_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.json");
        write_private(&path, b"first, and longer").unwrap();
        write_private(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left behind"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
