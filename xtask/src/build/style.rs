//! The style sheet: `style/main.css` with its imports put in place, so that a page asks for one file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::write_served;

/// Imports nest this deep at most; deeper is a circle.
const DEPTH_MAX: usize = 4;

/// Writes the style sheet when it changed.
pub fn build(main: &Path, to: &Path) -> Result<()> {
    if !main.exists() {
        return Ok(());
    }
    write_served(to, with_imports(main, 0)?.as_bytes())?;
    Ok(())
}

fn with_imports(file: &Path, depth: usize) -> Result<String> {
    if depth > DEPTH_MAX {
        bail!("{} is imported more than {DEPTH_MAX} levels deep", file.display());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut sheet = String::with_capacity(text.len());
    for (index, line) in text.lines().enumerate() {
        match Import::parse(line) {
            None => sheet.push_str(line),
            Some(Err(reason)) => bail!("{}:{}: {reason}: {line}", file.display(), index + 1),
            Some(Ok(import)) => {
                let imported = with_imports(&file.with_file_name(&import.path), depth + 1)?;
                match import.layer {
                    Some(layer) => {
                        sheet.push_str("@layer ");
                        sheet.push_str(&layer);
                        sheet.push_str(" {\n");
                        sheet.push_str(&imported);
                        sheet.push('}');
                    }
                    None => sheet.push_str(&imported),
                }
            }
        }
        sheet.push('\n');
    }
    Ok(sheet)
}

/// `@import "file.css";` or `@import "file.css" layer(name);`, alone on its line.
#[derive(Debug, PartialEq, Eq)]
struct Import {
    path: String,
    layer: Option<String>,
}

impl Import {
    fn parse(line: &str) -> Option<Result<Self, &'static str>> {
        let rest = line.trim().strip_prefix("@import")?.trim();
        Some(
            Self::parse_arguments(rest)
                .ok_or("an import is written `@import \"file.css\";`, with `layer(name)` at most"),
        )
    }

    fn parse_arguments(rest: &str) -> Option<Self> {
        let rest = rest.strip_suffix(';')?;
        let rest = rest
            .strip_prefix("url(")
            .map_or(Some(rest), |inner| inner.strip_suffix(')'))?;
        let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let (path, condition) = rest[1..].split_once(quote)?;
        let layer = match condition.trim() {
            "" => None,
            condition => Some(condition.strip_prefix("layer(")?.strip_suffix(')')?.to_owned()),
        };
        Some(Self {
            path: path.to_owned(),
            layer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_put_in_place() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write =
            |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a written file");
        write(
            "main.css",
            "@import \"tokens.css\";\n@import 'table.css' layer(ui);\nbody { margin: 0 }\n",
        );
        write("tokens.css", ":root { --accent: navy }\n");
        write("table.css", "table { width: 100% }\n");
        let sheet = with_imports(&folder.path().join("main.css"), 0).expect("a sheet");
        assert_eq!(
            sheet,
            ":root { --accent: navy }\n\n@layer ui {\ntable { width: 100% }\n}\nbody { margin: 0 }\n"
        );
    }

    #[test]
    fn a_circle_ends_with_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let main = folder.path().join("main.css");
        fs::write(&main, "@import \"main.css\";\n").expect("a written file");
        let error = with_imports(&main, 0).expect_err("a circle");
        assert!(error.to_string().contains("levels deep"), "{error}");
    }

    #[test]
    fn what_cannot_be_put_in_place_is_refused() {
        assert!(matches!(
            Import::parse("@import \"print.css\" print;"),
            Some(Err(_))
        ));
        assert_eq!(Import::parse(".imported { color: red }"), None);
    }
}
