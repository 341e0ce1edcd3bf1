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
            "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zm0 0 2 13c.2 1.200 2.700 2 6 2s5.800-.8 6-2l2-13"
        }
        Icon::Key => {
            "M15.500 3a5.500 5.500 0 0 0-5.200 7.300L3 17.600V21h3.400v-2.300h2.300v-2.300H11l2.700-2.700A5.500 5.500 0 1 0 15.500 3zm1.500 4h.01"
        }
        Icon::Person => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 9c0-3.600 3.600-6 8-6s8 2.400 8 6",
        Icon::SignOut => "M10 4H5v16h5m4-4 4-4-4-4m4 4H9",
        Icon::Menu => "M4 7h16M4 12h16M4 17h16",
        Icon::Folder => {
            "M3 6.500A1.500 1.500 0 0 1 4.500 5H9l2 2.500h8.500A1.500 1.500 0 0 1 21 9v9a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 18z"
        }
        Icon::File => "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm8 0v5h5",
        Icon::Upload => "M12 15V4m-4.500 4L12 3.500 16.500 8M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4",
        Icon::Download => {
            "M12 4v11m-4.500-4 4.500 4.500 4.500-4.500M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4"
        }
        Icon::Search => "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zm4.700-1.800L20 20",
        Icon::Plus => "M12 5v14M5 12h14",
        Icon::Cross => "m6 6 12 12M18 6 6 18",
        Icon::Check => "m5 12.500 4.500 4.500L19 7.500",
        Icon::Warning => "M12 4 2.800 20h18.400zm0 6v4.500m0 2.800v.01",
        Icon::Note => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-10v6m0-9.500v.01",
        Icon::Pencil => "m4 20 1-4L16.500 4.500a1.500 1.500 0 0 1 2 0l1 1a1.500 1.500 0 0 1 0 2L8 19z",
        Icon::Ring => "M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14z",
        Icon::Square => "M5.500 5.500h13v13h-13z",
        Icon::Trash => "M4 6.500h16M9.500 6V4h5v2M6 6.500 7 20h10l1-13.500M10 10.500v6m4-6v6",
        Icon::Back => "M4 9h10a5.500 5.500 0 0 1 0 11h-3M8 5 4 9l4 4",
        Icon::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
        Icon::Eye => {
            "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z"
        }
        Icon::Gear => {
            "M4 7h9m5 0h2M4 17h2m5 0h9M15.500 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zm-7 10a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z"
        }
        Icon::Marker => "M5 4v17M5 5h13l-3 4 3 4H5",
    };
    html! {
        svg class="icon" viewBox="0 0 24 24" aria-hidden="true" { path d=(path) {} }
    }
}
