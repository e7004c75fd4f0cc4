//! hydrate() and nothing else

use wasm_bindgen::prelude::wasm_bindgen;

/// Makes the server's page live. The islands in it are hydrated right after, by the script that loaded this.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    app::live::start();
}
