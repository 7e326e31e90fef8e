use super::*;

const STORE: &str = "a table";

fn image() -> Vec<u8> {
    let position = Position::new("cluster 7", 42).with_cursor("1:2:");
    let contact = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    let mut bytes = Vec::new();
    write_to(&mut bytes, STORE, &position, contact, |each| {
        each("https://a.example");
        each("https://b.example:8443");
    })
    .unwrap();
    bytes
}

fn error(bytes: &[u8]) -> String {
    match Image::read_from(bytes, STORE) {
        Ok(_) => panic!("the image was read"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_image_is_read_as_it_was_written() {
    let image = Image::read_from(&*image(), STORE).unwrap();
    assert_eq!(
        image.position,
        Position::new("cluster 7", 42).with_cursor("1:2:")
    );
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(1_030);
    assert_eq!(image.age(later), Some(Duration::from_secs(30)));
    assert_eq!(image.age(SystemTime::UNIX_EPOCH), None);
    assert_eq!(image.set.len(), 2);
}

#[test]
fn each_torn_image_is_an_error() {
    let bytes = image();
    for length in 0..bytes.len() {
        assert_eq!(error(&bytes[..length]), "the file is torn", "{length}");
    }
}

#[test]
fn each_changed_byte_is_an_error() {
    let bytes = image();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(
                Image::read_from(&*changed, STORE).is_err(),
                "bit {bit} of byte {at}"
            );
        }
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(error(&longer), "the file is damaged");
}

#[test]
fn the_error_says_what_the_file_is() {
    assert_eq!(
        error(b"https://a.example\n"),
        "the file is not an image of origins"
    );
    let mut newer = image();
    newer[8] = 3;
    assert_eq!(
        error(&newer),
        "the file has version 3 of the format; this program reads version 2"
    );
    let other = Image::read_from(&*image(), "another\ntable").err().unwrap();
    assert_eq!(
        other.to_string(),
        r#"the file is of another store, "a table""#
    );
}

/// With a right checksum, as an attacker makes it.
#[test]
fn a_length_of_an_attacker_needs_no_memory() {
    let with_sum = |mut bytes: Vec<u8>| {
        let sum = crc32fast::hash(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    };
    let bytes = image();
    let mut long = bytes[..bytes.len() - 4].to_vec();
    long[32..36].fill(0xff);
    assert_eq!(error(&with_sum(long)), "the file is damaged");
}

/// Images that an attacker makes, with a right checksum: none panics, and none makes anything but an origin of one site allowed.
#[test]
fn generated_images_never_panic() {
    let valid = image();
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut read = 0;
    for _ in 0..50_000 {
        let mut bytes = valid[..valid.len() - 4].to_vec();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = u8::try_from(random(256)).unwrap(),
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, u8::try_from(random(256)).unwrap()),
                _ => bytes.extend_from_within(at..),
            }
        }
        let sum = crc32fast::hash(&bytes);
        bytes.extend(sum.to_le_bytes());
        if let Ok(image) = Image::read_from(&*bytes, STORE) {
            read += 1;
            assert!(image.set.len() <= bytes.len() / "https://a.b".len());
        }
    }
    assert!(read > 1_000, "only {read} images were read");
}
