//! Pictures: fetched before their links die, and their links forgotten.

use std::time::Duration;

use advance_collector::{
    Claim, Intended, Intent, Kind, PictureState, Settled, Settlement, Then, WantedPicture, Work,
};
use advance_core::{Charges, ImageLink, SignatureId};

use super::{Bench, Desk, LEASE, attempt_of, cases, done, paid, passed};

cases! {
    pictures_first: "pictures are wanted as soon as there is a result, and are handed out before results"
    kept: "a picture that is kept has its hash and length, its link is gone, and it is not handed out again"
    fetched_again: "a picture whose sender vanished is due again at no cost, and so is one that is to be tried again"
    lost: "a picture that is lost says why, and its link is gone"
    asked_for_a_link: "asking for another link is counted, and a doubt of its verification if its sender vanishes"
    claims_of_pictures: "fences and claims are those of each picture, and a claim can be given back"
}

const LINK: &str = "https://bucket.oss-ap-southeast-5.aliyuncs.com/a.png?Expires=4102444800&Signature=s3cret";

fn with_pictures(desk: &Desk<'_>, text: &str, attempt: u128) -> SignatureId {
    let a = desk.add(text);
    desk.intend(attempt);
    let wanted = [Kind::Image, Kind::CroppedImage];
    let pictures = wanted.map(|kind| WantedPicture::new(kind, ImageLink::from(LINK)));
    let then = Then::Ended(passed(), pictures.to_vec());
    assert_eq!(
        done(
            desk.store
                .settle(attempt_of(attempt), &Settlement::new(paid(), then))
        ),
        Settled::Booked
    );
    a
}

fn intend(desk: &Desk<'_>, claim: &Claim, attempt: u128, may_cost: bool) {
    let intent = Intent::new(claim, attempt_of(attempt), may_cost, LEASE);
    assert_eq!(done(desk.store.intend(&intent)), Intended::Committed);
}

fn settle(desk: &Desk<'_>, attempt: u128, then: Then) {
    let settlement = Settlement::new(Charges::NONE, then);
    assert_eq!(
        done(desk.store.settle(attempt_of(attempt), &settlement)),
        Settled::Booked
    );
}

fn pictures_first(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    with_pictures(&desk, "a", 1);
    desk.add("b");
    let claims = desk.claim_all();
    let kinds: Vec<_> = claims.iter().map(Claim::kind).collect();
    assert_eq!(kinds.len(), 3);
    assert_eq!(kinds[2], Kind::Result);
    for claim in &claims[..2] {
        let Work::Picture {
            link, received, now, ..
        } = &claim.work
        else {
            panic!("{claim:?}")
        };
        assert_eq!(link.as_ref().map(ImageLink::expose_url), Some(LINK));
        assert_eq!((*received, *now), (bench.now(), bench.now()));
    }
    assert_eq!(done(desk.store.status()).pictures, 2);
}

fn kept(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = with_pictures(&desk, "a", 1);
    let claim = desk.claim_one();
    intend(&desk, &claim, 2, false);
    settle(&desk, 2, Then::kept("ab".repeat(32), 4_711));
    let again = Settlement::new(Charges::NONE, Then::PictureLost("no".into()));
    assert_eq!(done(desk.store.settle(attempt_of(2), &again)), Settled::Already);
    let pictures = desk.record(&a).pictures;
    let found = pictures.iter().find(|picture| picture.kind == claim.kind());
    let found = found.unwrap_or_else(|| panic!("{pictures:?}"));
    assert_eq!((found.state, found.bytes), (PictureState::Kept, Some(4_711)));
    assert_eq!(found.sha256.as_deref(), Some("ab".repeat(32).as_str()));
    desk.pass(LEASE * 9);
    assert_eq!(desk.claim_all().len(), 1, "only the other one is left");
}

fn fetched_again(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = with_pictures(&desk, "a", 1);
    let claim = desk.claim_one();
    intend(&desk, &claim, 2, false);
    desk.pass(LEASE);
    assert_eq!(done(desk.store.sweep(0)), 1);
    assert_eq!((desk.record(&a).charges, desk.record(&a).doubts), (paid(), 0));
    for claim in desk.claim_all() {
        intend(&desk, &claim, 3 + claim.kind() as u128, false);
        let link = Some(ImageLink::from(LINK));
        settle(
            &desk,
            3 + claim.kind() as u128,
            Then::picture_again(Duration::from_secs(9), link, false),
        );
    }
    assert_eq!(desk.claim_all(), []);
    desk.pass(Duration::from_secs(9));
    let tries = desk.claim_all().into_iter().map(|claim| match claim.work {
        Work::Picture { tries, .. } => tries,
        other => panic!("{other:?}"),
    });
    let tries: Vec<_> = tries.collect();
    assert_eq!(tries.len(), 2);
    assert!(tries.iter().all(|tries| *tries >= 1), "{tries:?}");
}

fn lost(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = with_pictures(&desk, "a", 1);
    for (attempt, claim) in (2..).zip(desk.claim_all()) {
        intend(&desk, &claim, attempt, false);
        settle(&desk, attempt, Then::PictureLost("its link has ended".into()));
    }
    for picture in desk.record(&a).pictures {
        assert_eq!(picture.state, PictureState::Lost);
        assert_eq!(picture.lost.as_deref(), Some("its link has ended"));
    }
    assert_eq!(done(desk.store.status()).pictures, 0);
    assert_eq!(done(desk.store.rest()).due, None);
}

fn asked_for_a_link(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let a = with_pictures(&desk, "a", 1);
    let claim = desk.claim_one();
    intend(&desk, &claim, 2, true);
    let fresh = Then::picture_again(Duration::ZERO, Some(ImageLink::from(LINK)), true);
    let settlement = Settlement::new(paid(), fresh);
    assert_eq!(
        done(desk.store.settle(attempt_of(2), &settlement)),
        Settled::Booked
    );
    assert_eq!(desk.record(&a).charges, paid() + paid());
    let claims = desk.claim_all();
    let claim = claims.iter().find(|other| other.kind() == claim.kind());
    let claim = claim.unwrap_or_else(|| panic!("{claims:?}"));
    let Work::Picture {
        asked_again, tries, ..
    } = claim.work
    else {
        panic!("{claim:?}")
    };
    assert_eq!((asked_again, tries), (1, 0));
    intend(&desk, claim, 3, true);
    desk.pass(LEASE);
    assert_eq!(done(desk.store.sweep(0)), 1);
    let record = desk.record(&a);
    assert_eq!((record.doubts, record.charges.unknown), (1, 1));
    let lost = record
        .pictures
        .iter()
        .filter(|picture| picture.state == PictureState::Lost);
    assert_eq!(lost.count(), 1);
    assert_eq!(
        done(
            desk.store
                .settle(attempt_of(3), &Settlement::new(paid(), Then::Unsure(None)))
        ),
        Settled::Late
    );
    assert_eq!(desk.record(&a).charges.unknown, 0);
}

fn claims_of_pictures(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    with_pictures(&desk, "a", 1);
    let stale = desk.claim_one();
    done(desk.store.give_back(&stale, Duration::ZERO));
    let latest = desk.claim_all();
    assert_eq!(latest.len(), 2);
    let stale_intent = Intent::new(&stale, attempt_of(9), false, LEASE);
    assert_eq!(done(desk.store.intend(&stale_intent)), Intended::Fenced);
    for (attempt, claim) in (2..).zip(&latest) {
        intend(&desk, claim, attempt, false);
    }
    desk.pass(LEASE * 2);
    assert_eq!(desk.claim_all(), []);
}
