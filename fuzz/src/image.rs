//! The file with the image of a replica: an own reader and writer of its format, which `adapters/tokio/src/store/image.rs` describes.

/// The name of the store in the images of seeds, and of the store of the target.
pub const STORE: &str = "a store";

/// Where the time of the last contact is: seconds and nanoseconds.
pub const CONTACT: std::ops::Range<usize> = 12..24;

const MAX_TEXT: usize = 1024 * 1024;
const MAX_ORIGIN: usize = 512;

/// The content of a valid image.
#[derive(Clone, Debug)]
pub struct Image<'a> {
    /// The name of the store.
    pub name: &'a str,
    /// Seconds and nanoseconds of the last contact.
    pub contact: (u64, u32),
    /// All texts that stand for origins.
    pub origins: Vec<&'a str>,
}

/// Returns the content of a file, or `None` if it is not a valid image.
pub fn read(file: &[u8]) -> Option<Image<'_>> {
    let (body, sum) = file.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return None;
    }
    let mut rest = body.strip_prefix(b"OMNICORS\x02\0\0\0")?;
    let seconds = u64::from_le_bytes(*take(&mut rest)?);
    let nanoseconds = u32::from_le_bytes(*take(&mut rest)?);
    let _revision: &[u8; 8] = take(&mut rest)?;
    let name = text(&mut rest, MAX_TEXT)?;
    let _history = text(&mut rest, MAX_TEXT)?;
    let _cursor = text(&mut rest, MAX_TEXT)?;
    let mut origins = Vec::new();
    loop {
        match text(&mut rest, MAX_ORIGIN)? {
            "" => break,
            origin => origins.push(origin),
        }
    }
    rest.is_empty().then_some(Image {
        name,
        contact: (seconds, nanoseconds),
        origins,
    })
}

/// Returns an image without its checksum.
pub fn write(name: &str, origins: &[&str]) -> Vec<u8> {
    let mut file = b"OMNICORS\x02\0\0\0".to_vec();
    file.extend([0; 20]);
    for text in [name, "a history", "1:2:"]
        .iter()
        .chain(origins)
        .chain(&[""])
    {
        let length = u32::try_from(text.len()).expect("a short text");
        file.extend(length.to_le_bytes());
        file.extend(text.as_bytes());
    }
    file
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(taken)
}

fn text<'a>(rest: &mut &'a [u8], max: usize) -> Option<&'a str> {
    let length = u32::from_le_bytes(*take(rest)?) as usize;
    if length > max {
        return None;
    }
    let (text, left) = rest.split_at_checked(length)?;
    *rest = left;
    str::from_utf8(text).ok()
}
