//! What the worker was asked and has not answered.

use std::collections::BTreeMap;

use s390_iommu_view::protocol::{Reply, Request};

/// Requests by number.
#[derive(Debug, Default)]
pub struct Pending {
    next: u32,
    requests: BTreeMap<u32, Request>,
}

impl Pending {
    /// Notes a request and gives its number. Nobody waits any more for what it replaces.
    pub fn ask(&mut self, request: Request) -> u32 {
        self.requests.retain(|_, older| !request.replaces(older));
        self.next += 1;
        self.requests.insert(self.next, request);
        self.next
    }

    /// The request that a reply answers; `None` for a stale reply. A report of progress answers nothing yet.
    pub fn answered(&mut self, number: u32, reply: &Reply) -> Option<Request> {
        match reply {
            Reply::Progress(..) => self.requests.get(&number).cloned(),
            _ => self.requests.remove(&number),
        }
    }

    /// Whether something that may take long is not answered.
    pub fn is_running(&self) -> bool {
        self.requests.values().any(Request::takes_long)
    }

    /// Forgets what may take long and gives its numbers.
    pub fn stop(&mut self) -> Vec<u32> {
        let stopped: Vec<u32> = self
            .requests
            .extract_if(.., |_, request| request.takes_long())
            .map(|(number, _)| number)
            .collect();
        stopped
    }

    /// Forgets everything and gives its numbers.
    pub fn clear(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.requests).into_keys().collect()
    }

    /// What is not answered, in the order in which it was asked.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Request)> {
        self.requests.iter().map(|(number, request)| (*number, request))
    }
}

#[cfg(test)]
mod tests {
    use s390_iommu_view::protocol::Experiment;

    use super::*;

    fn run(text: &str) -> Request {
        Request::Run(Experiment { text: text.into(), left: None, right: None })
    }

    #[test]
    fn a_stale_reply_answers_nothing() {
        let mut pending = Pending::default();
        let old = pending.ask(run("a"));
        let new = pending.ask(run("b"));
        assert_eq!(pending.answered(old, &Reply::Nothing), None);
        assert_eq!(pending.answered(new, &Reply::Progress(1, 2)), Some(run("b")));
        assert_eq!(pending.answered(new, &Reply::Nothing), Some(run("b")));
        assert_eq!(pending.answered(new, &Reply::Nothing), None);
    }

    #[test]
    fn stopping_keeps_what_is_quick() {
        let mut pending = Pending::default();
        let number = pending.ask(run("a"));
        let gallery = pending.ask(Request::Gallery);
        assert!(pending.is_running());
        assert_eq!(pending.stop(), [number]);
        assert!(!pending.is_running());
        assert_eq!(pending.iter().collect::<Vec<_>>(), [(gallery, &Request::Gallery)]);
        assert_eq!(pending.clear(), [gallery]);
    }
}
