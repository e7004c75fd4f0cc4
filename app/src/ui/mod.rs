//! Components and words that know nothing of the product.

pub(crate) mod bar;
pub(crate) mod combobox;
pub(crate) mod copy_button;
pub(crate) mod crumbs;
pub(crate) mod dialog;
pub(crate) mod empty_state;
pub(crate) mod form;
pub(crate) mod format;
pub(crate) mod link;
pub(crate) mod pager;
pub(crate) mod prose;
pub(crate) mod segmented;
pub(crate) mod split_panel;
pub(crate) mod status;
pub(crate) mod steps;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod view_menu;
