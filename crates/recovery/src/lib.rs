//! Pure rules of AWS Data Restore: ids, recovery points, verdicts, RPO, plans, preflight, type mapping
