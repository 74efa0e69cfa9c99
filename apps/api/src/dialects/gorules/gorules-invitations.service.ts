import { HttpException, Injectable } from '@nestjs/common';
import { problem } from '@usher/http';
import type { Caller } from '../../access/caller.js';
import { InvitationChangesService } from '../../invitations/invitation-changes.service.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { InvitationReader } from '../../invitations/invitation-reader.js';
import { InvitationUpsertsService } from '../../invitations/invitation-upserts.service.js';
import { MembersService } from '../../organisations/members.service.js';
import type { GorulesInvitationDto } from './gorules.dto.js';
import { invitationOfMember, invitationSent } from './gorules-mapping.js';

/** Turns "this user" and "these addresses" into invitations. */
@Injectable()
export class GorulesInvitationsService {
  constructor(
    private readonly upserts: InvitationUpsertsService,
    private readonly changes: InvitationChangesService,
    private readonly reader: InvitationReader,
    private readonly members: MembersService,
  ) {}

  /** The newest invitation of the invited user decides. */
  async send(caller: Caller, organisationId: string, userId: string): Promise<GorulesInvitationDto> {
    const newest = await this.reader.newestOf(organisationId, userId);
    if (!newest) await this.members.get(organisationId, userId);
    if (!newest || newest.status === 'ACCEPTED') throw alreadyAccepted();
    if (!canBeSent(newest)) throw problem(404, 'not_found', 'This user is not invited any more. Invite them anew.');
    await this.changes.resend(caller, newest.id, true);
    return invitationSent(await this.reader.get(newest.id));
  }

  /** One after the other, in order: what was done stays done when a later one is refused. */
  async invite(caller: Caller, organisationId: string, emails: string[]): Promise<GorulesInvitationDto[]> {
    const invitations: GorulesInvitationDto[] = [];
    for (const email of new Set(emails)) invitations.push(await this.inviteOne(caller, organisationId, email));
    return invitations;
  }

  private async inviteOne(caller: Caller, organisationId: string, email: string): Promise<GorulesInvitationDto> {
    const accepted = await this.ofMember(organisationId, email);
    if (accepted) return accepted;
    const place = { type: 'ORGANISATION', id: organisationId, organisationId } as const;
    try {
      const { invitationId } = await this.upserts.upsert(caller, place, { email }, { role: 'MEMBER' });
      return invitationSent(await this.reader.get(invitationId));
    } catch (error) {
      // They joined at this moment.
      const meanwhile = isAlreadyMember(error) ? await this.ofMember(organisationId, email) : null;
      if (!meanwhile) throw error;
      return meanwhile;
    }
  }

  private async ofMember(organisationId: string, email: string): Promise<GorulesInvitationDto | null> {
    const membership = await this.members.withAddress(organisationId, email);
    if (!membership) return null;
    const accepted = await this.reader.newest({ organisationId, email, status: 'ACCEPTED' });
    return accepted ? invitationSent(accepted) : invitationOfMember(membership);
  }
}

const canBeSent = ({ status }: InvitationDto): boolean => status === 'PENDING' || status === 'EXPIRED';

const isAlreadyMember = (error: unknown): boolean =>
  error instanceof HttpException && error.errorCode === 'already_member';

const alreadyAccepted = () =>
  problem(409, 'invitation_not_pending', 'This user has accepted already. There is nothing left to send.');
