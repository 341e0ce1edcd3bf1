//! Icons: outlines of 24 by 24 units, drawn for this console.

use maud::{Markup, html};

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Bucket,
    Key,
    Person,
    SignOut,
    Menu,
    Folder,
    File,
    Upload,
    Download,
    Search,
    Plus,
    Cross,
    Check,
    Warning,
    Note,
    Pencil,
    Ring,
    Square,
    Trash,
    Back,
    Copy,
    Eye,
    Gear,
    Marker,
}

/// Shows an icon beside a text that says the same.
pub(crate) fn icon(icon: Icon) -> Markup {
    let path = match icon {
        Icon::Bucket => {
            "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zm0 0 2 13c.2 1.2 2.7 2 6 2s5.8-.8 6-2l2-13"
        }
        Icon::Key => {
            "M15.5 3a5.5 5.5 0 0 0-5.2 7.3L3 17.6V21h3.4v-2.3h2.3v-2.3H11l2.7-2.7A5.5 5.5 0 1 0 15.5 3zm1.5 4h.01"
        }
        Icon::Person => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 9c0-3.6 3.6-6 8-6s8 2.4 8 6",
        Icon::SignOut => "M10 4H5v16h5m4-4 4-4-4-4m4 4H9",
        Icon::Menu => "M4 7h16M4 12h16M4 17h16",
        Icon::Folder => {
            "M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18z"
        }
        Icon::File => "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm8 0v5h5",
        Icon::Upload => "M12 15V4m-4.5 4L12 3.5 16.5 8M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4",
        Icon::Download => "M12 4v11m-4.5-4 4.5 4.5 4.5-4.5M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4",
        Icon::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zm4.7-1.8L20 20",
        Icon::Plus => "M12 5v14M5 12h14",
        Icon::Cross => "m6 6 12 12M18 6 6 18",
        Icon::Check => "m5 12.5 4.5 4.5L19 7.5",
        Icon::Warning => "M12 4 2.8 20h18.4zm0 6v4.5m0 2.8v.01",
        Icon::Note => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-10v6m0-9.5v.01",
        Icon::Pencil => "m4 20 1-4L16.5 4.5a1.5 1.5 0 0 1 2 0l1 1a1.5 1.5 0 0 1 0 2L8 19z",
        Icon::Ring => "M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14z",
        Icon::Square => "M5.5 5.5h13v13h-13z",
        Icon::Trash => "M4 6.5h16M9.5 6V4h5v2M6 6.5 7 20h10l1-13.5M10 10.5v6m4-6v6",
        Icon::Back => "M4 9h10a5.5 5.5 0 0 1 0 11h-3M8 5 4 9l4 4",
        Icon::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
        Icon::Eye => {
            "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z"
        }
        Icon::Gear => {
            "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zm-7 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
        }
        Icon::Marker => "M5 4v17M5 5h13l-3 4 3 4H5",
    };
    html! {
        svg class="icon" viewBox="0 0 24 24" aria-hidden="true" { path d=(path) {} }
    }
}
