//! Accounts and the tokens they hold.

use std::collections::BTreeMap;

use super::bounded::Bounded;
use super::config::Account;
use super::refusal::{self, Refusal};
use super::time::UnixMs;

/// Tokens that are remembered at a time; older ones count as unknown.
const TOKENS: usize = 100_000;
/// The customer of the documented sample token; each account after the first takes the next two numbers.
const FIRST_CUSTOMER: u64 = 3_150_298;

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
}

#[derive(Clone)]
struct Token {
    access_key: String,
    expires: UnixMs,
}

/// Who may ask, and with which tokens.
#[derive(Clone)]
pub(super) struct Accounts {
    known: BTreeMap<String, Known>,
    tokens: Bounded<Token>,
}

impl Accounts {
    pub(super) fn new(accounts: &[Account]) -> Self {
        let mut made = Self {
            known: BTreeMap::new(),
            tokens: Bounded::new(TOKENS),
        };
        for account in accounts {
            made.add(account.clone());
        }
        made
    }

    pub(super) fn add(&mut self, account: Account) {
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
        };
        self.known.insert(account.access_key, known);
    }

    /// False if there is no such account.
    pub(super) fn enable(&mut self, access_key: &str, enabled: bool) -> bool {
        self.known
            .get_mut(access_key)
            .map(|known| known.enabled = enabled)
            .is_some()
    }

    pub(super) fn enable_all(&mut self) {
        self.known.values_mut().for_each(|known| known.enabled = true);
    }

    pub(super) fn exists(&self, access_key: &str) -> bool {
        self.known.contains_key(access_key)
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

    pub(super) fn issue(&mut self, token: String, access_key: &str, expires: UnixMs) {
        self.tokens.insert(
            token,
            Token {
                access_key: access_key.to_owned(),
                expires,
            },
        );
    }

    /// The access key that `token` stands for. A token is good up to the millisecond before it expires (a guess).
    pub(super) fn owner(&self, token: Option<&str>, now: UnixMs) -> Result<&str, Refusal> {
        let token = token
            .and_then(|text| self.tokens.get(text))
            .filter(|token| now < token.expires);
        let token = token.ok_or(refusal::BAD_TOKEN)?;
        match self.known.get(&token.access_key) {
            Some(known) if known.enabled => Ok(&token.access_key),
            _ => Err(refusal::DISABLED_TOKEN),
        }
    }

    pub(super) fn customer(&self, access_key: &str) -> Option<Customer> {
        self.known.get(access_key).map(|known| known.customer)
    }

    /// False if there is no such token.
    pub(super) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.remove(token).is_some()
    }

    /// How many tokens were revoked; those that had expired by themselves count too.
    pub(super) fn revoke_all(&mut self) -> usize {
        let revoked = self.tokens.len();
        self.tokens.clear();
        revoked
    }
}
