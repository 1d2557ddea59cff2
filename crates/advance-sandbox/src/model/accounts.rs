//! Accounts, and whether a token is good.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::config::Account;
use super::endpoint::Endpoint;
use super::ids::Ids;
use super::jwt::Mint;
use super::refusal::{self, Refusal};
use super::scenario::{self, Place, Script};
use super::time::UnixMs;

/// The customer of the documented sample token; each account after the first takes the next two numbers.
const FIRST_CUSTOMER: u64 = 3_150_298;
/// Tokens that were revoked one by one and have not expired, kept at a time.
const REVOKED: usize = 100_000;
/// Tokens whose signatures are remembered at a time.
const PROVEN: usize = 1_000;
/// Magic access keys that are kept at a time; there are as many as values in their names.
const MAGIC: usize = 10_000;

/// What a token says about whom it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Customer {
    pub(super) customer_id: u64,
    pub(super) account_id: u64,
}

#[derive(Clone)]
struct Known {
    secret_key: String,
    enabled: bool,
    customer: Customer,
    script: Option<Script>,
    /// Calls that its scenario may concern.
    calls: u64,
}

/// What is worth knowing of a token whose signature was found good.
#[derive(Clone, Copy)]
struct Proven {
    serial: u64,
    customer_id: u64,
    issued: UnixMs,
    expires: UnixMs,
}

/// Who may ask, and with which tokens. A token is signed, so that it needs no row.
#[derive(Clone)]
pub(super) struct Accounts {
    known: BTreeMap<String, Known>,
    by_customer: BTreeMap<u64, String>,
    magic: usize,
    mint: Mint,
    /// Tokens whose signatures need no second look: a client uses one many times.
    proven: BTreeMap<String, Proven>,
    /// Tokens up to this serial number are revoked.
    revoked_to: u64,
    revoked: BTreeMap<u64, UnixMs>,
    /// Tokens issued since all were revoked, without those that were revoked one by one.
    issued: usize,
}

impl Accounts {
    pub(super) fn new(accounts: &[Account], mint: Mint) -> Self {
        let mut made = Self {
            known: BTreeMap::new(),
            by_customer: BTreeMap::new(),
            magic: 0,
            mint,
            proven: BTreeMap::new(),
            revoked_to: 0,
            revoked: BTreeMap::new(),
            issued: 0,
        };
        for account in accounts {
            made.add(account.clone());
        }
        made
    }

    pub(super) fn add(&mut self, account: Account) {
        self.insert(account, None);
    }

    fn insert(&mut self, account: Account, script: Option<Script>) {
        let customer_id = FIRST_CUSTOMER + 2 * self.known.len() as u64;
        let customer = Customer {
            customer_id,
            account_id: customer_id + 1,
        };
        let customer = self
            .known
            .get(&account.access_key)
            .map_or(customer, |known| known.customer);
        let known = Known {
            secret_key: account.secret_key,
            enabled: true,
            customer,
            script,
            calls: 0,
        };
        self.by_customer
            .insert(customer.customer_id, account.access_key.clone());
        self.known.insert(account.access_key, known);
    }

    /// Makes an account of a magic access key, unless it is one. A key that a test made an account of is no magic one.
    pub(super) fn meet(&mut self, access_key: &str, now: UnixMs) -> Result<(), Refusal> {
        if self.known.contains_key(access_key) {
            return Ok(());
        }
        if let Some(script) = scenario::asked(access_key, Place::AccessKey, now)? {
            if self.magic == MAGIC {
                return Err(refusal::no_scenario(format!(
                    "Sandbox: more than {MAGIC} magic access keys"
                )));
            }
            self.magic += 1;
            self.insert(Account::new(access_key, scenario::SECRET_KEY), Some(script));
        }
        Ok(())
    }

    /// False if there is no such account.
    pub(super) fn enable(&mut self, access_key: &str, enabled: bool) -> bool {
        self.known
            .get_mut(access_key)
            .map(|known| known.enabled = enabled)
            .is_some()
    }

    pub(super) fn enable_all(&mut self) {
        for known in self.known.values_mut() {
            known.enabled = true;
            known.calls = 0;
        }
    }

    pub(super) fn exists(&self, access_key: &str) -> bool {
        self.known.contains_key(access_key)
    }

    /// The names of the accounts and whether they are enabled.
    pub(super) fn list(&self) -> impl Iterator<Item = (&str, bool)> {
        self.known
            .iter()
            .map(|(key, known)| (key.as_str(), known.enabled))
    }

    /// The customer whose key signed, judged by `check`, which is given the secret key.
    ///
    /// The signature is judged before the account's state, so that only its owner learns the state (a guess).
    pub(super) fn sign_in(
        &self,
        access_key: &str,
        check: impl FnOnce(&str) -> bool,
    ) -> Result<Customer, Refusal> {
        let known = self.known.get(access_key).ok_or(refusal::BAD_ACCESS_KEY)?;
        if !check(&known.secret_key) {
            return Err(refusal::SIGNATURE);
        }
        if !known.enabled {
            return Err(refusal::ACCOUNT_DISABLED);
        }
        Ok(known.customer)
    }

    /// An access token; `None` if it cannot be written down.
    pub(super) fn issue(
        &mut self,
        customer: Customer,
        (uuid, real_ip): (&str, IpAddr),
        now: UnixMs,
        life: Duration,
    ) -> Option<String> {
        let token = self.mint.token(customer, (Some(real_ip), uuid), now, life)?;
        self.issued += 1;
        Some(token)
    }

    /// A token for the page of a link.
    pub(super) fn link_token(
        &self,
        customer: Customer,
        uuid: &str,
        now: UnixMs,
        life: Duration,
    ) -> Option<String> {
        self.mint.token(customer, (None, uuid), now, life)
    }

    /// The `uuid` of a link's token, if it is one.
    pub(super) fn link_uuid(&self, token: &str) -> Option<String> {
        let token = self.mint.read(token)?;
        token.real_ip.is_none().then_some(token.uuid)
    }

    /// The access key that `token` stands for. A token is good up to the millisecond before it expires (a guess).
    pub(super) fn owner(&mut self, token: Option<&str>, ids: &Ids, now: UnixMs) -> Result<&str, Refusal> {
        let token = token
            .and_then(|text| self.read(text, ids))
            .filter(|token| now < token.expires)
            .ok_or(refusal::BAD_TOKEN)?;
        let owner = self
            .by_customer
            .get(&token.customer_id)
            .ok_or(refusal::BAD_TOKEN)?;
        match self.known.get(owner) {
            Some(Known {
                script: Some(Script::TokenLate(late)),
                ..
            }) if now < token.issued.after(*late) => Err(refusal::BAD_TOKEN),
            Some(known) if known.enabled => Ok(owner),
            _ => Err(refusal::DISABLED_TOKEN),
        }
    }

    /// An access token that was not revoked.
    fn read(&mut self, text: &str, ids: &Ids) -> Option<Proven> {
        let token = if let Some(token) = self.proven.get(text) {
            *token
        } else {
            let token = self.prove(text, ids)?;
            if self.proven.len() >= PROVEN {
                self.proven.clear();
            }
            self.proven.insert(text.to_owned(), token);
            token
        };
        let known = token.serial > self.revoked_to && token.serial <= ids.newest();
        (known && !self.revoked.contains_key(&token.serial)).then_some(token)
    }

    /// An access token that this sandbox signed.
    fn prove(&self, text: &str, ids: &Ids) -> Option<Proven> {
        let token = self.mint.read(text)?;
        token.real_ip?;
        Some(Proven {
            serial: ids.serial(&token.uuid)?,
            customer_id: token.customer.customer_id,
            issued: token.issued,
            expires: token.expires,
        })
    }

    pub(super) fn customer(&self, access_key: &str) -> Option<Customer> {
        self.known.get(access_key).map(|known| known.customer)
    }

    /// What the account's scenario does, and the number of the call that it may do it to.
    pub(super) fn script(&mut self, access_key: &str, endpoint: Endpoint) -> Option<(&Script, u64)> {
        let known = self.known.get_mut(access_key)?;
        let script = known.script.as_ref()?;
        if let Script::Fails(on, ..) = script
            && !on.contains(&endpoint)
        {
            return None;
        }
        known.calls += 1;
        Some((script, known.calls))
    }

    /// False if there is no such token.
    pub(super) fn revoke(&mut self, text: &str, ids: &Ids) -> bool {
        let Some(token) = self.read(text, ids) else {
            return false;
        };
        if self.revoked.len() >= REVOKED {
            // Those that have expired at the time of this one's issue are refused anyway.
            self.revoked.retain(|_, expires| *expires > token.issued);
        }
        if self.revoked.len() >= REVOKED {
            self.revoked.pop_first();
        }
        self.revoked.insert(token.serial, token.expires);
        self.issued = self.issued.saturating_sub(1);
        true
    }

    /// How many tokens were revoked; those that had expired by themselves count too.
    pub(super) fn revoke_all(&mut self, ids: &Ids) -> usize {
        self.revoked_to = ids.newest();
        self.revoked.clear();
        std::mem::take(&mut self.issued)
    }
}
