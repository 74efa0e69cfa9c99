import { eventually } from '../support/eventually.js';
import { Cluster } from './support/cluster.js';
import { note } from './support/figures.js';
import { Ledger } from './support/ledger.js';

const KILLS = 20;
const INVITATIONS = 1_000;
const SHARE = INVITATIONS / KILLS;
/** Mails that one process sends at once: so many may have arrived without its knowing. */
const MAILS_AT_ONCE = 5;

describe('kill -9', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await new Cluster().open();
  });
  afterAll(() => cluster.close());

  it(`of one of two servers, ${KILLS} times while ${INVITATIONS} invitations are made: none is lost, none comes from nowhere`, async () => {
    await cluster.signIn(await cluster.start());
    await cluster.start();
    const ledger = new Ledger(cluster);
    for (let kills = 1; kills <= KILLS; kills += 1) {
      const inviting = ledger.invite(SHARE);
      const middle = (kills - 0.5) * SHARE;
      await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThanOrEqual(middle));
      await cluster.alive[0].kill();
      await Promise.all([inviting, cluster.start()]);
    }
    await Promise.all(cluster.alive.map((server) => server.kill()));
    await cluster.endLeases();
    await cluster.start();

    expect(ledger.acknowledged.size).toBe(INVITATIONS);
    note(`kill -9 of a process, ${KILLS} times`, await ledger.compare({ duplicatesAtMost: KILLS * MAILS_AT_ONCE }));
  });
});
