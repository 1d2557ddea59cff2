//! Every life in a stated scope: the machine that ships, driven through all that may come to it, in every order.
//!
//! Nothing is modelled and nothing is copied. A life is played on the real `Session`. Wherever more than one thing may happen
//! next (which reply comes, what it says, whether a timer is faster, who gives up), there is a choice, and each choice is a
//! digit of a counter. The counter counts until there is no life left. What each life shows is judged by the
//! [monitors](crate::monitors).
//!
//! Time is virtual. A reply comes a little after the last event, or when its request's limit runs out; a timer
//! fires when it is due. So all orders are covered, and of each order one timing.

mod choices;
mod life;
mod play;
mod replies;
mod scope;
mod shorten;
mod strand;
mod table;
mod vendor;

pub use choices::Choices;
pub use play::{Failure, Played, estimate, play, replay};
pub use scope::{Depth, Scope};
pub use table::SCOPES;

/// The scope of this name.
///
/// # Errors
/// There is none; the text names those that there are.
pub fn scope(name: &str) -> Result<&'static Scope, String> {
    SCOPES.iter().find(|scope| scope.name == name).ok_or_else(|| {
        let names: Vec<&str> = SCOPES.iter().map(|scope| scope.name).collect();
        format!("there is no run {name:?}; there are {}", names.join(", "))
    })
}
