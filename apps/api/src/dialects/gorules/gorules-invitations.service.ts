import { Injectable } from '@nestjs/common';
import { problem } from '@usher/http';
import type { Caller } from '../../access/caller.js';
import { organisationPlace, projectPlace } from '../../invitations/grants.js';
import type { InvitationDto } from '../../invitations/invitation.dto.js';
import { InvitationViewRepository } from '../../invitations/invitation-view.repository.js';
import { IssueInvitations } from '../../invitations/issue/issue-invitations.js';
import type { Outcome } from '../../invitations/issue/issue-outcome.js';
import { MembersService } from '../../organisations/members.service.js';
import type { GorulesInvitationDto } from './gorules.dto.js';
import { invitationOfMember, invitationSent } from './gorules-mapping.js';

/** Turns "this user" and "these addresses" into invitations. */
@Injectable()
export class GorulesInvitationsService {
  constructor(
    private readonly invitations: IssueInvitations,
    private readonly reader: InvitationViewRepository,
    private readonly members: MembersService,
  ) {}

  /** The newest invitation of the invited user decides. */
  async send(caller: Caller, organisationId: string, userId: string): Promise<GorulesInvitationDto> {
    const newest = await this.reader.newestOf(organisationId, userId);
    if (!newest) await this.members.get(organisationId, userId);
    if (!newest || newest.status === 'ACCEPTED') throw alreadyAccepted();
    if (!canBeSent(newest)) throw problem(404, 'not_found', 'This user is not invited any more. Invite them anew.');
    const request = { invitationId: newest.id, sendEmail: true };
    const [grant] = newest.projects;
    const isToProject = newest.type === 'PROJECT' && grant !== undefined;
    const place = isToProject ? projectPlace(organisationId, grant.projectId) : organisationPlace(organisationId);
    const { invitation } = await this.invitations.issueOne(caller, place, request, { whenPending: 'resend' });
    return invitationSent(invitation);
  }

  /** In order: what was done stays done when a later one is refused. */
  async invite(caller: Caller, organisationId: string, emails: string[]): Promise<GorulesInvitationDto[]> {
    const requests = [...new Set(emails)].map((email) => ({ email, grantsWhenNew: { role: 'MEMBER' } }));
    const options = { whenPending: 'resend', untilRefused: true } as const;
    const outcomes = await this.invitations.issue(caller, organisationPlace(organisationId), requests, options);
    const members = await this.membersAmong(organisationId, outcomes);
    return outcomes.map(({ request: { email = '' }, invitation, problem: refusal }) => {
      const shown = invitation ? invitationSent(invitation) : members.get(email);
      if (!shown) throw refusal ?? new Error(`${email} was neither invited nor refused`);
      return shown;
    });
  }

  /** Who is in already is shown by the invitation that they accepted, or as a member who needed none. */
  private async membersAmong(organisationId: string, outcomes: Outcome[]): Promise<Map<string, GorulesInvitationDto>> {
    const isMember = ({ problem: refusal }: Outcome): boolean => refusal?.errorCode === 'already_member';
    const emails = outcomes.filter(isMember).flatMap(({ request: { email = [] } }) => email);
    if (emails.length === 0) return new Map();
    const memberships = await this.members.withAddresses(organisationId, emails);
    const accepted = await this.reader.newestAccepted(organisationId, emails);
    return new Map(
      memberships.map((membership) => {
        const { email } = membership.user;
        const invitation = accepted.get(email);
        return [email, invitation ? invitationSent(invitation) : invitationOfMember(membership)];
      }),
    );
  }
}

const canBeSent = ({ status }: InvitationDto): boolean => status === 'PENDING' || status === 'EXPIRED';

const alreadyAccepted = () =>
  problem(409, 'invitation_not_pending', 'This user has accepted already. There is nothing left to send.');
