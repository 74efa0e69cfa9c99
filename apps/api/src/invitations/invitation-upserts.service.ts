import { HttpException, Injectable } from '@nestjs/common';
import { DataSource, Raw } from 'typeorm';
import type { Caller } from '../access/caller.js';
import type { GrantNames, InvitationPlace } from './grants.js';
import { InvitationChangesService } from './invitation-changes.service.js';
import { Invitation } from './invitation.entity.js';
import { type Issued, InvitationsService } from './invitations.service.js';
import type { InviteDto } from './invite.dto.js';

/** Invites, or sends the open invitation of the same place and address again: for wire formats that know no conflict. */
@Injectable()
export class InvitationUpsertsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly invitations: InvitationsService,
    private readonly changes: InvitationChangesService,
  ) {}

  /**
   * Everything that is asked of a new invitation is asked here, and of the open one as well: nobody touches what grants more than they hold.
   * An open one keeps its grants when the request names none; a new one gets those in `whenNew`.
   */
  async upsert(
    caller: Caller,
    place: InvitationPlace,
    request: InviteDto & GrantNames,
    whenNew: GrantNames = {},
  ): Promise<Issued> {
    const open = await this.openFor(place, request.email);
    if (open) return this.changes.refresh(caller, open, request);
    try {
      return await this.invitations.invite(caller, place, { ...request, ...whenNew });
    } catch (error) {
      const meanwhile = isPending(error) ? await this.openFor(place, request.email) : null;
      if (!meanwhile) throw error;
      return this.changes.refresh(caller, meanwhile, request);
    }
  }

  private async openFor(place: InvitationPlace, email: string): Promise<string | null> {
    const isLive = Raw((column) => `${column} > now()`);
    const open = await this.dataSource.manager.findOne(Invitation, {
      where: { place: place.id, email, status: 'PENDING', expiresAt: isLive },
      select: { id: true },
    });
    return open?.id ?? null;
  }
}

const isPending = (error: unknown): boolean =>
  error instanceof HttpException && error.errorCode === 'invitation_pending';
