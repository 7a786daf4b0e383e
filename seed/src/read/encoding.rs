//! Tells by its first bytes that a file is no text in UTF-8, and what turns it into one.

/// The length of the longest signature, in bytes.
pub(super) const LONGEST_SIGNATURE: usize = 6;

const UTF_16: &str = "this is UTF-16, not UTF-8: convert it (iconv -f UTF-16 -t UTF-8 FILE | payments seed --file -)";

/// The first bytes of what people pass by mistake, and what to do instead. JSON begins with none of these.
const SIGNATURES: [(&[u8], &str); 9] = [
    (b"\x1F\x8B", "this is compressed by gzip: unpack it (gunzip -c FILE | payments seed --file -)"),
    (b"\x28\xB5\x2F\xFD", "this is compressed by zstd: unpack it (zstd -dc FILE | payments seed --file -)"),
    (b"\xFD7zXZ\0", "this is compressed by xz: unpack it (xz -dc FILE | payments seed --file -)"),
    (b"BZh", "this is compressed by bzip2: unpack it (bunzip2 -c FILE | payments seed --file -)"),
    (b"PK\x03\x04", "this is a zip archive: unpack it (unzip -p FILE | payments seed --file -)"),
    (b"\xFF\xFE", UTF_16),
    (b"\xFE\xFF", UTF_16),
    // Without a byte order mark: JSON begins with a character of ASCII.
    (b"{\0", UTF_16),
    (b"[\0", UTF_16),
];

/// Why a file that begins with these bytes cannot be read; `None` if it can.
pub(super) fn refuse(beginning: &[u8]) -> Option<&'static str> {
    let known = SIGNATURES.iter().find(|(signature, _)| beginning.starts_with(signature)).map(|(_, reason)| *reason);
    known.or_else(|| (beginning.first() == Some(&0) && beginning.len() > 1).then_some(UTF_16))
}
