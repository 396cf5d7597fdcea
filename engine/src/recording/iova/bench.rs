//! A domain with what is around it: a device, CPUs, a clock, failures.

use serde_json::{Map, Value, json};

use super::model::{Config, Inject, Op};
use super::written;
use crate::addr::{Iova, IovaRange};
use crate::state::clock::Clock;
use crate::state::iova::cache::Magazines;
use crate::state::iova::queue::QueueKind;
use crate::state::iova::{Effect, Host, IovaDomain, Timer};
use crate::state::kernel::{Armed, Failure, FaultSite, Faults};

/// The most that one recorded operation may do.
const MOST: u64 = 1 << 20;

/// The most CPUs a kernel of this platform can have.
const CPUS: u16 = 512;

pub(super) struct Bench {
    domain: IovaDomain,
    aperture: IovaRange,
    /// Highest address the bus passes on.
    limit: u64,
    low_first: bool,
    cpu: u16,
    online: Vec<bool>,
    clock: Clock<Timer>,
    faults: Faults,
}

impl Bench {
    /// Initialises the domain; gives what is recorded of that too.
    pub(super) fn new(config: &Config, magazines: Magazines) -> Result<(Option<Self>, Value), String> {
        if !(1..=CPUS).contains(&config.cpus) {
            return Err(format!("{} CPUs, not 1 to {CPUS}", config.cpus));
        }
        let mut faults = Faults::default();
        for inject in &config.inject {
            arm(inject, &mut faults)?;
        }
        let range = |start, last| IovaRange::new(Iova::new(start), Iova::new(last));
        let aperture = range(config.aperture.0.0, config.aperture.1.0);
        let kind = if config.shadow_on_flush { QueueKind::Single } else { QueueKind::PerCpu };
        let asked = (config.kind == "dma_fq" && config.deferred_flush).then_some(kind);
        let Ok(mut domain) = IovaDomain::new(aperture, config.cpus, magazines, asked, &mut faults) else {
            return Ok((None, json!({ "rc": -12, "type": null })));
        };
        let windows = config.windows.iter().map(|(start, last)| range(start.0, last.0));
        let regions = config
            .reserved
            .iter()
            .map(|(start, len)| range(start.0, start.0.wrapping_add(len.0).wrapping_sub(1)));
        windows.chain(regions).for_each(|reserved| domain.reserve(reserved, &mut faults));
        let queue = domain.queue().is_some();
        let init = json!({ "rc": 0, "type": if queue { "dma_fq" } else { "dma" }, "queue": queue });
        let bench = Self {
            domain,
            aperture,
            limit: config.bus_dma_limit.map_or(u64::MAX, |limit| limit.0),
            low_first: config.sac_first,
            cpu: 0,
            online: vec![true; config.cpus.into()],
            clock: Clock::default(),
            faults: Faults::default(),
        };
        Ok((Some(bench), init))
    }

    /// Performs an operation and writes what it gives.
    pub(super) fn perform(&mut self, op: Op) -> Result<Value, String> {
        let mut result = Map::new();
        let mut effects = Vec::new();
        match op {
            Op::Alloc { size, limit } => {
                let found = self.alloc(size.0, limit.map(|limit| limit.0), &mut effects);
                result.insert("v".into(), written::address(found));
            }
            Op::AllocMany { size, count, limit } => {
                let found = self.alloc_many(size.0, count, limit.map(|limit| limit.0), &mut effects)?;
                result.insert("v".into(), written::addresses(&found));
            }
            Op::AllocQueue { size, count } => {
                let mut found = Vec::new();
                for _ in 0..few(count)? {
                    let iova = self.alloc(size.0, None, &mut effects);
                    found.push(iova);
                    let Some(iova) = iova else { break };
                    self.on(|domain, host| domain.defer(iova, size.0, host), &mut effects);
                }
                result.insert("v".into(), written::addresses(&found));
            }
            Op::Free { iova, size } => {
                self.on(|domain, host| domain.free(Iova::new(iova.0), size.0, host), &mut effects);
            }
            Op::Queue { iova, size } => {
                self.on(|domain, host| domain.defer(Iova::new(iova.0), size.0, host), &mut effects);
            }
            Op::FreeRun(run) => {
                few(run.count)?;
                for start in run.starts() {
                    self.on(|domain, host| domain.free(Iova::new(start), run.size.0, host), &mut effects);
                }
            }
            Op::QueueRun(run) => {
                few(run.count)?;
                for start in run.starts() {
                    self.on(|domain, host| domain.defer(Iova::new(start), run.size.0, host), &mut effects);
                }
            }
            Op::Cpu { cpu } => {
                self.online_of(cpu)?;
                self.cpu = cpu;
            }
            Op::CpuUp { cpu } => *self.online_of(cpu)? = true,
            Op::CpuDead { cpu } => {
                *self.online_of(cpu)? = false;
                self.on(|domain, host| domain.empty_cpu(cpu, host), &mut effects);
            }
            Op::Advance { ms } => {
                let until = self.clock.after(ms);
                while let Some(timer) = self.clock.next(until) {
                    self.on(|domain, host| domain.expire(timer, host), &mut effects);
                }
            }
            Op::Inject(inject) => arm(&inject, &mut self.faults)?,
            Op::ClearInject => self.faults.clear(),
            Op::Reinit => {
                let rc = if self.domain.serves(self.aperture) { 0 } else { -14 };
                result.insert("rc".into(), json!(rc));
            }
            Op::State { full } => return Ok(self.state(full)),
        }
        written::effects(&effects, &mut result);
        Ok(Value::Object(result))
    }

    /// What the domain looks like.
    pub(super) fn state(&self, full: bool) -> Value {
        written::state(&self.domain, self.clock.now(), full)
    }

    fn alloc(&mut self, bytes: u64, limit: Option<u64>, effects: &mut Vec<Effect>) -> Option<Iova> {
        let limit = limit.unwrap_or(u64::MAX).min(self.limit);
        let mut low_first = self.low_first;
        let found = self.on(|domain, host| domain.alloc(bytes, limit, &mut low_first, host), effects);
        self.low_first = low_first;
        found
    }

    fn alloc_many(
        &mut self,
        bytes: u64,
        count: u64,
        limit: Option<u64>,
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<Option<Iova>>, String> {
        let mut found = Vec::new();
        while (found.len() as u64) < few(count)? && found.last() != Some(&None) {
            found.push(self.alloc(bytes, limit, effects));
        }
        Ok(found)
    }

    /// Does something to the domain on the current CPU and arms the timers it wants.
    fn on<T>(
        &mut self,
        operation: impl FnOnce(&mut IovaDomain, &mut Host) -> T,
        effects: &mut Vec<Effect>,
    ) -> T {
        let before = effects.len();
        let mut host = Host { cpu: self.cpu, online: &self.online, faults: &mut self.faults, effects };
        let result = operation(&mut self.domain, &mut host);
        for effect in &effects[before..] {
            if let Effect::Arm { timer, delay } = *effect {
                self.clock.arm(timer, delay);
            }
        }
        result
    }

    fn online_of(&mut self, cpu: u16) -> Result<&mut bool, String> {
        self.online.get_mut(usize::from(cpu)).ok_or_else(|| format!("there is no CPU {cpu}"))
    }
}

fn few(count: u64) -> Result<u64, String> {
    if count <= MOST { Ok(count) } else { Err(format!("{count} at once, {MOST} at most")) }
}

fn arm(inject: &Inject, faults: &mut Faults) -> Result<(), String> {
    let site =
        FaultSite::from_name(&inject.what).ok_or_else(|| format!("no place {} to fail at", inject.what))?;
    faults.arm(site, Armed { after: inject.after, count: inject.count, failure: Failure::default() });
    Ok(())
}
