"""What people are asked and what follows from their answers: rubrics, splits, agreement, calibration cards."""
