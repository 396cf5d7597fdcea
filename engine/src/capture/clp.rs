//! CLP in a replay: the recorded request goes to the machine, and its response has to be the recorded one, byte for byte.

use super::block;
use super::model::{Line, Problem};
use super::run::Capture;
use crate::hw::function::{Function, FunctionState, HANDLE_ENABLED};
use crate::hw::zpci::clp::{self, FunctionAttributes};

impl Capture {
    pub(super) fn clp(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        match line.op.as_deref() {
            Some("list") => {
                for entry in line.list.iter().flatten() {
                    let place = self.place(entry.fid)?;
                    let function = &mut self.machine.functions[place];
                    // The first list tells handles; after that they are known.
                    if self.listed.insert(entry.fid) {
                        function.handle = entry.fh;
                        if entry.fh & HANDLE_ENABLED != 0 {
                            function.state = FunctionState::Enabled;
                        }
                        self.judge.learned += 1;
                    } else {
                        self.judge.check("list fh", &entry.fh, &function.handle);
                        self.configured(place, entry.cfg & 0x8000_0000 != 0);
                    }
                }
                Ok(())
            }
            Some("query_fn") => self.query_function(line),
            Some("query_grp") => self.query_group(line),
            Some("set_fn") => self.set_function(line),
            _ => Ok(()),
        }
    }

    /// Whether a function is configured: the service processor sees to that, and its calls are not recorded. An enabled
    /// function is.
    fn configured(&mut self, place: usize, configured: bool) {
        let function = &mut self.machine.functions[place];
        match (function.state, configured) {
            (FunctionState::Disabled, false) => function.deconfigure(),
            (FunctionState::Standby, true) => function.configure(),
            (FunctionState::Disabled, true) | (FunctionState::Standby, false) => {}
            _ => drop(self.judge.check("list cfg", &configured, &true)),
        }
    }

    fn query_function(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        if line.fid.is_none() {
            return Ok(());
        }
        let place = self.place_of(line)?;
        let Some(raw) = line.raw.as_deref() else { return Ok(()) };
        let bytes = block::unhex(raw, self.judge.line)?;
        let function = &mut self.machine.functions[place];
        let told = bytes.get(clp::ClpRequest::LEN..).and_then(FunctionAttributes::read);
        if let Some(told) = told.filter(|_| line.rsp == clp::Response::Ok as u16) {
            let old = function.attributes;
            let recorded = (line.sdma, line.edma, line.uid, line.pfgid, line.pft, line.vfn, line.fid);
            let here = (
                Some(told.sdma()),
                Some(told.edma()),
                Some(told.uid()),
                Some(told.group()),
                Some(told.kind()),
                Some(told.virtual_function()),
                Some(told.fid()),
            );
            self.judge.check("query_fn", &recorded, &here);
            if self.about.functions.iter().any(|function| function.fid == told.fid()) {
                let known = (old.fid(), old.sdma(), old.edma(), old.uid());
                self.judge.check("query_fn", &(told.fid(), told.sdma(), told.edma(), told.uid()), &known);
            }
            // What else the block says, such as sizes of registers, the machine cannot know.
            function.attributes = told;
        }
        self.call(&bytes)
    }

    fn query_group(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        match line.raw.as_deref() {
            Some(raw) => self.call(&block::unhex(raw, self.judge.line)?),
            None => Ok(()),
        }
    }

    /// Gives a request to the machine, whose response has to be the recorded one to the last byte.
    fn call(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        match clp::clp(&mut self.machine, bytes) {
            Ok(response) => {
                self.judge.check("clp response", &&bytes[clp::ClpRequest::LEN..], &&response[..]);
                Ok(())
            }
            Err(_) => Err(Problem::new(self.judge.line, "C003", "a CLP block whose lengths do not fit")),
        }
    }

    fn set_function(&mut self, line: &Line<'_>) -> Result<(), Problem> {
        let named = |function: &Function| {
            Some(function.attributes.fid()) == line.fid || Some(function.handle) == line.fh
        };
        if let Some(place) = self.machine.functions.iter().position(named)
            && line.rsp == clp::Response::Ok as u16
        {
            self.machine.functions[place].configure();
        }
        if let Some(raw) = line.raw.as_deref() {
            self.call(&block::unhex(raw, self.judge.line)?)?;
        } else {
            let place = self.place_of(line)?;
            let request = clp::ClpRequest::default()
                .with_length(clp::ClpRequest::LEN as u16)
                .with_command(clp::SET_FUNCTION)
                .with_subject(self.machine.functions[place].handle)
                .with_operation(line.oc)
                .with_spaces(1);
            let mut bytes = request.bytes().to_vec();
            bytes.extend(clp::ClpHeader::default().with_length(0xa0).bytes());
            let response = clp::clp(&mut self.machine, &bytes).ok();
            let how =
                response.and_then(|response| clp::ClpHeader::read(&response)).map(|head| head.response());
            self.judge.check("rsp", &Some(line.rsp), &how);
        }
        if let Some(handle) = line.new_fh.filter(|_| line.rsp == clp::Response::Ok as u16) {
            let there = self.machine.functions.iter().any(|function| function.handle == handle);
            self.judge.check("new_fh", &true, &there);
        }
        self.stale.refreshed_all(&self.machine, self.now, &mut self.run);
        Ok(())
    }
}
