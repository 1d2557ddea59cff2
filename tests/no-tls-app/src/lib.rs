//! Nothing: what this application is for is in its tests.
