//! Values for property tests: a strategy for every type of the wire and the domain that holds something of a request
//! or a reply, and bodies that no server should send. Enumerations of this crate's own (such as
//! [`CodeClass`](crate::wire::CodeClass) or [`Finding`](crate::Finding)) come with the values that have them.
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
pub mod documents;
pub mod hostile;
mod parts;
mod text;
pub mod values;

pub use text::{any_text, odd_text};
