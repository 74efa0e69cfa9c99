import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { BackgroundWork } from './background-work.js';
import { Connections } from './connections.js';
import { Idempotency } from './idempotency.js';
import { Pages } from './pages.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestValidation } from './request-validation.pipe.js';
import { Throttle } from './throttle.js';

/** How every route answers errors, checks input, turns pages and bears being asked twice. */
@Global()
@Module({
  providers: [
    BackgroundWork,
    Connections,
    Idempotency,
    Pages,
    Throttle,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: RequestValidation },
  ],
  exports: [BackgroundWork, Connections, Idempotency, Pages, Throttle],
})
export class HttpModule {}
