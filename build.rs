//! Takes what the documentation page shows the contract with, Swagger UI, out of the crate that carries it.
//!
//! The crate holds a zip archive of all its sources. Only what browsers ask for goes into the program, as it is
//! compressed there: a deflated entry is a gzip file (RFC 1952) but for the header and the trailer.

use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};
use std::{env, error::Error, fs, path::PathBuf};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// What is taken, by where it stands in the archive, below the folder that names the version. `src/http/pages/docs.rs` serves it.
const TAKEN: [&str; 5] =
    ["LICENSE", "NOTICE", "dist/favicon-32x32.png", "dist/swagger-ui-bundle.js", "dist/swagger-ui.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("swagger-ui");
    fs::create_dir_all(&out)?;

    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED)?;
    let mut missing = TAKEN.to_vec();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        let path = entry.file_path().try_normalize()?.as_ref().to_owned();
        let Some((_, path)) = path.split_once('/') else { continue };
        if let Some(at) = missing.iter().position(|taken| *taken == path) {
            missing.swap_remove(at);
            let (name, bytes) = take(&archive, &entry, path)?;
            fs::write(out.join(name), bytes)?;
        }
    }
    if !missing.is_empty() {
        return Err(
            format!("the archive of utoipa-swagger-ui-vendored has no {missing:?}: what is it called now?").into()
        );
    }
    Ok(())
}

/// The name and the content of the file to write: `NAME` if the entry is stored, `NAME.gz` if it is deflated.
fn take(
    archive: &ZipSliceArchive<&[u8]>,
    entry: &ZipFileHeaderRecord<'_>,
    path: &str,
) -> Result<(String, Vec<u8>), Box<dyn Error>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let data = archive.get_entry(entry.wayfinder())?.data();
    match entry.compression_method() {
        CompressionMethod::STORE => Ok((name.to_owned(), data.to_vec())),
        CompressionMethod::DEFLATE => {
            let size = u32::try_from(entry.uncompressed_size_hint())?;
            // The magic number, "deflate", no flags, no time, nothing about the compression, an unknown system.
            let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
            file.extend_from_slice(data);
            file.extend_from_slice(&entry.crc32().to_le_bytes());
            file.extend_from_slice(&size.to_le_bytes());
            Ok((format!("{name}.gz"), file))
        }
        method => Err(format!("{path} is compressed by {method:?}, which is neither stored nor deflated").into()),
    }
}
