import { AUTH, ME } from './policy/auth.policy.js';
import { GORULES } from './policy/gorules.policy.js';
import {
  INVITATIONS,
  INVITATIONS_OF_A_PROJECT,
  INVITATIONS_TO_THE_PLATFORM,
  INVITEE,
} from './policy/invitations.policy.js';
import { DEEPSET } from './policy/deepset.policy.js';
import { KEYS, TRAIL } from './policy/keys.policy.js';
import { MEMBERS, ONESELF, ORGANISATION } from './policy/organisations.policy.js';
import { HEALTH, LISTS, PLATFORM, STAFF_KEYS, USERS } from './policy/platform.policy.js';
import { LEAVING_A_PROJECT, PROJECT, PROJECTS } from './policy/projects.policy.js';
import { BUILT_IN_ROLES, ROLES } from './policy/roles.policy.js';
import { WIREMOCK } from './policy/wiremock.policy.js';
import { ACTIVEPIECES, ACTIVEPIECES_ACCEPT, ACTIVEPIECES_OF_THE_PLATFORM } from './policy/activepieces.policy.js';
import { type Area, read } from './policy/notation.js';

/*
 * WHO MAY DO WHAT
 *
 * Each table below is one part of the API. A line is a request, a column is who makes it, a cell is the answer.
 * Every cell is tried over HTTP by policy.e2e-spec.ts: a valid request, for things that exist.
 *
 *   200 201 202 204   it is done
 *   401   who are you?                no valid credential was sent
 *   404   there is no such thing      what belongs to others looks as if it did not exist
 *   403   you may not                 known here, but the role does not permit it
 *   403m  your membership is suspended
 *   403s  sign in                     for a person with a session; keys cannot do it
 *   403c  above the ceiling           nobody gives, takes or touches what they do not hold themselves
 *   403o  nobody changes their own role
 *   403b  built-in roles cannot be changed
 *   403w  the invitation is for somebody else
 *   401a  there is an account for this address: sign in with it
 *   400   the request says too little
 *   401k 401t 403d 403a 404e   as 401, 401a, 403, 403 on the platform and 404, in the words of Activepieces
 *   -     makes no sense for them
 *
 * Words in brackets behind a line tell one case of a request from another. The organisation and the project of a line
 * are always the same ones, "this" organisation and "this" project of it; "elsewhere" is another organisation.
 */

/** Everybody who calls. */
export const ACTORS = [
  'nobody',
  'a person suspended on the platform',
  'a revoked key',
  'an expired key',
  'an owner elsewhere',
  'an admin elsewhere',
  'a member elsewhere',
  'a suspended member',
  'a member',
  "another project's admin",
  "another project's editor",
  "another project's viewer",
  "this project's viewer",
  "this project's editor",
  "this project's admin",
  'an admin',
  'an owner',
  'a platform OPERATOR',
  'a platform ADMIN',
  'an organisation key elsewhere, ADMIN',
  'an organisation key, MEMBER',
  'an organisation key, ADMIN',
  "an admin's personal key",
  'a platform key, OPERATOR',
  'a platform key, ADMIN',
] as const;
export type Actor = (typeof ACTORS)[number];

const NOBODY: Actor[] = ['nobody', 'a person suspended on the platform', 'a revoked key', 'an expired key'];
const PEOPLE_ELSEWHERE: Actor[] = ['an owner elsewhere', 'an admin elsewhere', 'a member elsewhere'];
const OTHER_PROJECTS_PEOPLE: Actor[] = [
  "another project's admin",
  "another project's editor",
  "another project's viewer",
];
const THIS_PROJECTS_PEOPLE: Actor[] = ["this project's viewer", "this project's editor", "this project's admin"];
const PLAIN_MEMBERS: Actor[] = ['a member', ...OTHER_PROJECTS_PEOPLE, ...THIS_PROJECTS_PEOPLE];
const ORGANISATION_KEYS: Actor[] = [
  'an organisation key elsewhere, ADMIN',
  'an organisation key, MEMBER',
  'an organisation key, ADMIN',
];
const PLATFORM_KEYS: Actor[] = ['a platform key, OPERATOR', 'a platform key, ADMIN'];
const WITHOUT_PLATFORM_ROLE: Actor[] = [
  ...PEOPLE_ELSEWHERE,
  'a suspended member',
  ...PLAIN_MEMBERS,
  'an admin',
  'an owner',
];
const PEOPLE: Actor[] = [...WITHOUT_PLATFORM_ROLE, 'a platform OPERATOR', 'a platform ADMIN'];

/**
 * The headings of the columns, and for whom each stands; in every table everybody stands in one column.
 * A key is judged as a person with its role would be: an organisation key in its own organisation alone,
 * a personal key as its owner.
 */
export const COLUMNS: Readonly<Record<string, readonly Actor[]>> = {
  everyone: ACTORS,
  nobody: NOBODY,
  credential: ACTORS.filter((actor) => !NOBODY.includes(actor)),

  // In an organisation, and in one of its projects.
  stranger: [...PEOPLE_ELSEWHERE, 'an organisation key elsewhere, ADMIN'],
  suspended: ['a suspended member'],
  member: [...PLAIN_MEMBERS, 'an organisation key, MEMBER'],
  outside: ['a member', ...OTHER_PROJECTS_PEOPLE, 'an organisation key, MEMBER'],
  viewer: ["this project's viewer"],
  editor: ["this project's editor"],
  'its-admin': ["this project's admin"],
  admin: ['an admin', 'an organisation key, ADMIN', "an admin's personal key"],
  owner: ['an owner'],
  OPERATOR: ['a platform OPERATOR', 'a platform key, OPERATOR'],
  ADMIN: ['a platform ADMIN', 'a platform key, ADMIN'],

  // Where no organisation is named: who has no platform role.
  other: [...WITHOUT_PLATFORM_ROLE, ...ORGANISATION_KEYS, "an admin's personal key"],

  // Where it matters who is a person: with a dot, the people of a column without its keys.
  person: PEOPLE,
  'personal-key': ["an admin's personal key"],
  key: [...ORGANISATION_KEYS, ...PLATFORM_KEYS],
  'stranger.': PEOPLE_ELSEWHERE,
  'member.': PLAIN_MEMBERS,
  'outside.': ['a member', ...OTHER_PROJECTS_PEOPLE],
  'admin.': ['an admin', "an admin's personal key"],
  'OPERATOR.': ['a platform OPERATOR'],
  'ADMIN.': ['a platform ADMIN'],
  'ADMIN-key': ['a platform key, ADMIN'],
};

const AREAS: readonly Area[] = [
  ...[AUTH, ME, LISTS, PLATFORM, STAFF_KEYS, USERS],
  ...[ORGANISATION, MEMBERS, ONESELF, ROLES, BUILT_IN_ROLES, KEYS, TRAIL],
  ...[PROJECTS, PROJECT, LEAVING_A_PROJECT],
  ...[INVITATIONS, INVITATIONS_OF_A_PROJECT, INVITATIONS_TO_THE_PLATFORM, INVITEE, HEALTH],
  WIREMOCK,
  ...[ACTIVEPIECES, ACTIVEPIECES_OF_THE_PLATFORM, ACTIVEPIECES_ACCEPT],
  ...[GORULES],
  DEEPSET,
];

export const POLICY = AREAS.map((area) => read(area, COLUMNS));
