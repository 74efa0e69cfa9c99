import type { INestApplication } from '@nestjs/common';
import { Throttle } from '@usher/http';
import type { DataSource } from 'typeorm';

interface Server {
  nest: INestApplication;
  dataSource: DataSource;
}

/** As ten seconds after somebody was refused. */
export function forgetOver({ nest }: Server): void {
  nest.get<Throttle, { over: Map<string, unknown> }>(Throttle).over.clear(); // nobody else looks into it
}

/** All begin anew. */
export async function clearThrottles(server: Server): Promise<void> {
  await server.dataSource.query('DELETE FROM throttles');
  forgetOver(server);
}
