/// Makes a visitor accept every value except maps and strings.
macro_rules! accept_others {
    ($lifetime:lifetime, $result:expr) => {
        accept_others!($lifetime, $result, seq => {
            while let Some(serde::de::IgnoredAny) = seq.next_element()? {}
            Ok($result)
        });
    };
    ($lifetime:lifetime, $result:expr, $seq:ident => $of_seq:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_i128<E>(self, _: i128) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_u128<E>(self, _: u128) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($result)
        }

        fn visit_seq<A: serde::de::SeqAccess<$lifetime>>(
            self,
            mut $seq: A,
        ) -> Result<Self::Value, A::Error> {
            $of_seq
        }
    };
}

pub(super) use accept_others;
