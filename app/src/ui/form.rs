//! The text fields of forms.

use leptos::prelude::*;

/// What is written into a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A name, an address or the like: nothing corrects or completes it.
    #[default]
    Name,
    /// A sentence.
    Prose,
    /// A whole number, at least 1 and at most so many.
    Number(Option<u64>),
}

/// A field with its label.
#[component]
pub(crate) fn Field(
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// What is written into it.
    #[prop(optional)]
    kind: FieldKind,
    /// What stands there at first.
    #[prop(into, optional)]
    value: Option<String>,
    /// An example, or what is meant where nothing is written.
    #[prop(into, optional)]
    hint: Option<String>,
    /// The most characters.
    #[prop(optional)]
    length_max: Option<u16>,
    /// Whether something must be written.
    #[prop(optional)]
    required: bool,
    /// Whether nothing can be written.
    #[prop(optional)]
    disabled: bool,
    /// Its label.
    children: Children,
) -> impl IntoView {
    let is_name = kind == FieldKind::Name;
    let (input, min, max) = match kind {
        FieldKind::Name | FieldKind::Prose => ("text", None, None),
        FieldKind::Number(max) => ("number", Some("1"), max.map(|max| max.to_string())),
    };
    view! {
        <label class="field">
            <span>{children()}</span>
            <input
                type=input
                name=name
                value=value
                placeholder=hint
                min=min
                max=max
                maxlength=length_max.map(|length| length.to_string())
                required=required
                disabled=disabled
                autocomplete="off"
                spellcheck=is_name.then_some("false")
                autocapitalize=is_name.then_some("none")
            />
        </label>
    }
}
