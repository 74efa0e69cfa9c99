import { HttpException } from '@nestjs/common';
import { problem } from '@usher/http';
import type { Place } from '../../access/caller.js';
import {
  type GrantNames,
  type Grants,
  grantsNamed,
  isSame,
  mayLink,
  namesGrants,
  namesOf,
  placeOf,
} from '../grants.js';
import type { Invitation } from '../invitation.entity.js';
import type { InviteDto } from '../invite.dto.js';
import type { Sending } from '../../plans/sending-limits.js';
import type { Existing, IssueContext } from './issue-context.js';
import type { InviteRequest, WhenPending } from './issue-request.js';

/** What a request comes to, before anything is refused. */
export class Proposal {
  /** The invitation that is sent again or changed; null: a new one. */
  readonly existing: Existing | null;
  readonly email: string;
  private resolved?: Grants | HttpException;

  /** 404 for an invitation that is not in the place, or not there any more. */
  constructor(
    readonly request: InviteRequest,
    readonly context: IssueContext,
    readonly whenPending: WhenPending,
  ) {
    this.existing = this.named ?? this.openFor(request.email ?? '');
    this.email = this.existing?.invitation.email ?? request.email ?? '';
  }

  /** What it will grant; throws 404 for a role or a project that the organisation does not have. */
  get grants(): Grants {
    this.resolved ??= this.resolve();
    if (this.resolved instanceof HttpException) throw this.resolved;
    return this.resolved;
  }

  /** Whether a link goes out: it may be refused for what it is sent for. */
  get sends(): boolean {
    const { existing, whenPending } = this;
    if (!existing || whenPending !== 'change') return true;
    return !existing.invitation.isOpen || !this.isSame;
  }

  /** Whether an invitation that is open already grants the same. */
  get isSame(): boolean {
    return this.existing !== null && this.existing.invitation.isOpen && isSame(this.grants, this.existing.grants);
  }

  /** Another invitation for the same address in the same place that has not ended, though it may have lapsed. */
  get other(): Invitation | null {
    const pending = this.context.pending.get(this.email)?.invitation;
    return pending && pending.id !== this.existing?.invitation.id ? pending : null;
  }

  /** What it changes of an invitation that exists; one that was found by its address keeps all but the names. */
  get changes(): InvitationFields {
    const { email: _email, expiresInHours, ...said } = fieldsOf(this.request);
    if (this.request.invitationId) return { ...said, ...(expiresInHours ? { expiryHours: expiresInHours } : {}) };
    const { givenName, familyName } = said;
    return { ...(givenName ? { givenName } : {}), ...(familyName ? { familyName } : {}) };
  }

  get isMailed(): boolean {
    const { existing, request, changes } = this;
    const sendEmail = existing ? (changes.sendEmail ?? existing.invitation.sendEmail) : request.sendEmail;
    return sendEmail !== false && this.context.isMailOpen;
  }

  /** Whether the caller sees the link if no mail takes it. */
  get showsLink(): boolean {
    return !this.isMailed && this.whenPending !== 'change' && mayLink(this.context.holdings, this.context.place);
  }

  /** How it counts against the limits. */
  get sending(): Sending {
    return { email: this.email, reachesSomebody: this.isMailed || this.showsLink };
  }

  /** It is done: the address has a seat, and the sending counts. */
  admit(): void {
    if (!this.sends) return;
    this.context.seats.take(this.email);
    this.context.allowance.take(this.sending);
  }

  private get named(): Existing | null {
    const { invitationId } = this.request;
    if (!invitationId) return null;
    const named = this.context.existing.get(invitationId);
    if (!named || !isIn(this.context.place, placeOf(named.invitation)))
      throw problem(404, 'not_found', 'There is nothing here that you may see.');
    return named;
  }

  private openFor(email: string): Existing | null {
    const pending = this.context.pending.get(email);
    return pending?.invitation.isOpen ? pending : null;
  }

  private resolve(): Grants | HttpException {
    const { request, context } = this;
    const asked = typeof request.grants === 'function' ? request.grants(context.catalogue) : request.grants;
    if (asked instanceof HttpException) return asked;
    return this.existing ? this.resolveFor(this.existing, asked) : this.found(asked ?? request.grantsWhenNew ?? {});
  }

  /** What a request does not name stays; one that has ended keeps what it granted, though its role may be deleted. */
  private resolveFor({ invitation, grants }: Existing, asked?: GrantNames): Grants | HttpException {
    const isNamed = asked !== undefined && namesGrants(asked);
    if (!isNamed && !invitation.canBeSent) return grants;
    const present = namesOf(grants, invitation);
    if (!isNamed) return this.found(present);
    return this.found(this.whenPending === 'change' ? withDefaults(asked, present) : asked);
  }

  private found(names: GrantNames): Grants | HttpException {
    const { place, catalogue, roleNamed } = this.context;
    if (place.type !== 'PLATFORM') return grantsNamed(place, names, catalogue.projects, roleNamed);
    return { platformRole: names.platformRole ?? 'MEMBER', role: null, projects: [] };
  }
}

type InvitationFields = Partial<
  Pick<
    Invitation,
    | 'givenName'
    | 'familyName'
    | 'message'
    | 'locale'
    | 'redirectUrl'
    | 'metadata'
    | 'sendEmail'
    | 'reminder'
    | 'expiryHours'
  >
>;

/** What the request says of the invitation itself; what it leaves out is missing. */
function fieldsOf({
  grants: _grants,
  grantsWhenNew: _new,
  mentions: _mentions,
  invitationId: _id,
  changed: _changed,
  ...fields
}: InviteRequest) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<InviteDto>; // as: some of its fields
}

const isIn = (place: Place, { organisationId, projectId }: Place): boolean =>
  place.organisationId === organisationId && place.projectId === projectId;

function withDefaults(asked: GrantNames, present: GrantNames): GrantNames {
  const { platformRole = present.platformRole, role = present.role, projects = present.projects } = asked;
  return { platformRole, role, projects };
}
