//! Style sheet, scripts and icon of the pages. The name of each contains a hash of its content, so browsers keep them for
//! good.

use aws_lc_rs::digest;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::compression::compressed;

/// The files, each after those that it imports.
const FILES: [(&str, &str); 12] = [
    ("console.css", include_str!("../assets/console.css")),
    ("icon.svg", include_str!("../assets/icon.svg")),
    ("dom.js", include_str!("../assets/dom.js")),
    ("keyread.js", include_str!("../assets/keyread.js")),
    ("chest.js", include_str!("../assets/chest.js")),
    ("soft.js", include_str!("../assets/soft.js")),
    ("transfers.js", include_str!("../assets/transfers.js")),
    ("keyform.js", include_str!("../assets/keyform.js")),
    ("upload.js", include_str!("../assets/upload.js")),
    ("download.js", include_str!("../assets/download.js")),
    ("protect.js", include_str!("../assets/protect.js")),
    ("console.js", include_str!("../assets/console.js")),
];

/// A file as it is sent.
pub(crate) struct Asset {
    pub(crate) content_type: &'static str,
    pub(crate) plain: Bytes,
    pub(crate) gzip: Bytes,
}

struct Assets {
    /// Path by file name.
    paths: HashMap<&'static str, String>,
    by_path: HashMap<String, Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut assets = Assets {
        paths: HashMap::new(),
        by_path: HashMap::new(),
    };
    for (name, text) in FILES {
        let mut text = text.to_owned();
        for (imported, path) in &assets.paths {
            text = text.replace(&format!("\"./{imported}\""), &format!("\"{path}\""));
        }
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        let hash = hex::encode(digest.as_ref().get(..6).unwrap_or_default());
        let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
        let path = format!("/-/{stem}.{hash}.{ending}");
        let content_type = match ending {
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        };
        let asset = Asset {
            content_type,
            gzip: compressed(text.as_bytes()),
            plain: text.into(),
        };
        assets.by_path.insert(path.clone(), asset);
        assets.paths.insert(name, path);
    }
    assets
});

/// Returns the path of a file.
pub(crate) fn path(name: &str) -> &'static str {
    ASSETS.paths.get(name).map_or("", String::as_str)
}

/// Returns the file at a path.
pub(crate) fn at(path: &str) -> Option<&'static Asset> {
    ASSETS.by_path.get(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_import_each_other_by_their_paths() {
        for (path, asset) in &ASSETS.by_path {
            let text = std::str::from_utf8(&asset.plain).unwrap();
            assert!(
                !text.contains("\"./"),
                "{path} imports a file that is declared after it"
            );
            assert!(!text.contains("innerHTML"), "{path}");
        }
    }

    #[test]
    fn a_first_visit_is_small() {
        let first = [
            "console.css",
            "icon.svg",
            "dom.js",
            "keyread.js",
            "chest.js",
            "soft.js",
            "console.js",
        ];
        let assets = first.map(|name| at(path(name)).unwrap());
        let total: usize = assets.iter().map(|asset| asset.plain.len()).sum();
        assert!(total <= 48 << 10, "{total}");
    }
}
