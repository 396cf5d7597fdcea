//! The checked-in JSON schema is the one the reader's tables give, and accepts what is written.
#![forbid(unsafe_code)]

use s390_iommu::scenario::{json_schema, parse, to_json};
use serde_json::Value;

#[test]
fn the_schema_file_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/scenario.schema.json");
    let now = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(file == now, "run the test with UPDATE=1 to rewrite engine/schema/scenario.schema.json");
}

#[test]
fn the_schema_accepts_what_is_written_and_rejects_other_keys() {
    let schema = json_schema();
    let scenario = parse(include_str!("data/everything.zpci.toml")).scenario.unwrap();
    let mut json: Value = serde_json::from_str(&to_json(&scenario)).unwrap();
    assert!(valid(&schema, &schema, &json));
    json["steps"][2]["szie"] = 1.into();
    assert!(!valid(&schema, &schema, &json), "an unknown key in a step");
    json["steps"][2].as_object_mut().unwrap().remove("szie");
    json["steps"][2]["unmap"] = 1.into();
    assert!(!valid(&schema, &schema, &json), "two verbs");
}

/// As much of a validator as this schema needs; patterns are not looked at.
fn valid(root: &Value, schema: &Value, value: &Value) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        return valid(root, root.pointer(name.strip_prefix('#').unwrap()).unwrap(), value);
    }
    let matching = |key: &str| {
        schema[key].as_array().map(|all| all.iter().filter(|schema| valid(root, schema, value)).count())
    };
    let kind = match schema["type"].as_str() {
        None => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some(other) => panic!("{other}"),
    };
    let items = value.as_array().is_none_or(|items| {
        items.iter().enumerate().all(|(i, item)| {
            let schema = schema["prefixItems"].get(i).or_else(|| schema.get("items"));
            schema.is_none_or(|schema| valid(root, schema, item))
        })
    });
    let entries = value.as_object().is_none_or(|entries| {
        let required = schema["required"].as_array();
        required.is_none_or(|keys| keys.iter().all(|key| entries.contains_key(key.as_str().unwrap())))
            && entries.iter().all(|(key, value)| {
                match schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]) {
                    Value::Bool(allowed) => *allowed,
                    Value::Null => true,
                    schema => valid(root, schema, value),
                }
            })
    });
    kind && items
        && entries
        && schema.get("const").is_none_or(|only| only == value)
        && schema["enum"].as_array().is_none_or(|words| words.contains(value))
        && matching("anyOf").is_none_or(|count| count > 0)
        && matching("oneOf").is_none_or(|count| count == 1)
}
