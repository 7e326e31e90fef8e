//! Reads an IPv6 address in the form of the URL standard's [IPv6 serializer](https://url.spec.whatwg.org/#concept-ipv6-serializer): the
//! first longest run of two or more zero pieces is compressed, and pieces have no leading zeros.

/// The state after some bytes of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ipv6 {
    /// The number of complete pieces.
    pieces: u8,
    /// The number of zero pieces before this place.
    run: u8,
    /// The longest run of zero pieces, in the part before `::` or, after it, in the part after it.
    longest: u8,
    /// The longest run in the part before `::`, once that was read.
    longest_before: Option<u8>,
    last: Last,
    /// The number of bytes of `::1` that were read, if nothing else was.
    loopback: Option<u8>,
}

/// What the last bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Last {
    Nothing,
    /// A colon at the start, which another one must follow.
    FirstColon,
    Colon,
    Compression,
    /// A piece of this number of digits.
    Piece {
        digits: u8,
        is_zero: bool,
    },
}

impl Ipv6 {
    pub(crate) const START: Self = Self {
        pieces: 0,
        run: 0,
        longest: 0,
        longest_before: None,
        last: Last::Nothing,
        loopback: Some(0),
    };

    pub(crate) fn next(self, byte: u8) -> Option<Self> {
        let next = match byte {
            b':' => self.colon(),
            b'0'..=b'9' | b'a'..=b'f' => self.digit(byte),
            _ => None,
        };
        let loopback = self
            .loopback
            .filter(|read| b"::1".get(usize::from(*read)) == Some(&byte));
        next.map(|next| Self {
            loopback: loopback.map(|read| read + 1),
            ..next
        })
    }

    fn digit(self, byte: u8) -> Option<Self> {
        let (digits, is_zero) = match self.last {
            Last::FirstColon
            | Last::Piece { is_zero: true, .. }
            | Last::Piece { digits: 4.., .. } => return None,
            Last::Piece { digits, .. } => (digits + 1, false),
            // The compression would begin or end here.
            Last::Compression if byte == b'0' => return None,
            Last::Nothing | Last::Colon | Last::Compression => (1, byte == b'0'),
        };
        (self.pieces < 8).then_some(Self {
            last: Last::Piece { digits, is_zero },
            ..self
        })
    }

    fn colon(self) -> Option<Self> {
        let compressed = |address: Self| Self {
            run: 0,
            longest: 0,
            longest_before: Some(address.longest),
            last: Last::Compression,
            ..address
        };
        match self.last {
            Last::Nothing => Some(Self {
                last: Last::FirstColon,
                ..self
            }),
            Last::FirstColon => Some(compressed(self)),
            // The piece before `::` is not zero: a run that ends there would be compressed as well.
            Last::Colon if self.longest_before.is_none() && self.run == 0 => Some(compressed(self)),
            Last::Colon | Last::Compression => None,
            Last::Piece { .. } => Some(Self {
                last: Last::Colon,
                ..self.with_piece()
            }),
        }
    }

    /// Completes the last piece.
    fn with_piece(self) -> Self {
        let is_zero = matches!(self.last, Last::Piece { is_zero: true, .. });
        let run = if is_zero { self.run + 1 } else { 0 };
        Self {
            pieces: self.pieces + 1,
            run,
            longest: self.longest.max(run),
            ..self
        }
    }

    /// Forgets whether the address is the loopback address.
    pub(crate) fn without_loopback(self) -> Self {
        Self {
            loopback: None,
            ..self
        }
    }

    /// Returns whether the address is the loopback address, or `None` if the bytes so far are not an address.
    pub(crate) fn is_loopback_or_other(self) -> Option<bool> {
        let address = match self.last {
            Last::Piece { .. } => self.with_piece(),
            Last::Compression => self,
            Last::Nothing | Last::FirstColon | Last::Colon => return None,
        };
        let is_canonical = match address.longest_before {
            None => address.pieces == 8 && address.longest < 2,
            // The first of several longest runs is compressed, and only a run of two or more.
            Some(before) => {
                let compressed = 8_u8.checked_sub(address.pieces)?;
                compressed >= 2 && before < compressed && address.longest <= compressed
            }
        };
        is_canonical.then_some(address.loopback == Some(3))
    }
}
