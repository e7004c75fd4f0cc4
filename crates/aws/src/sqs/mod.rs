//! SQS: receiving and deleting messages.
