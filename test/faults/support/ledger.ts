import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { newAddress } from '../../support/factories.js';
import type { ServerProcess } from '../../support/server-process.js';
import type { Cluster } from './cluster.js';

const AT_ONCE = 8;
/** What an honest server in trouble says: come again. */
const COME_AGAIN = ['database_unavailable', 'overloaded', 'not_ready'];

/** Asks for invitations until each is answered, as a good client does; and compares what was promised with what there is. */
export class Ledger {
  /** Invitation ids by address. */
  readonly acknowledged = new Map<string, string>();
  readonly counts = { asked: 0, answered503: 0, unanswered: 0 };
  /** Answers that no fault excuses. */
  readonly wrong: unknown[] = [];

  private readonly organisationId: string;

  constructor(
    private readonly cluster: Cluster,
    /** Who is asked next. */
    private readonly choose: () => ServerProcess | undefined = () => cluster.next(),
  ) {
    this.organisationId = cluster.organisationId;
  }

  async invite(count: number, pause = 0): Promise<void> {
    const addresses = Array.from({ length: count }, () => newAddress());
    const work = async (): Promise<void> => {
      for (let email = addresses.pop(); email; email = addresses.pop()) {
        while (!(await this.ask(email))) await delay(50);
        await delay(pause);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Whether there is an answer that settles it. */
  private async ask(email: string): Promise<boolean> {
    const server = this.choose();
    if (!server) return false;
    this.counts.asked += 1;
    const answer = await this.cluster.invite(server, email).catch(() => null); // it died, or does not listen
    if (!answer) this.counts.unanswered += 1;
    if (answer?.status === 503 && COME_AGAIN.includes(answer.body.code) && answer.headers.get('retry-after')) {
      this.counts.answered503 += 1;
      return false;
    }
    // It had been made, when its answer was lost.
    const id =
      answer?.status === 201 ? answer.body.id : answer?.body.code === 'invitation_pending' && answer.body.invitationId;
    if (id) this.acknowledged.set(email, id);
    else if (answer) this.wrong.push(answer.body);
    return Boolean(answer);
  }

  /** Waits until all mail has left; asserts that nothing was lost or invented. */
  async compare({ duplicatesAtMost }: { duplicatesAtMost: number }) {
    expect(this.wrong).toEqual([]);
    await this.untilAllMailHasLeft();
    const { rows: all } = await this.cluster.sql.query<{ id: string; email: string; organisation_id: string }>(
      'SELECT id, email, organisation_id FROM invitations',
    );
    const rows = all.filter((row) => row.organisation_id === this.organisationId);
    const stored = new Map(rows.map(({ id, email }) => [email, id]));
    const anybody = new Set(all.map(({ email }) => email));
    const mails = this.cluster.inbox.mails.filter(({ recipients }) => stored.has(recipients[0]));
    const lost = [...this.acknowledged].filter(([email, id]) => stored.get(email) !== id);
    const invented = rows.filter(({ id, email }) => this.acknowledged.get(email) !== id);
    const withoutMail = [...stored.keys()].filter((email) => this.cluster.inbox.to(email).length === 0);
    const ofNobody = this.cluster.inbox.mails.filter(({ recipients }) => !anybody.has(recipients[0]));
    const messageIds = new Set(mails.map(({ messageId }) => messageId));
    expect({ lost, invented, withoutMail, ofNobody }).toEqual({
      lost: [],
      invented: [],
      withoutMail: [],
      ofNobody: [],
    });
    expect(messageIds.size).toBe(stored.size);
    const duplicates = mails.length - messageIds.size;
    expect(duplicates).toBeLessThanOrEqual(duplicatesAtMost);
    return {
      ...this.counts,
      acknowledged: this.acknowledged.size,
      lost: 0,
      invented: 0,
      mails: mails.length,
      duplicates,
    };
  }

  /** Waiting mails are made due at once, those that are being sent are left to who sends them. */
  private untilAllMailHasLeft(): Promise<void> {
    return eventually(async () => {
      await this.cluster.sql.query(`UPDATE mail_messages SET next_attempt_at = now() WHERE status = 'QUEUED'`);
      const { rows } = await this.cluster.sql.query(
        `SELECT count(*)::int AS open FROM mail_messages WHERE status <> 'SENT'`,
      );
      expect(rows[0].open).toBe(0);
    });
  }
}
