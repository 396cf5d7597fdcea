//! Which code a recorded line is of: told by the keys that only its family has.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::compare::Mismatch;
use super::{groups, insn, iova, legacy, model, replay as driver};

/// Keys of a line; what they hold does not matter yet.
#[derive(Deserialize)]
struct Keys {
    hw_script: Option<IgnoredAny>,
    config: Option<IgnoredAny>,
    init: Option<IgnoredAny>,
    device: Option<IgnoredAny>,
    strict: Option<IgnoredAny>,
}

/// Replays a line: how many operations it has, and where it differs.
///
/// # Errors
/// A line that cannot be read comes as a mismatch: what cannot be replayed does not agree.
pub(super) fn replay(line: &str) -> Result<(u64, Vec<Mismatch>), Box<Mismatch>> {
    let keys: Keys = read(line)?;
    if keys.hw_script.is_some() {
        return Ok((1, insn::replay(&read(line)?)));
    }
    if keys.config.is_some() && keys.init.is_some() {
        return iova::replay(line);
    }
    if keys.device.is_some() && keys.strict.is_some() {
        let scenario: legacy::Scenario = read(line)?;
        return Ok((scenario.ops.len() as u64, legacy::replay(&scenario)));
    }
    let scenario = model::Scenario::parse(line)?;
    let replay = if groups::recognises(&scenario) { groups::replay } else { driver::replay };
    Ok((scenario.ops.len() as u64, replay(&scenario)))
}

/// Reads a line as what it should be.
pub(super) fn read<T: DeserializeOwned>(line: &str) -> Result<T, Box<Mismatch>> {
    serde_json::from_str(line).map_err(|error| {
        let beginning = line.chars().take(60).collect();
        Box::new(Mismatch::sentence(beginning, "line", None, format!("not a recorded scenario: {error}")))
    })
}
