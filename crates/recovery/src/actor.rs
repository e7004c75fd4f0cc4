//! Who acts, and what they may do.

use serde::{Deserialize, Serialize};

/// What a person or a token is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
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
    /// The role that is needed, for messages such as "needs the operator role".
    pub fn needs(self) -> Role {
        match self {
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
    /// Whether this role holds `permission`.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.needs()
    }

    /// The role's name as users read it.
    pub fn name(self) -> &'static str {
        match self {
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
    fn a_viewer_only_reads() {
        let all = [
            Permission::Read,
            Permission::Verify,
            Permission::Export,
            Permission::Plan,
            Permission::ShowValues,
            Permission::Restore,
            Permission::Cancel,
            Permission::Pause,
            Permission::Repair,
            Permission::Thaw,
            Permission::ApplyPolicies,
            Permission::Lifecycle,
        ];
        let viewer: Vec<_> = all.into_iter().filter(|p| Role::Viewer.may(*p)).collect();
        assert_eq!(viewer, [Permission::Read]);
        assert!(all.into_iter().all(|p| Role::Operator.may(p)));
    }
}
