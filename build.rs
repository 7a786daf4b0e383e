//! Unpacks Swagger UI, which the documentation page uses, from the crate that vendors it.
//!
//! The crate is a zip archive of all sources. Only the files that browsers load go into the program, still compressed:
//! a deflated entry becomes a gzip file (RFC 1952) with a header and a trailer.

use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};
use std::{env, error::Error, fs, path::PathBuf};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

/// The files to unpack, by path below the archive's top folder, whose name has the version. `src/http/pages/docs.rs`
/// serves them.
const FILES: [&str; 5] =
    ["LICENSE", "NOTICE", "dist/favicon-32x32.png", "dist/swagger-ui-bundle.js", "dist/swagger-ui.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("swagger-ui");
    fs::create_dir_all(&out)?;

    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED)?;
    let mut missing = FILES.to_vec();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        let path = entry.file_path().try_normalize()?.as_ref().to_owned();
        let Some((_, path)) = path.split_once('/') else { continue };
        if let Some(at) = missing.iter().position(|file| *file == path) {
            missing.swap_remove(at);
            let (name, bytes) = unpack(&archive, &entry, path)?;
            fs::write(out.join(name), bytes)?;
        }
    }
    if !missing.is_empty() {
        return Err(format!(
            "utoipa-swagger-ui-vendored has no {missing:?} any more: correct the paths in FILES, in build.rs"
        )
        .into());
    }
    Ok(())
}

/// Returns the name and the content of the file to write: `NAME` for a stored entry, `NAME.gz` for a deflated one.
fn unpack(
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
            // Magic number, method "deflate", no flags, no time, no compression level, unknown system.
            let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
            file.extend_from_slice(data);
            file.extend_from_slice(&entry.crc32().to_le_bytes());
            file.extend_from_slice(&size.to_le_bytes());
            Ok((format!("{name}.gz"), file))
        }
        method => Err(format!("{path} is compressed by {method:?}, which is neither stored nor deflated").into()),
    }
}
