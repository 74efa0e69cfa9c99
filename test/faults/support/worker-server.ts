import { OwnPostgres } from './own-postgres.mjs';

const { FAULTS_SERVERS = '[]', JEST_WORKER_ID = '1' } = process.env;
const servers: { folder: string; port: number; url: string }[] = JSON.parse(FAULTS_SERVERS);
const { folder, port, url } = servers[Number(JEST_WORKER_ID) - 1];
process.env.TEST_SERVER = url;

/** The PostgreSQL server of this worker: what a test does to it, no other feels. */
export const postgres = new OwnPostgres(folder, port);
