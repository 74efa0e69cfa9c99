import type { HttpException } from '@nestjs/common';
import type { Place } from '../../access/caller.js';
import type { Project } from '../../projects/project.entity.js';
import type { Role } from '../../organisations/role.entity.js';
import type { GrantNames } from '../grants.js';
import type { InviteDto } from '../invite.dto.js';

/** What an organisation has to grant, for requests that name it in words of their own. */
export interface Catalogue {
  /** Every role that can be given. */
  roles: readonly Role[];
  /** By id, in lower case. */
  projects: ReadonlyMap<string, Project>;
  /** By `externalId` or id; several where a word means several. */
  projectsCalled(key: string): readonly Project[];
}

/** Names what is granted once the catalogue is known; the refusal of what nothing is called. */
export type NameGrants = (catalogue: Catalogue) => GrantNames | HttpException;

/** What is asked of `issue` for one address. */
export interface InviteRequest extends Partial<InviteDto> {
  /** An invitation that exists, in place of an address: it is sent again or changed. */
  invitationId?: string;
  /** Left out: an invitation that exists keeps what it grants. */
  grants?: GrantNames | NameGrants;
  /** What a new invitation grants where `grants` are left out. */
  grantsWhenNew?: GrantNames;
  /** With a function as `grants`: what the catalogue must have, if the organisation has it. Names or ids of roles, ids or `externalId`s of projects. */
  mentions?: { roles: readonly string[] | 'all'; projects: readonly string[] };
  /** Names of the fields that a change gives, for the audit. */
  changed?: readonly string[];
}

/** What an invitation that exists means: one that is named, or that is open for the address in the same place. */
export type WhenPending =
  /** 409 `invitation_pending`. */
  | 'refuse'
  /** Sends it again, with a new link. */
  | 'resend'
  /** Sends it again if it is to grant something else; otherwise there is nothing to do. */
  | 'resend-if-changed'
  /** Changes it; a new link only where what it grants changes, or where it had lapsed. */
  | 'change';

export interface IssueOptions {
  whenPending: WhenPending;
  /** Decides, and writes and sends nothing. */
  dryRun?: boolean;
  /** Requests that follow the first refused one are left out. */
  untilRefused?: boolean;
}

/** What has to be read to decide over requests. */
export interface Asked {
  place: Place;
  emails: string[];
  invitationIds: string[];
  /** Keys and ids of roles, in lower case; null: every role of the organisation. */
  roles: string[] | null;
  /** Ids of projects in lower case, and whatever else they are called. */
  projects: string[];
}

export function askedOf(place: Place, requests: readonly InviteRequest[]): Asked {
  const mentions = requests.map(mentionsOf);
  const roles = mentions.flatMap((each) => (each.roles === 'all' ? [] : each.roles));
  const projects = [...mentions.flatMap((each) => each.projects), ...(place.projectId ? [place.projectId] : [])];
  return {
    place,
    emails: requests.flatMap(({ email }) => email ?? []),
    invitationIds: requests.flatMap(({ invitationId }) => invitationId ?? []),
    roles: mentions.some((each) => each.roles === 'all') ? null : distinct(roles.map(lower)),
    projects: distinct(projects.flatMap((key) => [key, lower(key)])),
  };
}

function mentionsOf({ grants, grantsWhenNew, mentions }: InviteRequest): Required<InviteRequest>['mentions'] {
  if (mentions) return mentions;
  const names = [grants, grantsWhenNew].filter((each): each is GrantNames => typeof each === 'object');
  const granted = names.flatMap(({ projects = [] }) => projects);
  return {
    roles: [...names.flatMap(({ role = [] }) => role), ...granted.map(({ role }) => role)],
    projects: granted.map(({ projectId }) => projectId),
  };
}

const lower = (text: string): string => text.toLowerCase();
const distinct = (texts: string[]): string[] => [...new Set(texts)];
