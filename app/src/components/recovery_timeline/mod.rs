//! A recovery timeline: one lane for each source and Region. The band is what can be restored, ticks are recovery
//! points, hatching is what cannot be restored.
//!
//! It is an SVG with positions in percent: drawn on the server, sharp at every width, and without inline styles.

mod cluster;
mod glyph;
mod lane;
mod legend;
mod scale;

pub(crate) use lane::{Selection, Strip};
pub(crate) use legend::{Hatch, Legend};
pub(crate) use scale::{Axis, Scale};
