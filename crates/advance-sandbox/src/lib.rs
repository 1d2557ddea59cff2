//! The ADVANCE.AI H5 document verification API on your own machine, for tests and demos
