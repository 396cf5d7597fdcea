//! The JSON schema of scenario files.

use serde_json::{Map, Value, json};

use super::Scenario;
use super::format::codec::{Codec as _, definitions};
use super::format::record::Rec;
use super::format::verbs::{step_expect_schema, step_schema};

/// The JSON schema (draft 2020-12) of a scenario file, TOML or JSON; made from the tables that the reader follows.
///
/// What a schema cannot say is left to the reader: whether names were declared, kernels exist, and numbers fit.
///
/// ```
/// let schema = s390_iommu::scenario::json_schema();
/// assert_eq!(schema["properties"]["schema"]["const"], 1);
/// ```
pub fn json_schema() -> Value {
    let mut schema = Rec::<Scenario>::schema();
    let mut defs: Map<String, Value> =
        definitions().into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    defs.insert("step".to_owned(), step_schema());
    defs.insert("step_expect".to_owned(), step_expect_schema());
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("s390-iommu scenario");
    schema["$defs"] = Value::Object(defs);
    schema
}
