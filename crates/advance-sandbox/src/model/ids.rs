//! Identifiers that look random and are not: a hash of the seed and of a counter.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Mints identifiers and keys from one seed.
#[derive(Clone)]
pub(super) struct Ids {
    /// The hash that has already taken the seed.
    seeded: Sha256,
    minted: u64,
    thrown: u64,
}

impl Ids {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self {
            seeded: Sha256::new_with_prefix(seed),
            minted: 0,
            thrown: 0,
        }
    }

    fn next(&mut self) -> [u8; 32] {
        self.minted += 1;
        self.seeded
            .clone()
            .chain_update(b"id")
            .chain_update(self.minted.to_be_bytes())
            .finalize()
            .into()
    }

    /// Sixteen hexadecimal characters, as the documents' `transactionId` and `signatureId` have.
    pub(super) fn short(&mut self) -> String {
        hex::encode(&self.next()[..8])
    }

    /// Thirty-two hexadecimal characters, as `_uuid` of the documents' tokens has. They hide a serial number, so that
    /// all tokens up to one can be revoked without a row for each.
    pub(super) fn long(&mut self) -> String {
        let random = self.next();
        let (mut uuid, serial) = ([0; 16], self.minted);
        uuid[..8].copy_from_slice(&random[..8]);
        uuid[8..].copy_from_slice(&(serial ^ self.mask(&random[..8])).to_be_bytes());
        hex::encode(uuid)
    }

    /// The serial number that `uuid` hides, which says something only if [`long`](Self::long) made it.
    pub(super) fn serial(&self, uuid: &str) -> Option<u64> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(uuid, &mut bytes).ok()?;
        let (random, hidden) = bytes.split_first_chunk::<8>()?;
        Some(u64::from_be_bytes(hidden.try_into().ok()?) ^ self.mask(random))
    }

    /// The serial number of the newest id.
    pub(super) fn newest(&self) -> u64 {
        self.minted
    }

    fn mask(&self, random: &[u8]) -> u64 {
        let hash: [u8; 32] = self
            .seeded
            .clone()
            .chain_update(b"serial")
            .chain_update(random)
            .finalize()
            .into();
        hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }

    /// A number from 0 to 1, without 1. Dice do not change which ids come next.
    pub(super) fn dice(&mut self) -> f64 {
        self.thrown += 1;
        let hash = self
            .seeded
            .clone()
            .chain_update(b"dice")
            .chain_update(self.thrown.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let number = hash.first_chunk().map_or(0, |first| u32::from_be_bytes(*first));
        f64::from(number) / 4_294_967_296.0
    }

    /// A key for one purpose. It does not depend on what was minted before.
    pub(super) fn key(&self, purpose: &str) -> [u8; 32] {
        self.seeded
            .clone()
            .chain_update(b"key")
            .chain_update(purpose)
            .finalize()
            .into()
    }
}

/// Whether `given` is the lowercase hexadecimal SHA-256 of the three, which is how generate-token is signed.
pub(super) fn signed(given: &str, access_key: &str, secret_key: &str, timestamp: &str) -> bool {
    let digest = Sha256::new_with_prefix(access_key)
        .chain_update(secret_key)
        .chain_update(timestamp)
        .finalize();
    same(given.as_bytes(), hex::encode(digest).as_bytes())
}

/// Compares without telling by its time where the two differ.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    let differing = a
        .iter()
        .zip(b)
        .fold(0, |bits, (x, y)| std::hint::black_box(bits | (x ^ y)));
    a.len() == b.len() && differing == 0
}

/// The keyed hash of a text.
pub(super) fn keyed(key: &[u8; 32], text: &str) -> [u8; 32] {
    // From an array of the hash's block size there is no length that could be wrong.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::<Sha256>::new(&block.into())
        .chain_update(text)
        .finalize()
        .into_bytes()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_vector() {
        let signature = "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5";
        assert!(signed(
            signature,
            "sampleaccesskey",
            "samplesecretkey",
            "1665993522952"
        ));
        assert!(!signed(
            signature,
            "sampleaccesskey",
            "samplesecretkey",
            "1665993522953"
        ));
        assert!(!signed(
            &signature.to_uppercase(),
            "sampleaccesskey",
            "samplesecretkey",
            "1665993522952"
        ));
        assert!(!signed(
            &signature[..63],
            "sampleaccesskey",
            "samplesecretkey",
            "1665993522952"
        ));
        assert!(!signed("", "sampleaccesskey", "samplesecretkey", "1665993522952"));
    }

    #[test]
    fn a_seed_decides_every_id_and_no_id_comes_twice() {
        let (mut one, mut again, mut other) = (Ids::new(&[1; 32]), Ids::new(&[1; 32]), Ids::new(&[2; 32]));
        let first = one.short();
        assert_eq!(first, again.short());
        assert_ne!(first, other.short());
        assert_ne!(first, one.short());
        assert_eq!(first.len(), 16);
        assert_eq!(one.long().len(), 32);
    }

    #[test]
    fn a_long_id_hides_its_number() {
        let mut ids = Ids::new(&[1; 32]);
        ids.short();
        let (second, third) = (ids.long(), ids.long());
        assert_eq!((ids.serial(&second), ids.serial(&third)), (Some(2), Some(3)));
        assert_eq!(ids.newest(), 3);
        assert_eq!(ids.serial("x"), None);
        assert_ne!(second[16..], third[16..]);
    }

    #[test]
    fn dice_fall_everywhere_and_change_no_id() {
        let (mut one, mut two) = (Ids::new(&[1; 32]), Ids::new(&[1; 32]));
        let low = (0..1000).filter(|_| one.dice() < 0.25).count();
        assert!((200..300).contains(&low), "{low}");
        assert_eq!(one.short(), two.short());
    }

    #[test]
    fn keys_do_not_move() {
        let mut ids = Ids::new(&[1; 32]);
        let key = ids.key("a");
        ids.short();
        assert_eq!(ids.key("a"), key);
        assert_ne!(ids.key("b"), key);
    }

    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        // RFC 4231, test case 2, whose key is shorter than ours and is padded the same way.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            hex::encode(keyed(&key, "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
