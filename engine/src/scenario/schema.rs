//! The JSON Schema of scenario files, and of the forms of numbers in them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

macro_rules! schema_only {
    ($(#[$doc:meta])* $name:ident, $schema:expr) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema_only!(
    /// A 64-bit number: integer, or hexadecimal text.
    Number,
    json_schema!({
        "description": "A number of at most 64 bits: an integer, or hexadecimal text such as \"0x1_0000_0000\".",
        "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^(0|0x[0-9a-fA-F][0-9a-fA-F_]*)$" }
        ]
    })
);

schema_only!(
    /// A number of bytes: also in words.
    Size,
    json_schema!({
        "description": "A number of bytes: an integer, hexadecimal text, or words such as \"4 KiB\".",
        "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^(0|0x[0-9a-fA-F][0-9a-fA-F_]*|[0-9]+ ?(B|KiB|MiB|GiB|TiB))$" }
        ]
    })
);

schema_only!(
    /// A return code.
    ReturnCode,
    json_schema!({
        "description": "0, a negative error number, or the name of an error such as \"EINVAL\".",
        "anyOf": [
            { "type": "integer", "minimum": -4095, "maximum": 0 },
            { "type": "string", "pattern": "^-?E[A-Z]+$" }
        ]
    })
);

schema_only!(
    /// A processor.
    Cpu,
    json_schema!({ "description": "The processor that takes the step.", "enum": ["cpu0", "cpu1"] })
);

schema_only!(
    /// `{ clear_inject = true }`.
    ClearInject,
    json_schema!({
        "description": "Disarm every injected failure.",
        "type": "object",
        "properties": { "clear_inject": { "const": true } },
        "required": ["clear_inject"]
    })
);

/// One value or an array of them.
pub(super) struct OneOrMany<T>(std::marker::PhantomData<T>);

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
