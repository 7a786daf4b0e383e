//! The contract, spoken.

mod patch;
