//! Values for property tests: a strategy for every public type that is plain data, and bodies that no server should send.
//!
//! The types are those of the wire, the domain, the errors, and the settings and outcomes of calls. Sessions, clients, and
//! the steps, tickets and events of a call under way have no strategy: they come of driving a call.
//!
//! [`values`] makes what the types allow, [`documents`] makes replies in the documented format as JSON text, and
//! [`hostile`] breaks them: documented examples with bytes and members changed, types swapped, numbers at their
//! limits, members doubled, unknown members at every level, nesting without end.
//!
//! ```
//! use advance_core::strategies::{hostile, values};
//! use advance_core::suites::Ask;
//! use advance_core::{GetResult, wire};
//! use proptest::test_runner::TestRunner;
//!
//! let result = TestRunner::default().run(
//!     &(values::signature_id(), hostile::body(Ask::GetResult)),
//!     |(id, body)| {
//!         let _never_panics = wire::parse(&GetResult::new(id), &body);
//!         Ok(())
//!     },
//! );
//! result.unwrap();
//! ```

// Composite strategies are boxed: proptest keeps whole value trees on the stack otherwise, megabytes of them here.
mod calls;
mod cards;
pub mod documents;
pub mod hostile;
mod parts;
mod read;
mod scalars;
mod text;
pub mod values;
mod words;

pub use text::{any_text, odd_text};
