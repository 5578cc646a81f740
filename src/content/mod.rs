//! Chapters, quizzes and interview questions.

pub mod model;
