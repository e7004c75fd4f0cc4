//! Who acts, and what they may do.

use serde::{Deserialize, Serialize};

/// What a person or a token is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads of its own sources what the portal shows, and nothing else.
    Customer,
    /// Reads everything, changes nothing.
    Viewer,
    /// Also checks and repairs copies, cancels exports and asks for them again, makes plans, starts, pauses and cancels
    /// restores.
    Operator,
}

/// One thing that may be permitted. Whatever changes anything names one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See in the portal how one's own sources stand.
    Portal,
    /// See sources, recovery points, copies, runs and the audit log.
    Read,
    /// Ask for a replication check now.
    Verify,
    /// Cancel an export, or ask for it again.
    Export,
    /// Make a plan and its preflight (writes nothing, but reads a copy's rows).
    Plan,
    /// See values of a copy in the examples of a preflight.
    ShowValues,
    /// Start a restore.
    Restore,
    /// Cancel a restore.
    Cancel,
    /// Pause a restore, or resume it.
    Pause,
    /// Copy what a copy lacks from a verified one.
    Repair,
    /// Thaw a copy that lies in Glacier, which costs money.
    Thaw,
    /// Make or change backup plans, vaults and selections, as the policies need it.
    ApplyPolicies,
    /// Move a copy to Glacier, or end it, as its policy says. The product's own workers do so, nobody else.
    Lifecycle,
}

impl Permission {
    /// Every permission, those that need the least first.
    pub const ALL: [Self; 13] = [
        Self::Portal,
        Self::Read,
        Self::Verify,
        Self::Export,
        Self::Plan,
        Self::ShowValues,
        Self::Restore,
        Self::Cancel,
        Self::Pause,
        Self::Repair,
        Self::Thaw,
        Self::ApplyPolicies,
        Self::Lifecycle,
    ];

    /// What it allows, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Portal => "See one's own databases in the portal",
            Self::Read => {
                "See sources, recovery points, restores, policies, the audit log, settings and people"
            }
            Self::Verify => "Check a copy again",
            Self::Export => "Cancel an export, or ask for it again",
            Self::Plan => "Plan a restore and see its preflight",
            Self::ShowValues => "See values of a copy in a preflight's examples",
            Self::Restore => "Start a restore",
            Self::Cancel => "Cancel a restore",
            Self::Pause => "Pause a restore, or resume it",
            Self::Repair => "Repair a copy from a verified one",
            Self::Thaw => "Thaw a copy that lies in Glacier",
            Self::ApplyPolicies => "Make or change backup plans, vaults and selections",
            Self::Lifecycle => "Move copies to Glacier or end them, as policies say",
        }
    }

    /// Whether the product's own workers do it and nobody can ask for it, whatever the role.
    pub fn is_of_workers(self) -> bool {
        self == Self::Lifecycle
    }

    /// The role that is needed, for messages such as "needs the operator role".
    pub fn needs(self) -> Role {
        match self {
            Self::Portal => Role::Customer,
            Self::Read => Role::Viewer,
            Self::Verify
            | Self::Export
            | Self::Plan
            | Self::ShowValues
            | Self::Restore
            | Self::Cancel
            | Self::Pause
            | Self::Repair
            | Self::Thaw
            | Self::ApplyPolicies
            | Self::Lifecycle => Role::Operator,
        }
    }
}

impl Role {
    /// Every role; each holds what those before it hold.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Viewer, Self::Operator];

    /// Whether this role holds `permission`.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.needs()
    }

    /// The role's name as users read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }
}

/// How an actor came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// A browser session.
    Session,
    /// A bearer token.
    Token,
    /// The command line on the machine itself.
    Cli,
    /// The product's own workers.
    Worker,
}

/// Who does something, as the audit log records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actor {
    /// The user's or token's name.
    pub name: String,
    /// The role it had at that moment.
    pub role: Role,
    /// How it came in.
    pub via: Via,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_sees_the_portal_a_viewer_reads_and_an_operator_does_everything() {
        let held = |role: Role| -> Vec<Permission> {
            Permission::ALL.into_iter().filter(|p| role.may(*p)).collect()
        };
        assert_eq!(held(Role::Customer), [Permission::Portal]);
        assert_eq!(held(Role::Viewer), [Permission::Portal, Permission::Read]);
        assert_eq!(held(Role::Operator), Permission::ALL);
    }
}
