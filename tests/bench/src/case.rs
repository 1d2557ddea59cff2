//! A case and its floor: the same done by hand.

/// One thing that is measured beside its floor.
pub struct Case {
    pub name: &'static str,
    /// What it is compared with.
    pub floor: &'static str,
    /// How many times the floor's cost it may have.
    pub target: f64,
    /// How many allocations it may make.
    pub allocations: Option<u64>,
    pub ours: Run,
    pub theirs: Run,
}

pub type Run = Box<dyn Fn()>;

impl Case {
    pub fn new(
        name: &'static str,
        floor: &'static str,
        target: f64,
        ours: impl Fn() + 'static,
        theirs: impl Fn() + 'static,
    ) -> Self {
        Self {
            name,
            floor,
            target,
            allocations: None,
            ours: Box::new(ours),
            theirs: Box::new(theirs),
        }
    }

    pub fn allocations(mut self, most: u64) -> Self {
        self.allocations = Some(most);
        self
    }
}
