//! How each kind of value is read, written and described: the one place that all three follow.

use serde_json::{Value as Json, json};

use super::out::Out;
use crate::scenario::number::{self, Bad};
use crate::scenario::parse::code;
use crate::scenario::parse::context::{Context, clip, suggest};
use crate::scenario::parse::tree::{Node, Value};

/// A kind of value in a file.
pub(in crate::scenario) trait Codec {
    /// What it is in memory.
    type Value;

    /// Reads it; `None` if it is wrong, which is noted in the context.
    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self::Value>;
    /// Writes it.
    fn write(value: &Self::Value) -> Out;
    /// Its JSON schema.
    fn schema() -> Json;
    /// What a missing one means, for those that depend on what was declared.
    fn implied(_: &Context<'_>) -> Option<Self::Value> {
        None
    }
    /// Most elements of a list of these, with the code for more.
    const MOST: Option<(usize, &'static str)> = None;
}

/// Notes that a value is of the wrong kind.
pub(super) fn wrong<T>(node: &Node, takes: &str, cx: &mut Context<'_>) -> Option<T> {
    let message = format!("this takes {takes}, not {}", node.value.kind());
    cx.error(code::TYPE, &node.span, message, None)
}

/// The text in a node.
pub(super) fn text<'n>(node: &'n Node, takes: &str, cx: &mut Context<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => wrong(node, takes, cx),
    }
}

/// How a text gives a number.
type FromText = fn(&str) -> Result<u64, Bad>;

/// An integer from 0 to `most`; texts go through `parse`.
fn number(node: &Node, most: u64, parse: Option<FromText>, cx: &mut Context<'_>) -> Option<u64> {
    let number = match (&node.value, parse) {
        (Value::Int(number), _) if *number < 0 => {
            return cx.error(code::NEGATIVE, &node.span, format!("{number} is negative"), None);
        }
        (Value::Int(number), _) => u64::try_from(*number).map_err(|_| Bad::TooLarge),
        (Value::Wide, _) => Err(Bad::TooLarge),
        (Value::Text(text), Some(parse)) => parse(text),
        _ => return wrong(node, "a number", cx),
    };
    match number {
        Ok(number) if number <= most => Ok(number),
        Ok(number) => Err((code::RANGE, format!("{number} is more than {most}"), None)),
        Err(Bad::TooLarge) => {
            let wide = matches!(node.value, Value::Wide);
            let help = wide.then(|| "quote numbers above 2^63-1, as in \"0xffff_ffff_ffff_f000\"".to_owned());
            Err((code::OVERFLOW, "the number does not fit".to_owned(), help))
        }
        Err(Bad::Form) => {
            let Value::Text(text) = &node.value else { return None };
            let help =
                "integers need no quotes; quoted numbers are hexadecimal: \"0x1_0000_0000\"".to_owned();
            Err((code::NUMBER, format!("{:?} is not a number", clip(text)), Some(help)))
        }
    }
    .or_else(|(code, message, help)| cx.error(code, &node.span, message, help).ok_or(()))
    .ok()
}

macro_rules! codec {
    ($(#[$doc:meta])* $name:ident $(<$word:ident>)?: $value:ty, |$node:ident, $cx:ident| $read:expr, |$v:ident| $write:expr, $schema:expr) => {
        $(#[$doc])*
        pub(in crate::scenario) struct $name;

        impl Codec for $name {
            type Value = $value;

            fn read($node: &Node, $cx: &mut Context<'_>) -> Option<$value> {
                $read
            }

            fn write($v: &$value) -> Out {
                $write
            }

            fn schema() -> Json {
                $schema
            }
        }
    };
}
pub(super) use codec;

codec!(
    /// Any text.
    Text: String,
    |node, cx| text(node, "a text", cx).map(str::to_owned),
    |value| Out::Text(value.clone()),
    json!({ "type": "string" })
);
codec!(
    /// Yes or no.
    Bool: bool,
    |node, cx| match node.value {
        Value::Bool(value) => Some(value),
        _ => wrong(node, "true or false", cx),
    },
    |value| Out::Bool(*value),
    json!({ "type": "boolean" })
);
codec!(
    /// An address, or any word of 64 bits.
    Addr: u64,
    |node, cx| number(node, u64::MAX, Some(number::parse_hex), cx),
    |value| Out::Hex(*value),
    json!({ "$ref": "#/$defs/address" })
);
codec!(
    /// Bytes as text: two hexadecimal digits each.
    HexBytes: Vec<u8>,
    |node, cx| {
        let digits = text(node, "hexadecimal digits, two for each byte", cx)?;
        number::parse_bytes(digits).or_else(|| {
            let message = format!("{:?} is not at most 65,536 bytes in hexadecimal", clip(digits));
            cx.error(code::BYTES, &node.span, message, Some("for example \"00 11 22 33\"".to_owned()))
        })
    },
    |value| Out::Text(number::bytes_text(value)),
    json!({ "type": "string", "pattern": "^([0-9a-fA-F]{2}[ _]?)*$" })
);
codec!(
    /// A number of bytes.
    Bytes: u64,
    |node, cx| number(node, u64::MAX, Some(number::parse_size), cx),
    |value| number::size_text(*value).map_or(Out::Hex(*value), Out::Text),
    json!({ "$ref": "#/$defs/size" })
);
codec!(
    /// How many; hexadecimal text only when it must be.
    Count: u64,
    |node, cx| number(node, u64::MAX, Some(number::parse_hex), cx),
    |value| i64::try_from(*value).map_or(Out::Hex(*value), Out::Int),
    json!({ "$ref": "#/$defs/address" })
);
codec!(
    /// A count of 32 bits.
    Small: u32,
    |node, cx| number(node, u32::MAX.into(), Some(number::parse_hex), cx).map(|number| number as u32),
    |value| Out::Int((*value).into()),
    json!({ "$ref": "#/$defs/address" })
);
codec!(
    /// An identifier of 32 bits.
    Id: u32,
    |node, cx| number(node, u32::MAX.into(), Some(number::parse_hex), cx).map(|number| number as u32),
    |value| Out::Hex((*value).into()),
    json!({ "$ref": "#/$defs/address" })
);
codec!(
    /// A condition code.
    ConditionCode: u8,
    |node, cx| number(node, 3, None, cx).map(|number| number as u8),
    |value| Out::Int((*value).into()),
    json!({ "type": "integer", "minimum": 0, "maximum": 3 })
);
codec!(
    /// A byte.
    Byte: u8,
    |node, cx| number(node, 255, Some(number::parse_hex), cx).map(|number| number as u8),
    |value| Out::Int((*value).into()),
    json!({ "$ref": "#/$defs/address" })
);
codec!(
    /// What a kernel function returns.
    ReturnCode: i32,
    |node, cx| return_code(node, cx),
    |value| number::errno_name(*value).map_or(Out::Int((*value).into()), |name| Out::Text(name.to_owned())),
    json!({ "$ref": "#/$defs/return_code" })
);
codec!(
    /// A processor.
    Cpu: u8,
    |node, cx| match text(node, "\"cpu0\" or \"cpu1\"", cx)? {
        "cpu0" => Some(0),
        "cpu1" => Some(1),
        other => cx.error(
            code::WORD,
            &node.span,
            format!("there is no processor {:?}", clip(other)),
            Some("one of cpu0, cpu1".to_owned())
        ),
    },
    |value| Out::Text(format!("cpu{value}")),
    json!({ "enum": ["cpu0", "cpu1"] })
);
codec!(
    /// First and last address.
    Pair: [u64; 2],
    |node, cx| match &node.value {
        Value::Array(items) if items.len() == 2 => {
            let [first, last] = [0, 1].map(|i| cx.at_index(i, |cx| Addr::read(&items[i], cx)));
            Some([first?, last?])
        }
        Value::Array(_) => {
            cx.error(code::TYPE, &node.span, "a range is [first, last]: two addresses".to_owned(), None)
        }
        _ => wrong(node, "[first, last]", cx),
    },
    |value| Out::Array(value.iter().map(Addr::write).collect()),
    json!({ "type": "array", "items": Addr::schema(), "minItems": 2, "maxItems": 2 })
);

fn return_code(node: &Node, cx: &mut Context<'_>) -> Option<i32> {
    let (message, help) = match &node.value {
        Value::Int(number @ -4095..=0) => return i32::try_from(*number).ok(),
        Value::Int(number @ 1..=4095) => {
            (format!("{number} is positive"), Some(format!("error numbers are negative: -{number}")))
        }
        Value::Int(_) | Value::Wide => ("no return code is that large".to_owned(), None),
        Value::Text(text) => match number::parse_errno(text) {
            Some(rc) => return Some(rc),
            None => (
                format!("{:?} names no error", clip(text)),
                suggest(text, number::ERRNOS.iter().map(|(name, _)| *name)),
            ),
        },
        _ => return wrong(node, "an error's name or number", cx),
    };
    cx.error(code::RETURN_CODE, &node.span, message, help)
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    node: &Node,
    words: &[&str],
    find: impl Fn(&str) -> Option<T>,
    cx: &mut Context<'_>,
) -> Option<T> {
    let takes = format!("one of {}", words.join(", "));
    let word = text(node, &takes, cx)?;
    find(word).or_else(|| {
        let help = suggest(word, words).unwrap_or(takes);
        cx.error(code::WORD, &node.span, format!("unknown word {:?}", clip(word)), Some(help))
    })
}

/// The schemas that others refer to.
pub(in crate::scenario) fn definitions() -> Vec<(&'static str, Json)> {
    const HEX: &str = "0|0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*";
    let integer = json!({ "type": "integer", "minimum": 0 });
    vec![
        (
            "address",
            json!({
                "description": "A number of at most 64 bits: an integer, or hexadecimal text such as \"0x1_0000_0000\".",
                "anyOf": [integer, { "type": "string", "pattern": format!("^({HEX})$") }],
            }),
        ),
        (
            "size",
            json!({
                "description": "A number of bytes: an integer, hexadecimal text, or words such as \"4 KiB\".",
                "anyOf": [integer, { "type": "string", "pattern": format!("^({HEX}|[0-9]+ ?[KMGT]iB)$") }],
            }),
        ),
        (
            "return_code",
            json!({
                "description": "0, a negative error number, or the name of an error.",
                "anyOf": [
                    { "type": "integer", "minimum": -4095, "maximum": 0 },
                    { "enum": number::ERRNOS.iter().flat_map(|(name, _)| [(*name).to_owned(), format!("-{name}")]).collect::<Vec<_>>() },
                ],
            }),
        ),
    ]
}
