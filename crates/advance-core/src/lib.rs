//! Sans-IO core of the ADVANCE.AI H5 document verification SDK: wire format, domain types, the call machine
