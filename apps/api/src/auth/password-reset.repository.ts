import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { flush, Housekeeping, sql } from '@usher/database';
import { type EntityManager, Raw, Repository } from 'typeorm';
import { PasswordReset } from './password-reset.entity.js';

/** Open password resets, as rows. */
@Injectable()
export class PasswordResetRepository implements OnModuleInit {
  constructor(
    @InjectRepository(PasswordReset) private readonly resets: Repository<PasswordReset>,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register('expired password resets', { table: 'password_resets', where: 'expires_at <= now()' });
  }

  /** The address of the person whom the token was mailed to. */
  async addressOf(tokenHash: Buffer): Promise<string | undefined> {
    const expiresAt = Raw((column) => `${column} > now()`);
    const reset = await this.resets.findOne({ where: { tokenHash, expiresAt }, relations: { user: true } });
    return reset?.user?.email;
  }

  /** Lock the account first: a person has one reset at most. Answers the id of the one before, if any, and when the new one expires. */
  async replace(
    tx: EntityManager,
    { id, userId, tokenHash }: Pick<PasswordReset, 'id' | 'userId' | 'tokenHash'>,
    validMinutes: number,
  ): Promise<{ replacedId: string | null; expiresAt: Date }> {
    const [[replaced], [{ expiresAt }]] = await flush(tx, [
      sql<{ id: string } | undefined>(DELETE_OF_USER, [userId]),
      sql<{ expiresAt: Date }>(INSERT, [id, userId, tokenHash, validMinutes]),
    ]);
    return { replacedId: replaced?.id ?? null, expiresAt };
  }

  /** Whoever deletes the row uses the token: a second request finds none. Answers whose it was, null when it is not open. */
  async use(tx: EntityManager, tokenHash: Buffer): Promise<string | null> {
    const [[used]] = await flush(tx, [sql<{ userId: string } | undefined>(USE, [tokenHash])]);
    return used?.userId ?? null;
  }
}

const DELETE_OF_USER = 'DELETE FROM password_resets WHERE user_id = $1 RETURNING id';
const INSERT = `
  INSERT INTO password_resets (id, user_id, token_hash, expires_at)
  VALUES ($1, $2, $3, now() + make_interval(mins => $4)) RETURNING expires_at AS "expiresAt"`;
const USE = 'DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > now() RETURNING user_id AS "userId"';
