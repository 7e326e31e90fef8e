//! Reads an IPv4 address: four decimal numbers from 0 to 255 without leading zeros.

/// The state after some bytes of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ipv4 {
    /// The number of dots.
    dots: u8,
    /// The number after the last dot, or a number that allows the same continuations.
    number: Option<u8>,
    is_loopback: bool,
}

impl Ipv4 {
    pub(crate) const START: Self = Self {
        dots: 0,
        number: None,
        is_loopback: false,
    };

    pub(crate) fn next(self, byte: u8) -> Option<Self> {
        match byte {
            b'.' if self.dots < 3 => Some(Self {
                dots: self.dots + 1,
                number: None,
                is_loopback: self.is_loopback || self.dots == 0 && self.number? == 127,
            })
            .filter(|_| self.number.is_some()),
            b'0'..=b'9' => {
                let digit = byte - b'0';
                let number = match self.number {
                    None => digit,
                    Some(0) => return None,
                    Some(number) => number.checked_mul(10)?.checked_add(digit)?,
                };
                let number = if self.dots == 0 && matches!(number, 12 | 127) {
                    number
                } else {
                    representative(number)
                };
                Some(Self {
                    number: Some(number),
                    ..self
                })
            }
            _ => None,
        }
    }

    /// Forgets whether the address is a loopback address.
    pub(crate) fn without_loopback(self) -> Self {
        let number = if self.dots == 0 {
            self.number.map(representative)
        } else {
            self.number
        };
        Self {
            number,
            is_loopback: false,
            ..self
        }
    }

    /// Returns whether the address is a loopback address, or `None` if the bytes so far are not an address.
    pub(crate) fn is_loopback_or_other(self) -> Option<bool> {
        (self.dots == 3 && self.number.is_some()).then_some(self.is_loopback)
    }
}

/// Returns a number after which the same digits can follow.
fn representative(number: u8) -> u8 {
    match number {
        3..=9 => 3,
        10..=19 => 10,
        20..=24 => 20,
        26..=99 => 26,
        100.. => 100,
        0..=2 | 25 => number,
    }
}
