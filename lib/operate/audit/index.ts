export { appendAudit } from './append.ts';
export { type AuditLine, type BreakEntry, ChangeEntry, keptDiff, VerdictEntry } from './record.ts';
export { AUDIT_DIR, AUDIT_FILE, type AuditLog, verifyAudit } from './verify.ts';
