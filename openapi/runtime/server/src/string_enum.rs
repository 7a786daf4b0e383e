//! Enums of strings, as the contract has them.

/// Reads and writes an enum as the strings of the contract.
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
/// assert_eq!(decode::<Colour, ()>(br#""mauve""#, &mut faults), None);
/// assert_eq!(faults.into_vec()[0].detail, "must be one of: red deep-blue");
/// ```
#[macro_export]
macro_rules! string_enum {
    ($name:ident, $($variant:ident = $value:literal),+ $(,)?) => {
        impl<R: ?Sized> $crate::Decode<R> for $name {
            fn decode(json: $crate::Json<'_>, faults: &mut $crate::Faults) -> Option<Self> {
                let text = <String as $crate::Decode<R>>::decode(json, faults)?;
                match text.as_str() {
                    $($value => Some(Self::$variant),)+
                    _ => {
                        faults.report(concat!("must be one of:", $(" ", $value),+));
                        None
                    }
                }
            }
        }

        impl $crate::Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant => $crate::Encode::encode($value, out),)+
                }
            }
        }
    };
}
