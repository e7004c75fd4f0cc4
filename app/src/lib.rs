//! The pages of AWS Data Restore, compiled for the server and for the browser
