//! orgbox keeps organizations, members, hierarchy and camera retention settings of an on-premises video box in one SQLite
//! file and serves four documented organization APIs, and one of its own, over one core model.
//!
//! # Bird's eye
//! ```text
//! main ── cli ── app ──┬── api        the HTTP edge: watcher, wotkit, infinity, surfsight, native; health, console
//!                      ├── overrides  the file edge: watches the configuration, hands what it says of organizations to ops
//!                      ├── backup     the disk edge: makes copies of the database, keeps them, puts one back
//!                      ├── upstream   the billing edge: the thread that sends what was recorded
//!                      ├── tls        the certificate edge: the box's own or that of files, watched, shown in handshakes
//!                      ├── service    systemd: ready, reloading, stopping, watchdog; pulse: signs of life of every thread
//!                      ├── config     file, drop-ins, credentials → Config
//!                      └── store      one SQLite file: one writer thread, read-only readers
//!      api, overrides, backup ── ops ── store ── model
//! ```
//! `model` says what things are: no IO, no serde, no clock, no SQL, no HTTP. `store` says how they are kept and is the only
//! place that names rusqlite. `ops` says what can be done and is the only place with rules; it records every change. `api`
//! is the only place that names actix_web and, with `app`, the only asynchronous code.
//!
//! `collector` is the other side: what receives the events, with a file and a small server of its own. It stands apart from
//! all of the above, so that what it finds is found without the box's own code, and shares only [`upstream::sign`].
//!
//! # Who may name whom
//! ```text
//! main → cli        cli → app, backup, service, config, suggest, ops, model, clock, log; cli/collector also → collector
//! app → api, overrides, upstream, tls, backup, config, ops, store, model, service, pulse, clock, log (wiring only)
//! api → ops → store → model          api also → store (for the bridge), clock, histogram          store also → clock, histogram
//! api/<dialect> → api::{auth, body, call, carriage, certificate, dialect, failure, feed, link, openapi, pairs, watched},
//! ops, model, envelope; never another dialect, never store       envelope → model
//! tls → model, clock          api also → tls (its handle and its state)          cli also → tls (its state)
//! overrides → config, ops, store, model, clock          api also → overrides (its handle and its state)
//! backup → ops, store, model, clock          api also → backup (its handle)
//! upstream → ops, store, model, clock, envelope          collector → upstream::sign, clock
//! api also → upstream (its handle: how the link stands; the form of files that are carried)
//! config → suggest, model (the fields and bounds of overrides), upstream::sign          suggest, clock, histogram, log, pulse → nothing
//! service → pulse, clock          whose threads must make progress also → pulse: api, store, upstream
//! ```
//! `tests/it/tidy.rs` holds this.
//!
//! # Invariants
//! 1. A dialect decides names, shapes, codes and paging, never a rule. One `model::Error`, one exhaustive match per dialect.
//! 2. Every change is one write transaction, and what billing and the audit trail must hear is in it: store mutators return
//!    a `#[must_use]` [`store::Change`] that only [`store::journal::record`] consumes.
//! 3. One writer, group commit. Readers are read-only connections, one per HTTP worker; a point read runs inline there, a
//!    scan that may take long on a thread that may block.
//! 4. Nothing waits for the network or somebody else's disk while it holds a transaction.
//! 5. An answer 2xx means on disk: `synchronous=FULL`, answered after the commit.
//! 6. A bad configuration changes nothing and says so, with file, line and all problems.
//! 7. Time is a parameter; one `now` per transaction.
//! 8. A client never sees what SQLite or the file system said; a 5xx carries a fixed sentence and a request id.
//! 9. Authorization is [`model::actor::may`] over actor, action and standing; data comes out of [`ops::load`] with a grant.
//! 10. Every queue, body, page, batch and wait has a named limit with a sentence.
//!
//! # Six trips
//! - A PATCH: `api/surfsight/mod` (route) → `organizations` (actor, body → model patch) → `bridge` and `store::writer` →
//!   `ops::organization::update` (load, validate, may, update, record) → `store::organizations`.
//! - A GET: `api/watcher/mod` → `organizations` → `ops::organization::view_own` on the worker's own connection →
//!   `store::organizations::get`.
//! - A command: `cli::user` → `cli::client` → the local socket → `api/native/users`, and on as above. Where no server runs,
//!   `cli::client` has `app::start_alone` start the same box for the time of the command.
//! - An event: recorded inside a trip above → after the commit `store::writer` calls what asked to be called →
//!   `api::feed` wakes who waits → `api/native/changes` → `ops::feed::read` → `store::outbox`; written down by [`envelope`].
//! - It goes upstream: the same call wakes `upstream::run` → `upstream::sender::run_once` (`ops::outbox::due` → `upstream::preset`
//!   writes the batch → frozen in the database → `upstream::client` posts it → `upstream::verdict` judges the answer →
//!   `ops::outbox::delivered`, with the next batch frozen in the same commit).
//! - The files change: `overrides::watch` rings the bell on which `overrides::run` waits → `overrides::edge::run_once` (read
//!   twice, compare, `config::parse`: a mistake ends it here) → `ops::overrides::replace` in the writer (check, keep the
//!   tables, make what is missing, hold what they say against every row, write what differs) → one event for each
//!   organization that changed, one audit entry for all.
//!
//! # Where this differs from the first plan, and why
//! - The command line is a client of the native dialect and has no other way to the data: what it can do every program can,
//!   and a rule, a limit or a line of the audit trail cannot be forgotten for it alone. Its credential is the kernel's word
//!   for who is at the other end of the local socket; see [`api::auth::local_operator`].
//! - The hierarchy is held twice, once by the writer with what the transaction under way has changed, once published for
//!   readers; edits are applied to the second after the commit. One copy would show readers what is not committed.
//! - Failures are rendered by one middleware that asks the dialect, so that handlers use `?` and unknown paths, too large
//!   bodies and refused credentials need no code of their own in any dialect.
//! - A dialect's routes are a table, [`api::server::listing`], from which they are mounted and from which the tests know
//!   that each has its golden example and its line for every role.
//! - An endpoint carries what the OpenAPI document says of it, [`api::openapi::operation`]: a route without it fails a test,
//!   statuses and bodies of failures are what the dialect renders, examples are the golden files.
//! - A member's event carries its organization's version: it rises with every change of members and outlives a member that
//!   leaves and comes back.
//! - The CloudEvent around an event is written in [`envelope`], beside the layers: the pull feed in `api` and a sender must
//!   give the same text and may not name each other, and neither `model` nor `ops` knows JSON.
//! - The audit trail's newest hash is kept in the row of the site and not in the writer's memory: it is in every undone
//!   savepoint and every neighbour's commit by itself.
//! - A dialect has a file of handlers for each resource in place of one `handlers`: four of five would have grown past what
//!   is read at once.
//! - Secrets in clear are made in [`ops::key`] and [`ops::password`], of [`ops::random`]; the core keeps only hashes.
//! - Being in the default organization without any right reaches nothing below it. New users of one dialect land there and
//!   everything hangs below it, so otherwise every subscriber would see every other; see [`ops::reach`].
//! - A key may have less than its user: it reads only, reaches one organization and what is below it, or is taken from one
//!   network only. What it may is in [`model::actor::Actor`], whose role nobody sees without it; where it reaches is in
//!   [`ops::reach`]; and each change passes [`model::actor::may_change`] in [`api::call::Call::write`]. From where it comes is
//!   asked at every request and never remembered.
//! - Conditions on versions and repeated creates are verbs of the core ([`ops::version`], [`ops::idempotency`]) that run in
//!   the change's own transaction, so that no dialect needs a lock of its own.
//! - Lists come as [`model::organization::Heading`]s or [`model::organization::Account`]s where a dialect shows no more:
//!   most of what a list costs is reading columns.
//! - A preview is the verb itself, run in a [`store::Rehearsal`] that the writer always undoes; what it tells is read from
//!   what the verb recorded, so that no rule stands twice.
//! - A legal hold is over an organization, its cameras and all below it, and nothing is moved or unlinked out of it; see
//!   [`ops::hold`].
//! - The purge time of a camera type follows the general one where it is not given, in every dialect; one dialect's PATCH
//!   keeps the types where they stand when it changes the general one.
//! - What files say of an organization stands in the organization's own row, and what the API stored beside it in
//!   `managed_fields`: reads, lists, filters and limits cost what they cost without files. See [`ops::overrides`].
//! - TLS ends in the box itself, and the certificate is no setting: it changes while the box runs, and a handshake asks
//!   [`tls`] for the current one. The box's own lasts by no clock, see `tls::own`.
//! - Whoever asks through a trusted proxy is found in one place, `api::client_address`, and all that goes by addresses asks
//!   there.
//! - A backup is read in one read transaction, which no commit changes, and so comes to its end while the box is written all
//!   the time; see [`store::backup`]. A restore has one turning point, a rename, and is finished at the next start where it
//!   was cut short; see [`backup::restore`].
//! - The pages of a database are checked before it is served where that takes milliseconds, and while it is served where it
//!   takes longer. A damaged one is read as far as it goes and never written; one that is gone is never begun anew.
//! - Requests are counted where they are routed: a route's [`api::tally::Tally`] lies beside its other data at each worker,
//!   and a scrape adds the workers up, so that counting takes no lock. [`histogram`] stands beside the layers because the
//!   writer and the edge both count with it.
//! - Two numbers tell how far billing is: up to `acked_seq` events are dealt with, up to `delivered_seq` they are with it. What
//!   was set aside or left out lies between them, and the next batch says that it stands for those numbers too, so that a
//!   receiver never takes them for lost.
//! - The batch behind a delivered one is frozen in the commit that notes the delivery: a long queue costs one commit a batch.
//! - Whoever wants an epoch opened, an operator or a restore, leaves one mark, `epoch_due`, which the sender finds before it
//!   sends anything else.
//! - `[upstream]` with a signing secret and without `url` keeps events for [`upstream::carry`]: a site without a link.
//! - The text of `/metrics` is written by the box itself: the counters are the ones above, and the registry of a library would
//!   count every request once more.
//! - The console is one page of one script over the native dialect, without a session: it is no other way to the data, and a
//!   browser that remembers nothing cannot be made to act for somebody by another site.
//! - What only the VMS reports has an event type of its own, `usage.reported`, whose subject and state are the
//!   organization's: as a second subject it would be a second truth about the same numbers.
//! - Sockets that systemd hands over are taken with `listenfd`, though its last release is old: it gives safe types, and
//!   the crate that notifies gives bare descriptors, which take `unsafe`.
//! - Conditions of list filters are run inside SQLite by the model's own function, so that their meaning stands once.

pub mod api;
pub mod app;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod collector;
pub mod config;
pub mod envelope;
pub mod histogram;
pub mod log;
pub mod model;
pub mod ops;
pub mod overrides;
pub mod pulse;
pub mod service;
pub mod store;
pub mod suggest;
pub mod tls;
pub mod upstream;
