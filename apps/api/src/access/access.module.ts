import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { UnknownQueryGuard } from '@usher/http';
import { AccessGuard } from './access.guard.js';
import { Authority } from './authority.js';
import { PlaceGate } from './place-gate.js';
import { RoleLookup } from './role-lookup.js';

/** Who may do what: the guard before every route, and the ceiling inside every write. */
@Global()
@Module({
  providers: [
    RoleLookup,
    Authority,
    PlaceGate,
    // In this order: strangers are told nothing of a route.
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: UnknownQueryGuard },
  ],
  exports: [Authority, PlaceGate],
})
export class AccessModule {}
