//! hydrate() and nothing else
