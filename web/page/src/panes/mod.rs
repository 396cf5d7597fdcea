//! The three parts of the page: the scenario, its steps, the system after the step.

mod scenario;
mod steps;
mod system;

pub use scenario::{ScenarioProps, scenario};
pub use steps::{StepsProps, steps};
pub use system::{SystemProps, system};
