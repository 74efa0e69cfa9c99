import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The database's migrations, by which it is seen whether the database can be used. */
@Injectable()
export class MigrationRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Fails on a standby and on a database that is closed to writing; it reads and writes nothing itself. */
  async requireWritable(): Promise<void> {
    await this.dataSource.query('SELECT FROM migrations WHERE false FOR SHARE');
  }

  arePending(): Promise<boolean> {
    return this.dataSource.showMigrations();
  }
}
