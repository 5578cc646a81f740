//! The schemas that Kubernetes publishes, asked through the Python package `kubernetes-validate`. It is
//! no dependency of the build: `DDLAB_PYTHON` names an interpreter that has it, else `python3` is asked.

use super::fences::Manifest;
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads manifests as JSON and prints one line for each that is refused. Kinds of add-ons have no
/// schema there.
const ASK: &str = "
import json, sys, kubernetes_validate as k
for manifest in json.load(sys.stdin):
    try:
        k.validate(manifest['value'], k.latest_version(), strict=True)
    except k.SchemaNotFoundError:
        pass
    except k.ValidationError as error:
        path = '.'.join(str(step) for step in error.path)
        print(f\"{manifest['place']}: {path}: {error.message}\")
";

/// What the schemas refuse; an error says why they could not be asked.
pub fn refusals(manifests: &[Manifest]) -> Result<Vec<String>, String> {
    let python = std::env::var("DDLAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python)
        .args(["-c", "import kubernetes_validate"])
        .output()
        .map_err(|error| format!("{python} cannot be started: {error}"))?;
    if !there.status.success() {
        return Err(format!(
            "{python} has no package kubernetes-validate (pip install kubernetes-validate)"
        ));
    }
    let asked: Vec<_> = manifests
        .iter()
        .map(|manifest| json!({"place": manifest.place, "value": manifest.value}))
        .collect();
    let mut child = Command::new(&python)
        .args(["-c", ASK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{python} cannot be started: {error}"))?;
    let mut input = child.stdin.take().expect("the input was piped");
    let text = serde_json::to_vec(&asked).expect("JSON of JSON");
    input.write_all(&text).expect("the script reads its input");
    drop(input);
    let output = child.wait_with_output().expect("the script ends");
    // The package is there: a script that fails is a failure, not an absence.
    assert!(output.status.success(), "the schemas could not be asked");
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().map(str::to_owned).collect())
}
