//! What a batch does with a rule of its caller's.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use advance_core::session::{Batch, BatchStep};
use advance_core::{BatchPolicy, Code, Error, SignatureId};

#[test]
fn a_stop_may_remember_what_it_heard() {
    let heard = AtomicU32::new(0);
    let stop = move |_: &Error| heard.fetch_add(1, Ordering::Relaxed) == 1;
    let ids = (0..9).map(|number| SignatureId::new(format!("id-{number}")).unwrap());
    let policy = BatchPolicy::new().concurrency(NonZeroUsize::MIN).stop_on(stop);
    let mut batch = Batch::new(ids, policy);
    let mut asked = 0;
    while let BatchStep::Begin(number, _) = batch.step(Duration::ZERO) {
        batch.ended(number, Err(Error::of_code(Code::Error)));
        asked += 1;
    }
    assert_eq!(asked, 2);
}
