//! One run: nodes and a database on hosts of a simulated network, whose links and hosts fail at random.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use turmoil::{Builder, Sim};

use super::checks::{self, RECOVERY, Seen, TICK};
use super::database::ORIGINS;
use super::network::{self, Disk, SERVER};
use super::node::{self, Answers, Slot, Time};
use super::random::Random;
use crate::random::repeatable;

const REPLICAS: [&str; 2] = ["replica-1", "replica-2"];
const LOOKUP: &str = "lookup";
const NODES: [&str; 3] = [REPLICAS[0], REPLICAS[1], LOOKUP];

/// Faults begin until then, and the last one ends at most this much later.
const FAULTS: Duration = Duration::from_secs(25);
const LONGEST_FAULT: u64 = 14_000;

/// After the last fault, nodes recover, and follow for some time.
const END: Duration = Duration::from_secs(25 + 14 + 16 + 5);

/// Answers are checked after this number of steps.
const CHECKED: u32 = 3;

/// A fault of a link, or a host that has crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// All packets are lost.
    Down,
    /// The packets to the database are lost.
    ToDatabase,
    /// The packets to the node are lost.
    ToNode,
    /// Packets arrive after the fault.
    Held,
    Crashed,
    /// The responses of the database are sent late.
    Slow,
}

const FAULTS_OF_LINKS: [Fault; 4] = [Fault::Down, Fault::ToDatabase, Fault::ToNode, Fault::Held];

/// Something that happens later.
enum Event {
    Commit(u64),
    End(&'static str, Fault),
}

struct Run<'a> {
    sim: Sim<'a>,
    random: Random,
    disk: Arc<Disk>,
    time: Time,
    slots: BTreeMap<&'static str, Slot>,
    answers: Answers,
    later: BTreeMap<(Duration, u64), Event>,
    /// The faults that last.
    broken: BTreeMap<&'static str, Fault>,
    last_fault: Duration,
    number: u64,
}

/// Runs a simulation. Panics if a node answers what it must not.
pub(super) fn run(seed: u64, tally: &mut Seen) -> Arc<Disk> {
    repeatable::seed(seed);
    let mut random = Random::new(seed);
    let sim = Builder::new()
        .rng_seed(random.bits())
        .tick_duration(TICK)
        .simulation_duration(END + Duration::from_secs(10))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(40))
        .tcp_capacity(4_096)
        .build();
    let mut run = Run {
        sim,
        random,
        disk: Disk::new(),
        time: Time::new(),
        slots: BTreeMap::new(),
        answers: Answers::default(),
        later: BTreeMap::new(),
        broken: BTreeMap::new(),
        last_fault: Duration::ZERO,
        number: 0,
    };
    run.add_hosts();
    let mut steps = 0;
    while run.sim.elapsed() < END {
        let now = run.sim.elapsed();
        run.happen(now);
        run.time.set(now);
        run.sim.step().unwrap();
        // Not after each step, because that would take longer than the steps.
        steps += 1;
        if steps % CHECKED == 0 {
            run.check(tally);
        }
    }
    run.check_end();
    Arc::clone(&run.disk)
}

impl Run<'_> {
    fn add_hosts(&mut self) {
        let disk = Arc::clone(&self.disk);
        self.sim
            .host(SERVER, move || network::serve(Arc::clone(&disk)));
        for name in REPLICAS {
            let slot = Slot::default();
            let (time, shared) = (self.time.clone(), Arc::clone(&slot));
            self.sim.host(name, move || {
                node::run_replica(time.clone(), Arc::clone(&shared))
            });
            self.slots.insert(name, slot);
        }
        let (time, answers) = (self.time.clone(), Arc::clone(&self.answers));
        let random = Random::new(self.random.bits());
        self.sim.host(LOOKUP, move || {
            node::run_lookup(time.clone(), Arc::clone(&answers), random.clone())
        });
    }

    fn later(&mut self, time: Duration, event: Event) {
        // The number keeps the order of events at the same time.
        self.number += 1;
        self.later.insert((time, self.number), event);
    }

    /// Lets happen what is due, and maybe something new.
    fn happen(&mut self, now: Duration) {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            match entry.remove() {
                Event::Commit(number) => self.commit(number, now),
                Event::End(host, fault) => self.repair(host, fault, now),
            }
        }
        // About four transactions a second.
        if self.random.one_in(12) && self.broken.get(SERVER) != Some(&Fault::Crashed) {
            self.begin_transaction(now);
        }
        if now < FAULTS && self.random.one_in(170) {
            self.break_something(now);
        }
        if self.random.one_in(400) {
            let mut database = self.disk.database();
            match self.random.between(0, 4) {
                0 => database.back_up(),
                // Nothing is lost in the calm time.
                1 if now < FAULTS => database.restore(now),
                _ => database.prune(),
            }
        }
    }

    fn begin_transaction(&mut self, now: Duration) {
        let count = self.random.between(1, 3);
        let changes: Vec<_> = (0..count)
            .map(|_| (*self.random.choose(&ORIGINS), self.random.one_in(2)))
            .collect();
        let number = self.disk.database().begin(changes);
        if self.random.one_in(3) {
            let time = now + Duration::from_millis(self.random.between(10, 1_500));
            self.later(time, Event::Commit(number));
        } else {
            self.commit(number, now);
        }
    }

    fn commit(&mut self, number: u64, now: Duration) {
        self.disk.database().commit(number, now);
        // Hints may be lost.
        if !self.random.one_in(3) {
            self.disk.hint();
        }
    }

    fn break_something(&mut self, now: Duration) {
        let lasts = Duration::from_millis(if self.random.one_in(2) {
            self.random.between(20, 1_500)
        } else {
            self.random.between(1_500, LONGEST_FAULT)
        });
        let host = if self.random.one_in(3) {
            SERVER
        } else {
            *self.random.choose(&NODES)
        };
        if self.broken.contains_key(host) {
            return;
        }
        let fault = if host == SERVER {
            *self
                .random
                .choose(&[Fault::Crashed, Fault::Slow, Fault::Slow])
        } else if self.random.one_in(5) {
            Fault::Crashed
        } else {
            *self.random.choose(&FAULTS_OF_LINKS)
        };
        match fault {
            Fault::Down => self.sim.partition(host, SERVER),
            Fault::ToDatabase => self.sim.partition_oneway(host, SERVER),
            Fault::ToNode => self.sim.partition_oneway(SERVER, host),
            Fault::Held => self.sim.hold(host, SERVER),
            Fault::Slow => {
                let delay = Duration::from_millis(self.random.between(100, 3_000));
                self.disk.database().delay = delay;
            }
            Fault::Crashed => {
                self.sim.crash(host);
                if host == SERVER {
                    self.disk.database().abort_all();
                }
                if let Some(slot) = self.slots.get(host) {
                    *slot.lock().unwrap() = None;
                }
            }
        }
        self.broken.insert(host, fault);
        self.last_fault = now;
        self.later(now + lasts, Event::End(host, fault));
    }

    fn repair(&mut self, host: &'static str, fault: Fault, now: Duration) {
        match fault {
            Fault::Down => self.sim.repair(host, SERVER),
            Fault::ToDatabase => self.sim.repair_oneway(host, SERVER),
            Fault::ToNode => self.sim.repair_oneway(SERVER, host),
            Fault::Held => self.sim.release(host, SERVER),
            Fault::Crashed => self.sim.bounce(host),
            Fault::Slow => self.disk.database().delay = Duration::ZERO,
        }
        self.broken.remove(host);
        self.last_fault = now;
    }

    fn check(&mut self, tally: &mut Seen) {
        let now = self.sim.elapsed();
        let calm = if self.broken.is_empty() {
            now.saturating_sub(self.last_fault)
        } else {
            Duration::ZERO
        };
        let database = self.disk.database();
        for (name, slot) in &self.slots {
            match &*slot.lock().unwrap() {
                // `now` is on no clock yet.
                Some(replica) => {
                    checks::check_replica(
                        &database,
                        replica,
                        now.saturating_sub(TICK),
                        calm,
                        tally,
                    );
                }
                None => assert!(calm < RECOVERY, "{name} does not start"),
            }
        }
        for answer in self.answers.lock().unwrap().drain(..) {
            checks::check_lookup(&database, &answer, calm, tally);
        }
    }

    /// Nothing is broken any more, and each replica has converged.
    fn check_end(&self) {
        assert!(self.broken.is_empty() && self.sim.elapsed() > self.last_fault + RECOVERY);
        assert!(
            self.slots
                .values()
                .all(|slot| slot.lock().unwrap().is_some())
        );
    }
}
