//! What each case says of them.

mod attohttpc {
    advance_conformance::conformance! {
        name: "attohttpc",
        claims: [tls, proxy],
        logs: ["attohttpc" => Debug],
        cannot: strangers::ATTOHTTPC,
        blocking: strangers::OverAttohttpc::new,
    }
}

mod isahc {
    advance_conformance::conformance! {
        name: "isahc",
        claims: [tls, identity, proxy, pool],
        cannot: strangers::ISAHC,
        blocking: strangers::OverIsahc::new,
    }
}
