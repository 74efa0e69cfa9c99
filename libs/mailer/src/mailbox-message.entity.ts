import { createdAt } from '@usher/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A mail that would have left if there were SMTP, whole and encrypted: it holds a working link. */
@Entity('mailbox_messages')
@Index('mailbox_messages_age', ['createdAt'])
export class MailboxMessage {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'mailbox_messages_pkey' })
  id: string;

  @Column({ type: 'bytea' })
  sealed: Buffer;

  @Column(createdAt)
  createdAt: Date;
}
