//! Who looks at the page, and what they may do.

use leptos::prelude::*;
use recovery::actor::Permission;

use crate::api::session::User;

/// The user, by context; `None` when nobody is signed in.
#[derive(Clone, Debug)]
struct Viewer(Option<User>);

/// Makes the user known to every component.
pub(crate) fn provide_viewer(user: Option<User>) {
    provide_context(Viewer(user));
}

/// Who is signed in.
pub(crate) fn viewer() -> Option<User> {
    use_context::<Viewer>().and_then(|Viewer(user)| user)
}

/// Why the viewer may not do something: `needs the operator role`. `None` when they may.
///
/// This only explains a disabled button; the server refuses by itself.
pub(crate) fn refusal(permission: Permission) -> Option<String> {
    let may = viewer().is_some_and(|user| user.role.may(permission));
    (!may).then(|| format!("Needs the {} role", permission.needs().name()))
}
