//! What a path asks for.

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// One of the vendor's calls, or nothing that there is.
    Call(&'a str),
    /// The page of a link.
    Page(&'a str),
    /// A short way to the page of this signatureId.
    Short(&'a str),
    /// A picture of this name.
    Image(&'a str),
    /// A control call.
    Control(&'a str),
    /// The dashboard, or a file of it.
    Dashboard(&'a str),
}

impl<'a> Route<'a> {
    /// Paths may begin with the configured `prefix` or not, except those of calls, which must.
    pub(crate) fn of(path: &'a str, prefix: &str) -> Self {
        let stripped = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
        let inner = stripped.unwrap_or(path);
        if let Some(rest) = inner.strip_prefix("/__sandbox/") {
            if let Some(name) = rest.strip_prefix("images/") {
                return Self::Image(name);
            }
            if let Some(rest) = rest.strip_prefix("dashboard/") {
                return Self::Dashboard(rest);
            }
            return Self::Control(rest);
        }
        if let Some(rest) = inner.strip_prefix("/h5-idv/") {
            return Self::Page(rest);
        }
        match inner.strip_prefix("/s/") {
            Some(id) => Self::Short(id),
            None if inner == "/" => Self::Dashboard(""),
            None => Self::Call(stripped.unwrap_or_default()),
        }
    }

    /// Whether only those may ask for it who may control the sandbox.
    pub(crate) fn controls(self) -> bool {
        matches!(self, Self::Control(_) | Self::Dashboard(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_needed_by_calls_alone() {
        let token = "/openapi/auth/ticket/v1/generate-token";
        assert_eq!(Route::of(token, ""), Route::Call(token));
        assert_eq!(Route::of(token, "/gateway"), Route::Call(""));
        assert_eq!(
            Route::of(&format!("/gateway{token}"), "/gateway"),
            Route::Call(token)
        );
        assert_eq!(Route::of("/gatewayx/h5-idv/", "/gateway"), Route::Call(""));
        for prefix in ["", "/gateway"] {
            for asked in ["", prefix] {
                let of = |path: &str| format!("{:?}", Route::of(&format!("{asked}{path}"), prefix));
                assert_eq!(of("/h5-idv/"), r#"Page("")"#);
                assert_eq!(of("/s/a1"), r#"Short("a1")"#);
                assert_eq!(of("/__sandbox/images/x"), r#"Image("x")"#);
                assert_eq!(of("/__sandbox/reset"), r#"Control("reset")"#);
                assert_eq!(of("/__sandbox/dashboard/a.js"), r#"Dashboard("a.js")"#);
                assert_eq!(of("/"), r#"Dashboard("")"#);
            }
        }
    }
}
