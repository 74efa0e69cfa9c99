import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

/** The database's clock, which decides when something expires: those of replicas and clients may differ. */
@Injectable()
export class DatabaseClock {
  constructor(private readonly dataSource: DataSource) {}

  /** Inside a transaction, give its `tx`: the moment at which it began. To the millisecond. */
  async now(tx: EntityManager = this.dataSource.manager): Promise<Date> {
    const [{ now }]: [{ now: Date }] = await tx.query('SELECT now()::timestamptz(3) AS now');
    return now;
  }
}
