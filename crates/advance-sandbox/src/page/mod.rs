//! The page where a person photographs a card: what it shows, in which language, and what a tester may choose.
//!
//! It is plain HTML that works without a script. The script adds the camera, a preview, and goes on by itself.
//! [`model`](crate::model) decides which screen is due; here it is only drawn.

mod choices;
mod drawer;
mod language;
mod screen;
mod template;
mod words;

pub(crate) use choices::{Checking, Choices};
pub(crate) use language::Language;
pub(crate) use screen::{Closed, Link, Screen};

pub(crate) const STYLE: &str = concat!(include_str!("base.css"), include_str!("page.css"));
pub(crate) const SCRIPT: &str = include_str!("page.js");
pub(crate) const ICON: &str = include_str!("icon.svg");
