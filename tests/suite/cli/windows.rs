//! Names that only Windows knows.

use crate::common::{Sandbox, stdout_of};

const SIGN: [&str; 8] = [
    "url",
    "https://h.example/a",
    "-k",
    "K2JCJMDEHXQW5F",
    "-e",
    "1800000000",
    "--now",
    "2026-12-01",
];

#[test]
fn a_file_url_may_name_a_drive() {
    let sandbox = Sandbox::new();
    let path = sandbox.join("rsa2048-pkcs8.pem");
    let path = path.to_str().unwrap();
    let url = format!("file:///{}", path.replace('\\', "/"));
    let signed = |key: &str| stdout_of(sandbox.cfsign(&SIGN).args(["-p", key]));
    assert_eq!(signed(&url), signed(path));
}

#[test]
fn the_null_device_is_written_to() {
    let sandbox = Sandbox::new();
    sandbox.write("urls.txt", "https://h.example/a\n");
    for device in ["NUL", "nul"] {
        let mut batch = sandbox.cfsign(&["batch", "urls.txt", "-o", device]);
        batch.args(&SIGN[2..]).args(["-p", "rsa2048-pkcs8.pem"]);
        assert_eq!(stdout_of(&mut batch), "");
    }
    let files = std::fs::read_dir(sandbox.path()).unwrap();
    let left = files.filter_map(|file| file.unwrap().file_name().into_string().ok());
    let left: Vec<String> = left.filter(|name| name.starts_with(".cfsign-")).collect();
    assert_eq!(left, [""; 0]);
}
