//! The standard library for wasm32, which the page is compiled against.
//!
//! `rustup target add` is the ordinary way. Where its server cannot be reached, or the toolchain is not rustup's, the
//! library is built once from the source of exactly this compiler: Debian packages it as `rust-src`, and apt knows a
//! mirror. It must not be listed in `rust-toolchain.toml`: where rustup cannot fetch it, every cargo call then fails.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::command::{self, say};
use crate::workspace::{Workspace, cache, program};

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages of the compiler's source, by release: package version and SHA-256, for apt-helper checks no signature.
const SOURCE_PACKAGES: [(&str, &str, &str); 2] = [
    (
        "1.95.0",
        "1.95.0+dfsg1-2~bpo13+1",
        "7b76db5b880a77f9e52975d2baa6209d2f76d2c9c2789515c3088cb960e2c83b",
    ),
    (
        "1.95.0",
        "1.95.0+dfsg1-2",
        "8e39f55364384322c334f8453c1914b49de94c5a7eca02b427861a624d95854a",
    ),
];

/// A tar.xz or a folder of the compiler's `library/`, for machines that reach no mirror.
const LIBRARY_VARIABLE: &str = "DATA_RESTORE_RUST_LIBRARY";

/// The compiler that builds the page.
struct Compiler {
    release: String,
    commit: String,
    sysroot: PathBuf,
}

/// Makes the target usable with this compiler.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    let compiler = Compiler::ask(workspace)?;
    if compiler.has_target() {
        return Ok(());
    }
    if program("rustup").is_some() {
        say(format!("rustup target add {TARGET}"));
        if command::succeeds(
            Command::new("rustup")
                .args(["target", "add", TARGET])
                .current_dir(&workspace.root),
        ) && compiler.has_target()
        {
            return Ok(());
        }
        say("rustup cannot get the target here; building it from the compiler's source instead");
    }
    let built = compiler.build_target(workspace).with_context(|| {
        format!("cannot get the {TARGET} target of rustc {}; on a machine with a network `rustup target add {TARGET}` does it", compiler.release)
    })?;
    compiler.install(&built)?;
    // Cargo does not notice that std changed, and would fail with E0463 on what it compiled against the old one.
    let stale = workspace.target.join(TARGET);
    if stale.exists() {
        fs::remove_dir_all(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
    }
    Ok(())
}

impl Compiler {
    fn ask(workspace: &Workspace) -> Result<Self> {
        let rustc = || {
            let mut rustc = Command::new("rustc");
            rustc.current_dir(&workspace.root);
            rustc
        };
        let version = command::output(rustc().arg("-vV"))?;
        let field = |name: &str| {
            version
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                .map(str::to_owned)
                .with_context(|| format!("`rustc -vV` names no {name}"))
        };
        let sysroot = command::output(rustc().args(["--print", "sysroot"]))?;
        Ok(Self {
            release: field("release")?,
            commit: field("commit-hash")?,
            sysroot: PathBuf::from(sysroot.trim()),
        })
    }

    fn target_libraries(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET).join("lib")
    }

    fn has_target(&self) -> bool {
        has_std(&self.target_libraries())
    }

    /// Builds std and gives the folder its libraries lie in. The folder is a fixed one: the hashes in their names
    /// depend on the path they were built in.
    fn build_target(&self, workspace: &Workspace) -> Result<PathBuf> {
        let work = cache()?.join(format!("rust-std-{}", self.release));
        let built = work.join("target").join(TARGET).join("dist/deps");
        if has_std(&built) {
            return Ok(built);
        }
        let library = work.join("library");
        if library.exists() {
            fs::remove_dir_all(&library).with_context(|| format!("cannot remove {}", library.display()))?;
        }
        fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
        self.get_source(workspace, &work)?;
        say(format!("building std for {TARGET}"));
        let flags = format!(
            "-Zforce-unstable-if-unmarked --remap-path-prefix={}=/rustc/{}/library",
            library.display(),
            self.commit
        );
        command::run(
            command::cargo()
                .current_dir(&library)
                // std's own features are unstable; this is what the compiler's build does as well.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_PROFILE_DIST_DEBUG", "0")
                .env("RUSTFLAGS", flags)
                .env_remove("CARGO_ENCODED_RUSTFLAGS")
                .env_remove("CARGO_BUILD_TARGET")
                .args(["build", "--quiet", "--locked", "--profile", "dist", "--package", "sysroot"])
                .args(["--features", "compiler-builtins-mem", "--target", TARGET, "--target-dir"])
                .arg(work.join("target")),
        )?;
        ensure!(has_std(&built), "the build left no std in {}", built.display());
        Ok(built)
    }

    /// Puts the source of std into `work/library`.
    fn get_source(&self, workspace: &Workspace, work: &Path) -> Result<()> {
        if let Some(given) = env::var_os(LIBRARY_VARIABLE) {
            return unpack_library(Path::new(&given), work);
        }
        let from_apt = self.get_source_package(work);
        let kept = workspace.root.join(format!(
            "../shared/toolchain/rust-library-{}.tar.xz",
            self.release
        ));
        match from_apt {
            Err(_) if kept.is_file() => unpack_library(&kept, work),
            outcome => outcome.with_context(|| {
                format!(
                    "{LIBRARY_VARIABLE} may name a folder or a tar.xz of rustc's library/ of this release"
                )
            }),
        }
    }

    fn get_source_package(&self, work: &Path) -> Result<()> {
        let apt_helper = Path::new("/usr/lib/apt/apt-helper");
        if !apt_helper.exists() {
            bail!("this machine has no apt to get the compiler's source with");
        }
        let sites = command::output(Command::new("apt-get").args(["indextargets", "--format", "$(SITE)"]))?;
        let mut sites: Vec<&str> = sites.lines().filter(|site| site.contains("debian")).collect();
        sites.sort_unstable();
        sites.dedup();
        let package = work.join("rust-src.deb");
        let packages = SOURCE_PACKAGES
            .iter()
            .filter(|(release, ..)| *release == self.release);
        for (_, version, sha256) in packages {
            for site in &sites {
                say(format!("looking for Debian's rust-src {version}"));
                let address = format!("{site}/pool/main/r/rustc/rust-src_{version}_all.deb");
                let hash = format!("SHA256:{sha256}");
                if command::succeeds(
                    Command::new(apt_helper)
                        .arg("download-file")
                        .arg(address)
                        .arg(&package)
                        .arg(hash),
                ) {
                    return unpack_package(&package, work);
                }
            }
        }
        bail!(
            "no Debian mirror that apt knows here has the source of rustc {}",
            self.release
        )
    }

    /// Copies beside and renames, so that a copy cut short is not taken for a target.
    fn install(&self, built: &Path) -> Result<()> {
        let libraries = self.target_libraries();
        let partial = libraries.with_file_name("lib.partial");
        fs::create_dir_all(&partial).with_context(|| {
            format!(
                "cannot create {} (is the toolchain another user's?)",
                partial.display()
            )
        })?;
        for entry in fs::read_dir(built)? {
            let file = entry?.path();
            if let (Some("rlib"), Some(name)) =
                (file.extension().and_then(|end| end.to_str()), file.file_name())
            {
                fs::copy(&file, partial.join(name))
                    .with_context(|| format!("cannot install {}", file.display()))?;
            }
        }
        if libraries.exists() {
            fs::remove_dir_all(&libraries)
                .with_context(|| format!("cannot replace {}", libraries.display()))?;
        }
        fs::rename(&partial, &libraries).with_context(|| format!("cannot name {}", libraries.display()))
    }
}

/// Whether a folder holds std: with a hash in its name from rustup, without one from a build.
fn has_std(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name == "libstd.rlib" || (name.starts_with("libstd-") && name.ends_with(".rlib"))
        })
    })
}

fn unpack_package(package: &Path, work: &Path) -> Result<()> {
    let unpacked = work.join("package");
    command::run(
        Command::new("dpkg-deb")
            .arg("--extract")
            .arg(package)
            .arg(&unpacked),
    )?;
    let source = fs::read_dir(unpacked.join("usr/src"))
        .context("the package has no usr/src")?
        .flatten()
        .map(|entry| entry.path().join("library"))
        .find(|library| library.join("Cargo.lock").is_file())
        .context("the package has no rustc source")?;
    fs::rename(&source, work.join("library")).context("cannot move the unpacked library")?;
    fs::remove_dir_all(&unpacked).context("cannot remove the rest of the package")?;
    fs::remove_file(package).context("cannot remove the package")
}

/// Takes `library/` from a folder or an archive, whether or not either has that folder as its root.
fn unpack_library(from: &Path, work: &Path) -> Result<()> {
    let library = work.join("library");
    if from.is_dir() {
        let root = if from.join("library").is_dir() {
            from.join("library")
        } else {
            from.to_owned()
        };
        return command::run(Command::new("cp").arg("--recursive").arg(root).arg(&library));
    }
    let unpacked = work.join("archive");
    fs::create_dir_all(&unpacked)?;
    command::run(
        Command::new("tar")
            .arg("--extract")
            .arg("--file")
            .arg(from)
            .arg("--directory")
            .arg(&unpacked),
    )?;
    let root = [unpacked.join("library"), unpacked.clone()]
        .into_iter()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .with_context(|| format!("{} holds no library/Cargo.lock", from.display()))?;
    fs::rename(root, &library).context("cannot move the unpacked library")?;
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    Ok(())
}
