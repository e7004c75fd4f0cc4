//! Components that know the product.

pub(crate) mod copies;
pub(crate) mod estimate;
pub(crate) mod export_button;
pub(crate) mod failure_view;
pub(crate) mod findings;
pub(crate) mod header;
pub(crate) mod headline;
pub(crate) mod loaded;
pub(crate) mod missed_panel;
pub(crate) mod pace;
pub(crate) mod pause_button;
pub(crate) mod point_actions;
pub(crate) mod point_panel;
pub(crate) mod point_steps;
pub(crate) mod proof;
pub(crate) mod recovery_timeline;
pub(crate) mod repair_copies;
pub(crate) mod restore_progress;
pub(crate) mod run_feed;
pub(crate) mod run_status;
pub(crate) mod source_card;
pub(crate) mod state_badge;
pub(crate) mod tables;
pub(crate) mod thaw_panel;
pub(crate) mod verdict_badge;
pub(crate) mod viewer;
