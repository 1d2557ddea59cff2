//! What each case says of them.

mod attohttpc {
    advance_conformance::conformance! {
        name: "attohttpc",
        claims: [],
        logs: ["attohttpc" => Debug],
        blocking: |_setup| strangers::OverAttohttpc::new(),
    }
}

mod isahc {
    advance_conformance::conformance! {
        name: "isahc",
        claims: [pool],
        blocking: |_setup| strangers::OverIsahc::new(),
    }
}
