import type { Area } from './notation.js';

export const LISTS: Area = {
  title: 'what everybody with a credential may ask',
  because: `
    The list of organisations shows each their own, to a key its one; platform staff see all.
    The names of the permissions are no secret.`,
  table: `
                        nobody credential
    GET /organisations  401    200
    GET /permissions    401    200
  `,
};

export const PLATFORM: Area = {
  title: 'the platform',
  because: `
    Platform ADMINs may do everything; OPERATORs see everything, and manage no people, keys or settings.
    What somebody may do in an organisation gives them nothing here.
    Organisations are made by ADMINs, unless the settings let everyone; a key says who will own it.`,
  table: `
                                              nobody other OPERATOR ADMIN
    GET    /platform                          401    403   200      200
    PATCH  /platform                          401    403   403      200
    GET    /platform/invitations              401    403   200      200
    POST   /platform/invitations              401    403   403      201
    GET    /platform/api-keys                 401    403   403      200
    POST   /platform/api-keys                 401    403   403      201
    DELETE /platform/api-keys/{key}           401    403   403      204
    GET    /platform/audit-events             401    403   200      200
    POST   /organisations (naming its owner)  401    403   403      201
  `,
};

export const STAFF_KEYS: Area = {
  title: 'organisations without a named owner',
  because: `A person who makes an organisation owns it. A key cannot own one: it must say who will.`,
  table: `
                                           nobody other OPERATOR ADMIN. ADMIN-key
    POST /organisations (naming no owner)  401    403   403      201    400
  `,
};

export const USERS: Area = {
  title: 'the accounts of people',
  because: `Platform staff see them, platform ADMINs change and erase them.`,
  table: `
                          nobody other OPERATOR ADMIN
    GET    /users         401    403   200      200
    GET    /users/{user}  401    403   200      200
    PATCH  /users/{user}  401    403   403      200
    DELETE /users/{user}  401    403   403      204
  `,
};

export const HEALTH: Area = {
  title: 'running it',
  because: `Load balancers have no credential; Prometheus has METRICS_TOKEN, where one is set; in production nobody reads metrics without. Nobody reports mail events unless MAIL_EVENTS_SECRET is set, which is not an account's.`,
  table: `
                       everyone
    GET  /healthz      200
    GET  /readyz       200
    GET  /metrics      200
    POST /mail-events  404
  `,
};
