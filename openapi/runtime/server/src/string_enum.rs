//! Enums whose values are strings.

/// Implements decoding and encoding of an enum as the strings of the contract, in JSON and in the query.
///
/// ```
/// use openapi_server::{Encode, Faults, decode};
///
/// #[derive(Debug, PartialEq)]
/// enum Colour {
///     Red,
///     DeepBlue,
/// }
///
/// openapi_server::string_enum!(Colour, Red = "red", DeepBlue = "deep-blue");
///
/// let mut faults = Faults::default();
/// assert_eq!(decode::<Colour, ()>(br#""deep-blue""#, &mut faults), Some(Colour::DeepBlue));
/// assert_eq!(Colour::DeepBlue.as_str(), "deep-blue");
/// assert_eq!(decode::<Colour, ()>(br#""mauve""#, &mut faults), None);
/// assert_eq!(faults.into_vec()[0].detail, "must be one of: red deep-blue");
/// ```
#[macro_export]
macro_rules! string_enum {
    ($name:ident, $($variant:ident = $value:literal),+ $(,)?) => {
        impl $name {
            /// The value as the contract spells it.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)+
                }
            }
        }

        impl $crate::input::Word for $name {
            const EXPECTED: &'static str = concat!("must be one of:", $(" ", $value),+);

            fn read(text: &str) -> Option<Self> {
                match text {
                    $($value => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl<R: ?Sized> $crate::Decode<R> for $name {
            fn decode(json: $crate::Json<'_>, faults: &mut $crate::Faults) -> Option<Self> {
                let text = <String as $crate::Decode<R>>::decode(json, faults)?;
                let value = <Self as $crate::input::Word>::read(&text);
                if value.is_none() {
                    faults.report(<Self as $crate::input::Word>::EXPECTED);
                }
                value
            }
        }

        impl $crate::Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                $crate::Encode::encode(self.as_str(), out);
            }
        }
    };
}
