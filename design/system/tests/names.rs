//! A machine is called in what is done to a run as in the file.

use super::lab_of;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::lab::Lab as _;

#[test]
fn a_machine_is_named_in_an_intervention_as_in_the_file_or_by_its_number() {
    let lab = lab_of(
        "design: d\nclients: {users: {rps: 1, calls: [{to: api}]}}\ncomponents:\n\
         \x20 api: {kind: service, replicas: 3, calls: [{to: db}]}\n  db: {kind: database}\n",
    );
    let parse = |text: &str| Intervention::parse(text, lab.spec());
    for (text, number) in [
        ("crash=api 2", "crash=2"),
        ("slow=api 3:5", "slow=3:5"),
        ("pause=db:2s", "pause=4:2s"),
        ("crash=4", "crash=4"),
    ] {
        let read = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read.to_string(), number);
    }
    let wrong = parse("crash=apu 2").unwrap_err().to_string();
    assert!(wrong.contains("api 1, api 2, api 3, db"), "{wrong}");
}
