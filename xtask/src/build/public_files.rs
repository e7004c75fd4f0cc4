//! Files that are served as they are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Makes `to` hold exactly the files of `from`, but leaves the entry `except` in `to` alone.
pub fn copy(from: &Path, to: &Path, except: &str) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let mut kept = BTreeSet::from([OsStr::new(except).to_owned()]);
    if from.is_dir() {
        for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
            let entry = entry?;
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            if source.is_dir() {
                copy(&source, &target, "")?;
            } else {
                copy_when_changed(&source, &target)?;
            }
            kept.insert(entry.file_name());
        }
    }
    for entry in fs::read_dir(to).with_context(|| format!("cannot read {}", to.display()))? {
        let entry = entry?;
        if !kept.contains(&entry.file_name()) {
            let path = entry.path();
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

fn copy_when_changed(source: &Path, target: &Path) -> Result<()> {
    let content = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    if fs::read(target).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(target, content).with_context(|| format!("cannot write {}", target.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_follows_the_public_folder_and_keeps_the_page() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (public, site) = (folder.path().join("public"), folder.path().join("site"));
        fs::create_dir_all(public.join("icons")).expect("a folder");
        fs::create_dir_all(site.join("pkg")).expect("a folder");
        fs::write(public.join("icons/logo.svg"), "<svg/>").expect("a file");
        fs::write(site.join("pkg/page.js"), "1").expect("a file");
        fs::write(site.join("gone.txt"), "old").expect("a file");

        copy(&public, &site, "pkg").expect("a copy");

        assert_eq!(
            fs::read_to_string(site.join("icons/logo.svg")).expect("the icon"),
            "<svg/>"
        );
        assert!(site.join("pkg/page.js").exists());
        assert!(!site.join("gone.txt").exists());
    }
}
