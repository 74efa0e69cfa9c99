export type Role = 'MEMBER' | 'ADMIN' | 'OWNER';
export type ProjectRole = 'VIEWER' | 'EDITOR';
export type Actor = 'owner' | 'ann' | 'bob';

/** `role` null: issued in the project, and makes at least a MEMBER. */
export interface Grants {
  role: Role | null;
  project: ProjectRole | null;
}

interface Invitation {
  address: number;
  grants: Grants;
  /** LAPSED shows as EXPIRED; it becomes that for good when a new invitation takes its place. */
  status: 'PENDING' | 'LAPSED' | 'EXPIRED' | 'ACCEPTED' | 'DECLINED' | 'REVOKED';
  reason: string | null;
  message: string | null;
  answersFor: Actor;
  /** Number of the link that works; null when nobody has seen it. */
  link: number | null;
}

type Place = Pick<Invitation, 'address' | 'grants'>;

/** Somebody at an address: what they have in the organisation and its one project. */
export interface Person {
  hasAccount: boolean;
  isVerified: boolean;
  role: Role | null;
  project: ProjectRole | null;
}

const RANKS = { MEMBER: 1, ADMIN: 2, OWNER: 3, VIEWER: 1, EDITOR: 2 };
const rank = (role: Role | ProjectRole | null): number => (role ? RANKS[role] : 0);
const higher = <R extends Role | ProjectRole>(present: R | null, granted: R | null): R | null =>
  rank(granted) > rank(present) ? granted : present;

const CLOSED = '410 invitation_closed';
const NOT_PENDING = '409 invitation_not_pending';
const isSamePlace = (a: Place, b: Place): boolean =>
  a.address === b.address && (a.grants.role === null) === (b.grants.role === null);

/** The life of invitations as DESIGN says it: every method answers what HTTP must answer, and changes what must be seen afterwards. */
export class LifeCycle {
  readonly invitations: Invitation[] = [];
  /** To which invitation each link that was ever shown belongs. */
  readonly links: number[] = [];
  readonly actors: Record<Actor, { role: Role | null; isSuspended: boolean }> = {
    owner: { role: 'OWNER', isSuspended: false },
    ann: { role: 'ADMIN', isSuspended: false },
    bob: { role: 'ADMIN', isSuspended: false },
  };

  constructor(readonly people: Person[]) {}

  invite(actor: Actor, address: number, grants: Grants): string {
    const refusal = this.refusal(actor, grants) ?? this.clash(address, grants);
    if (refusal) return refusal;
    for (const other of this.invitations.filter((each) => isSamePlace(each, { address, grants }))) {
      if (other.status === 'LAPSED') other.status = 'EXPIRED';
    }
    this.invitations.push({
      address,
      grants,
      status: 'PENDING',
      reason: null,
      message: null,
      answersFor: actor,
      link: null,
    });
    this.showLink(this.invitations.length - 1);
    return '201';
  }

  resend(actor: Actor, id: number): string {
    const refusal = this.reissue(actor, id, this.invitations[id].grants);
    if (refusal) return refusal;
    this.showLink(id);
    return '200';
  }

  /** Changed grants, and a life that was over, kill the link, and the new one is not shown. */
  change(actor: Actor, id: number, { message, ...grants }: Partial<Grants> & { message?: string }): string {
    const invitation = this.invitations[id];
    const after = { ...invitation.grants, ...grants };
    const isSame = after.role === invitation.grants.role && after.project === invitation.grants.project;
    const keepsLink = isSame && invitation.status === 'PENDING';
    const refusal = keepsLink ? this.refusal(actor, after) : this.reissue(actor, id, after);
    if (refusal) return refusal;
    Object.assign(invitation, { answersFor: actor, message: message ?? invitation.message });
    return '200';
  }

  revoke(actor: Actor, id: number): string {
    const refusal = this.refusal(actor, this.invitations[id].grants);
    if (refusal) return refusal;
    return this.end(id, 'REVOKED', 'revoked') ? '204' : NOT_PENDING;
  }

  lookup = (link: number): string => (this.isOpen(this.behind(link)) ? '200' : CLOSED);

  decline = (link: number): string => (this.end(this.behind(link), 'DECLINED') ? '204' : CLOSED);

  declineMine(by: number, id: number): string {
    if (!this.isMine(by, id)) return '404 not_found';
    return this.end(id, 'DECLINED') ? '204' : CLOSED;
  }

  acceptMine(by: number, id: number): string {
    if (!this.isMine(by, id)) return '404 not_found';
    return this.isReplay(by, id) ? '200' : this.enter(id);
  }

  /** `by` null: not signed in. */
  accept(link: number, by: number | null): string {
    const id = this.behind(link);
    if (by !== null && this.isReplay(by, id)) return '200';
    if (!this.isOpen(id)) return CLOSED;
    const { address } = this.invitations[id];
    if (by !== null) return by === address ? this.enter(id) : '403 wrong_account';
    return this.people[address].hasAccount ? '401 sign_in_required' : this.enter(id);
  }

  mine = (by: number): number[] => this.ids().filter((id) => this.isOpen(id) && this.isMine(by, id));

  lapse(id: number): void {
    if (this.isOpen(id)) this.invitations[id].status = 'LAPSED';
  }

  /** Loss of rights withdraws what an inviter answers for and could no longer send. */
  setActor(actor: Actor, change: { role?: Role | null; isSuspended?: boolean }): void {
    Object.assign(this.actors[actor], change);
    for (const id of this.ids()) {
      const { answersFor, grants } = this.invitations[id];
      if (answersFor === actor && this.refusal(actor, grants)) this.withdraw(id, 'inviter_lost_rights');
    }
  }

  /** Removes what was still open for them there: in all of the organisation, or in its project. */
  removePerson(address: number, from: 'organisation' | 'project'): string {
    const person = this.people[address];
    if (!person[from === 'organisation' ? 'role' : 'project']) return '404 not_found';
    Object.assign(person, from === 'organisation' ? { role: null, project: null } : { project: null });
    for (const id of this.ids()) {
      const { grants, ...invitation } = this.invitations[id];
      const isConcerned = invitation.address === address && (from === 'organisation' || grants.project);
      if (isConcerned) this.withdraw(id, 'invitee_lost_rights');
    }
    return '204';
  }

  private refusal(actor: Actor, ...granted: Grants[]): string | null {
    const { role, isSuspended } = this.actors[actor];
    if (!role) return '404 not_found';
    if (isSuspended) return '403 membership_suspended';
    if (role === 'MEMBER') return '403 forbidden';
    return granted.some((grants) => rank(grants.role) > rank(role)) ? '403 above_ceiling' : null;
  }

  /** One open invitation per address and place, and none that gives nothing. */
  private clash(address: number, grants: Grants, except = -1): string | null {
    const { role, project } = this.people[address];
    const isInProjectAnyway = rank(role) >= RANKS.ADMIN || rank(project) >= rank(grants.project);
    if (role && rank(role) >= rank(grants.role) && isInProjectAnyway) return '409 already_member';
    const isTaken = this.ids().some((id) => {
      const isInTheWay = this.isOpen(id);
      return id !== except && isInTheWay && isSamePlace(this.invitations[id], { address, grants });
    });
    return isTaken ? '409 invitation_pending' : null;
  }

  private reissue(actor: Actor, id: number, grants: Grants): string | null {
    const invitation = this.invitations[id];
    const canBeSent = ['PENDING', 'LAPSED', 'EXPIRED'].includes(invitation.status);
    const refusal =
      this.refusal(actor, invitation.grants, grants) ??
      (canBeSent ? this.clash(invitation.address, grants, id) : NOT_PENDING);
    if (!refusal) Object.assign(invitation, { grants, status: 'PENDING', answersFor: actor, link: null });
    return refusal;
  }

  /** All that is granted or nothing; a role is replaced by a higher one only. */
  private enter(id: number): string {
    const { address, answersFor, grants } = this.invitations[id];
    if (this.refusal(answersFor, grants) || !this.end(id, 'ACCEPTED')) return CLOSED;
    const person = this.people[address];
    person.hasAccount = true;
    person.role = higher(person.role, grants.role ?? 'MEMBER');
    person.project = higher(person.project, grants.project);
    return '200';
  }

  private end(id: number, status: Invitation['status'], reason: string | null = null): boolean {
    if (!this.isOpen(id)) return false;
    Object.assign(this.invitations[id], { status, reason });
    return true;
  }

  private withdraw(id: number, reason: string): void {
    if (this.isOpen(id)) Object.assign(this.invitations[id], { status: 'REVOKED', reason });
  }

  private showLink(id: number): void {
    this.invitations[id].link = this.links.push(id) - 1;
  }

  /** The invitation that a link still belongs to; -1 when it was replaced. */
  private behind(link: number): number {
    const id = this.links[link];
    return this.invitations[id].link === link ? id : -1;
  }

  private isMine = (by: number, id: number): boolean =>
    this.people[by].isVerified && this.invitations[id].address === by;

  private isReplay = (by: number, id: number): boolean =>
    this.invitations[id]?.status === 'ACCEPTED' && this.invitations[id].address === by && this.people[by].role !== null;

  private isOpen = (id: number): boolean => this.invitations[id]?.status === 'PENDING';

  private ids = (): number[] => [...this.invitations.keys()];
}
