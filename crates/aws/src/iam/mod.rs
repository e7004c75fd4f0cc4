//! IAM: who may take a role.

mod get_role;

pub use get_role::Role;
