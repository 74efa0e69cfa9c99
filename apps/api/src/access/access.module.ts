import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { UnknownQueryGuard } from '@usher/http';
import { AccessGuard } from './access.guard.js';
import { AccessRepository } from './access.repository.js';
import { Authority } from './authority.js';
import { PlaceGate } from './place-gate.js';

/** Who may do what: the guard before every route, and the ceiling inside every write. */
@Global()
@Module({
  providers: [
    AccessRepository,
    Authority,
    PlaceGate,
    // In this order: strangers are told nothing of a route.
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: UnknownQueryGuard },
  ],
  exports: [AccessRepository, Authority, PlaceGate],
})
export class AccessModule {}
