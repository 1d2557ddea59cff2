mod alloc;
mod callgrind;
mod case;
mod measure;
mod naive;
mod network;
mod pure;
mod samples;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn main() {
    let cases = pure::cases();
    if std::env::args().any(|a| a == callgrind::COUNTED) {
        callgrind::be_counted(&cases);
        return;
    }
    if let Some(name) = std::env::args().skip_while(|a| a != "--spin").nth(1) {
        measure::spin(&cases, &name);
        return;
    }
    let measured = measure::rounds(&cases, 40);
    let counted = callgrind::count(cases.len());
    for (i, (case, m)) in cases.iter().zip(&measured).enumerate() {
        let c = counted.as_ref().map(|c| c[i]);
        println!(
            "{:42} {:8.1} {:8.1} {:5.2} of {:5.2}  alloc {} {}  instr {:?} {:.2}",
            case.name,
            m.nanos,
            m.floor_nanos,
            m.ratio,
            case.target,
            m.allocations,
            m.floor_allocations,
            c,
            c.map_or(0.0, |(a, b)| a as f64 / b as f64)
        );
    }
}
