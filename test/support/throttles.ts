import type { INestApplication } from '@nestjs/common';
import { Throttle } from '@usher/http';
import type { DataSource } from 'typeorm';

interface Server {
  nest: INestApplication;
  dataSource: DataSource;
}

/** As ten seconds after somebody was refused. */
export function forgetOver({ nest }: Server): void {
  const { over } = nest.get(Throttle) as unknown as { over: Map<string, unknown> }; // as: nobody else looks into it
  over.clear();
}

/** All begin anew. */
export async function clearThrottles(server: Server): Promise<void> {
  await server.dataSource.query('DELETE FROM throttles');
  forgetOver(server);
}
