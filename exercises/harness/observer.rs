#[derive(Debug, Clone)]
pub enum GradeEvent {}
