export { Audit, type AuditEntry } from './audit.js';
export { AuditEvent } from './audit-event.entity.js';
export { AuditModule } from './audit.module.js';
