use super::*;

fn names(place: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_only_when_it_is_whole() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("out");
    let mut output = Vec::new();
    let mut destination = Destination::open(&path, &mut output).unwrap();
    destination.write(b"one ").unwrap();
    destination.write(b"two").unwrap();
    assert_eq!(names(place.path()), ["out.part"]);
    destination.finish().unwrap();
    assert_eq!(names(place.path()), ["out"]);
    assert_eq!(fs::read(&path).unwrap(), b"one two");
    assert!(output.is_empty());
}

#[test]
fn what_is_given_up_leaves_nothing_unless_it_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("out");
    let mut output = Vec::new();
    let mut destination = Destination::open(&path, &mut output).unwrap();
    destination.write(b"half").unwrap();
    drop(destination);
    assert!(names(place.path()).is_empty());
    let mut destination = Destination::open(&path, &mut output).unwrap();
    destination.write(b"half").unwrap();
    assert_eq!(destination.keep().unwrap(), Some(place.path().join("out.part")));
    assert_eq!(names(place.path()), ["out.part"]);
    assert!(matches!(
        Destination::open(&path, &mut output),
        Err(DestinationError::PartThere(_))
    ));
    assert_eq!(fs::read(place.path().join("out.part")).unwrap(), b"half");
}

#[test]
fn no_file_is_written_over() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("out");
    let mut output = Vec::new();
    let mut destination = Destination::open(&path, &mut output).unwrap();
    destination.write(b"new").unwrap();
    // Create a file of the same name while this one is being written.
    fs::write(&path, "mine").unwrap();
    assert!(matches!(destination.finish(), Err(DestinationError::There(_))));
    assert!(matches!(
        Destination::open(&path, &mut output),
        Err(DestinationError::There(_))
    ));
    assert_eq!(names(place.path()), ["out"]);
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[test]
fn a_dash_is_the_output() {
    let mut output = Vec::new();
    let mut destination = Destination::open(Path::new("-"), &mut output).unwrap();
    destination.write(b"bytes").unwrap();
    destination.finish().unwrap();
    assert_eq!(output, b"bytes");
}
