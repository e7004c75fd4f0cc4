//! One file per route.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod compliance;
pub(crate) mod kit;
pub(crate) mod new_restore;
pub(crate) mod not_found;
pub(crate) mod overview;
pub(crate) mod policies;
pub(crate) mod portal;
pub(crate) mod recovery_point;
pub(crate) mod recovery_points;
pub(crate) mod restore;
pub(crate) mod restores;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod sources;
