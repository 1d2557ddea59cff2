//! Nothing: what this program is for is in its tests.
