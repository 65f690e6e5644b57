//! The sender's thread, and what it does when its work ends in a panic.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::channel,
    },
    time::Duration,
};

use orgbox::{
    clock::Clock,
    upstream::{
        client::Route,
        handle::{Handle, Setup, Target},
        link::State,
        run::{self, Ground},
        settings::{Credentials, Settings},
    },
};

use super::{receiver::settings, rig::Upstream, sending::Home};

static CAST: AtomicBool = AtomicBool::new(false);

/// Dice that break when they are cast first.
fn breaking_dice() -> f64 {
    assert!(CAST.swap(true, Ordering::Relaxed), "broken dice");
    0.5
}

/// Looks until it is so.
#[track_caller]
fn until(so: impl Fn() -> bool) {
    let (_never, pause) = channel::<()>();
    // Nobody sends: this only keeps the looks apart.
    assert!((0..3000).any(|_| so() || pause.recv_timeout(Duration::from_millis(10)).is_ok()));
}

#[test]
fn a_panic_is_contained_and_told_and_sending_goes_on() {
    let home = Home::with(Clock::system());
    let upstream = Upstream::start(&Clock::system());
    let credentials = Credentials {
        token: Some(super::rig::TOKEN.to_owned()),
        signing_key: orgbox::upstream::sign::SigningKey::parse(&super::rig::secret()).ok(),
    };
    let settings = Settings { url: format!("http://{}/events", upstream.address()), ..settings() };
    let again = credentials.clone();
    let read_again = Arc::new(move || Ok(again.clone()));
    let target = Target { settings, route: Route::default(), credentials, read_again };
    let handle = Handle::new(Setup::Send(Box::new(target)), 0);
    let ground = Ground {
        store: Arc::clone(&home.store),
        database: home.database(),
        clock: Clock::system(),
        dice: breaking_dice,
    };
    let running = run::start(handle.clone(), ground).unwrap();
    until(|| handle.link().state == State::Fault);
    assert_eq!(handle.link().why.as_deref(), Some("the sender failed and is started again"));
    handle.try_now();
    until(|| handle.link().state == State::Up);
    running.stop();
}
