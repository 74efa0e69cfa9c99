import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { AuditRetention } from './audit-retention.js';

@Global()
@Module({ providers: [Audit, AuditRetention], exports: [Audit] })
export class AuditModule {}
