import { Injectable } from '@nestjs/common';
import { Audit, type AuditEntry } from '@usher/audit';
import { inOneStatement, LastWrites, type Statement } from '@usher/database';
import { Outbox } from '@usher/mailer';
import type { EntityManager } from 'typeorm';
import { SessionsService } from '../../auth/sessions.service.js';
import { mayRedirectTo } from '../../platform/platform.entity.js';
import { MyMembershipsService } from '../../projects/my-memberships.service.js';
import { UsersService } from '../../users/users.service.js';
import { acceptedEvent } from '../invitation-audit.js';
import type { InvitationDto } from '../invitation.dto.js';
import { InvitationRepository } from '../invitation.repository.js';
import type { AcceptedDto } from '../invitee.dto.js';
import type { AcceptContext } from './accept-context.js';
import { GivenGrants } from './given-grants.js';

/** A person who has no account yet; names that are left out are as the inviter typed them. */
export interface Newcomer {
  givenName?: string | null;
  familyName?: string | null;
  /** Null: a password reset sets the first one. */
  passwordHash: string | null;
}

/** Somebody who is let in: what is written for them, and the session that an account made now begins with. */
interface Entrant {
  userId: string;
  statements: Statement[];
  events: AuditEntry[];
  session?: AcceptedDto['session'];
}

/** What is written of an acceptance: nothing where it is repeated. */
export interface AcceptedBy {
  userId: string;
  session?: AcceptedDto['session'];
  writes: Statement[];
}

/** An invitation after its acceptance. */
export interface AcceptedInvitation extends Pick<AcceptContext, 'platform' | 'grants'> {
  invitation: InvitationDto;
}

/** Writes an acceptance, and reads what it answers. */
@Injectable()
export class AcceptWrites {
  constructor(
    private readonly invitations: InvitationRepository,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly memberships: MyMembershipsService,
    private readonly grants: GivenGrants,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  save(tx: EntityManager, context: AcceptContext, newcomer: Newcomer): AcceptedBy {
    const { invitation, caller } = context;
    const entrant = caller ? { userId: caller.id, statements: [], events: [] } : this.account(tx, context, newcomer);
    const { userId, session } = entrant;
    const given = this.grants.to(userId, context);
    const writes = [
      ...entrant.statements,
      ...given.statements,
      this.invitations.accept(invitation.id, userId),
      this.outbox.cancelling([invitation.id]),
      this.audit.recording(tx, [...entrant.events, ...given.events, acceptedEvent(invitation, userId)]),
    ];
    return { userId, session, writes: [inOneStatement(writes)] };
  }

  /** The answer to the person who accepted: what they are a member of now. */
  answer({ invitation, platform }: AcceptContext, { userId, session, writes }: AcceptedBy): LastWrites<AcceptedDto> {
    const { organisationId, redirectUrl } = invitation;
    const read = organisationId ? [this.memberships.inOrganisation(userId, organisationId)] : [];
    return new LastWrites([...writes, ...read], (rows) => ({
      memberships: organisationId ? this.memberships.read(rows[writes.length] as { shown: string }[]) : [], // as: of `inOrganisation`
      // An origin may have been taken off the platform's list since.
      redirectUrl: redirectUrl !== null && mayRedirectTo(platform, redirectUrl) ? redirectUrl : null,
      ...(session ? { session } : {}),
    }));
  }

  /** The invitation as inviters see it afterwards. */
  invitation({ invitation, platform, grants }: AcceptContext, { writes }: AcceptedBy): LastWrites<AcceptedInvitation> {
    return new LastWrites([...writes, this.invitations.show([invitation.id])], (rows) => {
      const [shown] = this.invitations.readShown(rows[writes.length]);
      return { platform, grants, invitation: shown };
    });
  }

  /** A link that was shown to its inviter may have been opened by anybody: it proves nothing about the address. */
  private account(tx: EntityManager, { invitation, grants, now }: AcceptContext, newcomer: Newcomer): Entrant {
    const { passwordHash, givenName = invitation.givenName, familyName = invitation.familyName } = newcomer;
    const { email, linkShown } = invitation;
    const platformRole = grants.platformRole ?? 'MEMBER';
    const person = { email, givenName, familyName, passwordHash, platformRole, emailVerified: !linkShown };
    const { id: userId, insert, event } = this.users.newUser(tx, person, now);
    if (passwordHash === null) return { userId, statements: [insert], events: [event] };
    const session = this.sessions.newSession(tx, userId, now);
    return {
      userId,
      statements: [insert, session.insert],
      events: [event, session.event],
      session: { token: session.token, expiresAt: session.expiresAt },
    };
  }
}
