//! What makes the server's pages live. Every page works without it, by links and forms.
//!
//! The server alone renders. Where a link, a form or news would load the same page again, [`visit`] asks for it and
//! [`morph`] changes the document into the answer, so that focus, scrolling and open menus stay. The rest is delegated
//! from the window, so that what comes later works as well: an element says what it wants by an attribute.
//!
//! | attribute | what happens |
//! |---|---|
//! | `data-copy` on a button | its value goes to the clipboard |
//! | `data-opens`, `data-closes` on a button | the dialog of this id is opened, the dialog around it closed |
//! | `data-submits` on a form or a part of one | the form is sent when something in it changes; `at-once` sends it when the page is shown |
//! | `data-notifies` on a button | there is a notice when a later page has no such button |
//! | `data-zone` on a button | times are shown in UTC or in the browser's zone |
//! | `data-form`, `data-ago` on a `time` | it is shown in that zone, or counts on |
//! | `data-every`, `data-events` | the page is brought up to date so often (seconds), and with each of these events |

mod clipboard;
mod clock;
mod dialogs;
mod document;
mod forms;
mod links;
mod menus;
mod morph;
mod news;
mod notices;
mod timelines;
mod visit;

/// Makes the page live. What is of use only then is shown by `html[data-live]`.
pub fn start() {
    document::mark("data-live", "");
    clipboard::listen();
    clock::start();
    dialogs::listen();
    forms::listen();
    links::listen();
    menus::listen();
    notices::listen();
    timelines::listen();
    rendered();
    news::start();
}

/// What is done to the server's HTML each time it has come.
fn rendered() {
    clock::arrived();
    timelines::rove();
    notices::write();
    forms::begin();
}
