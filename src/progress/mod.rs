//! The learner's record.
