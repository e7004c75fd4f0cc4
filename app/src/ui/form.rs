//! Forms that send themselves when a choice changes. Without wasm their button does.

use leptos::ev::Event;

/// Sends the form around the element that the event happened to.
pub(crate) fn submit_around(event: &Event) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("form").ok().flatten())
            .and_then(|element| element.dyn_into::<web_sys::HtmlFormElement>().ok());
        if let Some(form) = form {
            // An invalid form shows its faults instead.
            let _ = form.request_submit();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = event;
}
