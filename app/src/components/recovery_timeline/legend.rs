//! What the shapes mean.

use leptos::prelude::*;
use recovery::timeline::MarkState;

use super::glyph::{Glyph, label};

/// The hatching, once for every lane of a page.
#[component]
pub(crate) fn Hatch() -> impl IntoView {
    view! {
        <svg class="defs" width="0" height="0" aria-hidden="true">
            <defs>
                <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="hatch-ground" width="7" height="7" />
                    <rect class="hatch-line" width="2" height="7" />
                </pattern>
            </defs>
        </svg>
    }
}

/// Every shape with its meaning.
#[component]
pub(crate) fn Legend() -> impl IntoView {
    view! {
        <section class="legend" aria-label="Legend">
            <ul>
                <li>
                    <svg width="26" height="20" aria-hidden="true">
                        <rect class="band" x="0" y="3" width="26" height="14" rx="3" />
                    </svg>
                    "Can be restored"
                </li>
                <li>
                    <svg width="26" height="20" aria-hidden="true">
                        <rect class="hatched" x="0" y="3" width="26" height="14" rx="3" />
                    </svg>
                    "Cannot be restored"
                </li>
                {MarkState::ALL
                    .into_iter()
                    .map(|state| {
                        view! {
                            <li>
                                <svg width="18" height="20" aria-hidden="true">
                                    <svg x="9" y="10" overflow="visible">
                                        <g transform="scale(.72)">
                                            <Glyph state />
                                        </g>
                                    </svg>
                                </svg>
                                {label(state)}
                            </li>
                        }
                    })
                    .collect_view()} <li>
                    <svg width="14" height="20" aria-hidden="true">
                        <path class="newest" d="M2 6h10l-5 7z" />
                    </svg>
                    "Newest restorable"
                </li>
                <li>
                    <svg width="10" height="20" aria-hidden="true">
                        <path class="target-line" d="M5 2v16" />
                    </svg>
                    "RPO target"
                </li>
                <li>
                    <svg width="10" height="20" aria-hidden="true">
                        <path class="now-line" d="M5 2v16" />
                    </svg>
                    "Now"
                </li>
            </ul>
        </section>
    }
}
