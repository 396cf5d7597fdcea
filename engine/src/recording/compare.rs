//! Compares what was recorded with what happens here, and says where they part.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The scenario, as `id @ revision`.
    pub scenario: String,
    /// Where in it: `results[3].hw[0][4]`.
    pub place: String,
    /// The operation concerned, as recorded.
    pub operation: Option<Value>,
    /// What the real driver did.
    pub recorded: Value,
    /// What happens here.
    pub here: Value,
}

impl Mismatch {
    /// A mismatch that is a sentence.
    pub(super) fn sentence(scenario: String, place: &str, operation: Option<&Value>, here: String) -> Self {
        Self {
            scenario,
            place: place.to_owned(),
            operation: operation.cloned(),
            recorded: Value::Null,
            here: Value::String(here),
        }
    }
}

/// What is different from a recorded value, as mismatches.
pub(super) fn report(
    scenario: &str,
    place: &str,
    operation: Option<&Value>,
    recorded: &Value,
    here: &Value,
) -> Vec<Mismatch> {
    let mut found = Vec::new();
    differences(recorded, here, place, &mut found);
    found
        .into_iter()
        .map(|(place, recorded, here)| Mismatch {
            scenario: scenario.to_owned(),
            place,
            operation: operation.cloned(),
            recorded,
            here,
        })
        .collect()
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, place, recorded, here, .. } = self;
        match (recorded, here) {
            (Value::Null, Value::String(sentence)) => write!(f, "{scenario}: {place}: {sentence}"),
            _ => write!(f, "{scenario}: {place}: recorded {recorded}, here {here}"),
        }?;
        self.operation.as_ref().map_or(Ok(()), |operation| write!(f, "\n    {operation}"))
    }
}

/// Each place in which two values differ, with both sides; a missing side is null.
fn differences(recorded: &Value, here: &Value, place: &str, found: &mut Vec<(String, Value, Value)>) {
    match (recorded, here) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                differences(a, b, &format!("{place}.{key}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{place}[{index}]"), found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push((place.to_owned(), a.clone(), b.clone())),
    }
}
